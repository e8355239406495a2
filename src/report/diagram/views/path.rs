//! The picture of one path: a card per state, from what fails down to what is reached, each factor on its arc.

use super::exposure_badge;
use crate::analysis::AttackPath;
use crate::catalog::{BasisPoints, End, Interval, Published};
use crate::graph::{ExposureGraph, Semiring, State};
use crate::report::diagram::labels::Labels;
use crate::report::diagram::picture::{Badge, Card, Flow, Frame, Key, Link, Picture, Tone};
use crate::report::page::interval;
use crate::report::pages::{self, count};

/// How the first target exposes the second: the best path, or that there is none.
pub fn path(
    graph: &ExposureGraph<'_>,
    best: Option<&AttackPath>,
    (from, to): (&str, &str),
    semiring: Semiring,
    labels: &dyn Labels,
) -> Picture {
    let mut picture = Picture {
        question: format!("How does {from} expose {to}?"),
        answer: format!("It does not: no path leads from {from} to {to}"),
        groups: Vec::new(),
        cards: Vec::new(),
        links: Vec::new(),
        notes: Vec::new(),
        basis: pages::policy_line(graph, semiring).text(),
        legend: Vec::new(),
        flow: Flow::Down,
    };
    let Some(best) = best else { return picture };
    picture.answer = format!(
        "{} in {}, on the best path",
        interval(Published::of(Interval::new(best.low, best.high))),
        count(best.arcs.len(), "step", "steps")
    );
    picture.cards.push(card(graph, best.start, None, labels));
    let mut value = Interval::ONE;
    for (at, arc) in best.arcs.iter().enumerate() {
        let (low, high) = (graph.factor(arc, End::Low), graph.factor(arc, End::High));
        value = Interval::new(semiring.extend(value.low, low.value), semiring.extend(value.high, high.value));
        picture.cards.push(card(graph, arc.to, Some(value), labels));
        let verb = match arc.connection {
            None => "inside the system".to_owned(),
            Some(connection) if graph.estate.connection(connection).from == arc.from.system() => labels.connection(graph, connection),
            Some(connection) => format!("{} (back)", labels.connection(graph, connection)),
        };
        let factor = interval(Published::<BasisPoints>::of(Interval::new(low.value, high.value)));
        picture.links.push(Link {
            from: at,
            from_row: None,
            to: at + 1,
            to_row: None,
            kind: arc.connection.map(|connection| graph.estate.connection(connection).kind),
            tone: Tone::Path(BasisPoints::of(high.value)),
            label: format!("{verb} × {factor}"),
            detail: vec![pages::factor_line(graph, arc, low, high).text(), graph.rule(arc.rule).why().to_owned()],
            both_ways: false,
        });
    }
    picture.legend = [Key::Heat].into_iter().chain(Key::lines(&picture.links)).collect();
    picture.notes =
        vec!["Exposure below is exposure above × factor; factor = level × max(floor, resistance × barrier × detection).".to_owned()];
    picture
}

fn card(graph: &ExposureGraph<'_>, state: State, exposure: Option<Interval>, labels: &dyn Labels) -> Card {
    Card {
        title: format!("{}:{}", labels.title(graph, state.system()), state.layer()),
        name: labels.name(graph, state.system()),
        badge: Some(exposure.map_or(Badge { text: "fails".to_owned(), heat: None }, exposure_badge)),
        frame: if exposure.is_none() { Frame::Origin } else { Frame::Plain },
        ..Card::default()
    }
}
