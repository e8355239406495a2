//! JSON of `why-not`.

use super::{PolicyUsed, analysis_date};
use crate::analysis::{self, Answer, LetGoAlone};
use crate::catalog::{BasisPoints, ControlStatus, Layer, Strength};
use crate::estate::SystemIx;
use crate::graph::{Arc, ExposureGraph, Hold, State, TransferRule};
use crate::report::pages::hold_kind;
use schemars::JsonSchema;
use serde::Serialize;

/// Why one thing does not expose another. Figures are those of the high end.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WhyNot {
    /// `weaklink/why-not/1`.
    pub schema: &'static str,
    /// The policy used.
    pub policy: PolicyUsed,
    /// The analysis date, if any evidence is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// What would fail, as asked.
    pub from: String,
    /// What would be exposed, as asked.
    pub to: String,
    /// Exposure at or above which it counts as exposed.
    pub threshold: BasisPoints,
    /// How exposed it is.
    pub exposure: BasisPoints,
    /// exposed: it is; held: something holds; too-far: nothing would hold, and the best path is too weak; no-way: no
    /// connection leads there.
    pub answer: &'static str,
    /// Where exposed the path; else the best one if nothing held anywhere.
    pub path: Vec<PlainStep>,
    /// The exposure if nothing held anywhere; null where it is exposed.
    pub unheld: Option<BasisPoints>,
    /// What alone exposes it when it is let go; most exposed first.
    pub load_bearing: Vec<HoldEntry>,
    /// What else holds on the best path, and is not enough alone; most exposed first.
    pub beside: Vec<HoldEntry>,
    /// Where nothing is load-bearing: one smallest set on the best path, with the exposure when all of it is let go.
    pub together: Vec<HoldEntry>,
    /// How many less promising holds were not let go.
    pub untried: usize,
    /// Where no connection leads there: ids of the other systems that can be exposed.
    pub reached: Vec<String>,
    /// Where no connection leads there: ids of the other systems that could expose it.
    pub reaching: Vec<String>,
}

/// A state on a path.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlainStep {
    /// The system's id.
    pub system: String,
    /// The layer.
    pub layer: Layer,
    /// The connection crossed, or `climb` inside a system; null for the first state.
    pub via: Option<String>,
}

/// What holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HoldEntry {
    /// What it is: coverage, control, boundary, profile or copy.
    pub kind: &'static str,
    /// Of coverage and a boundary: the system.
    pub system: Option<String>,
    /// Of coverage: the layer; of a boundary and a profile: the layer that would be entered.
    pub layer: Option<Layer>,
    /// Of a boundary and a profile: the layer that would be left.
    pub from_layer: Option<Layer>,
    /// Of a control, a copy, and a boundary between systems: the connection.
    pub connection: Option<String>,
    /// Of a control: its class.
    pub class: Option<String>,
    /// Of a control: its strength.
    pub strength: Option<Strength>,
    /// Of a control: its status.
    pub status: Option<ControlStatus>,
    /// Of a boundary and a profile: the number of the rule.
    pub rule: Option<u16>,
    /// The exposure when it is let go.
    pub exposure: BasisPoints,
}

/// JSON of a why-not between two targets, given with the names that they were asked by.
pub fn why_not(graph: &ExposureGraph<'_>, found: &analysis::WhyNot, (from, to): (&str, &str)) -> WhyNot {
    let mut json = WhyNot {
        schema: "weaklink/why-not/1",
        policy: PolicyUsed::of(graph.policy),
        as_of: analysis_date(graph),
        from: from.to_owned(),
        to: to.to_owned(),
        threshold: found.threshold,
        exposure: BasisPoints::of(found.exposure),
        answer: "held",
        path: Vec::new(),
        unheld: None,
        load_bearing: Vec::new(),
        beside: Vec::new(),
        together: Vec::new(),
        untried: 0,
        reached: Vec::new(),
        reaching: Vec::new(),
    };
    let ids = |systems: &[SystemIx]| systems.iter().map(|&system_ix| graph.estate.system(system_ix).id.clone()).collect();
    match &found.answer {
        Answer::Exposed(start, path) => (json.answer, json.path) = ("exposed", steps(graph, *start, path)),
        Answer::Held(held) => {
            let entries = |list: &[LetGoAlone]| list.iter().map(|alone| hold(graph, *alone)).collect();
            (json.load_bearing, json.beside) = (entries(&held.load_bearing), entries(&held.beside));
            let together =
                held.together.iter().flat_map(|(set, exposure)| set.iter().map(|&hold| LetGoAlone { hold, exposure: *exposure }));
            json.together = entries(&together.collect::<Vec<_>>());
            (json.path, json.unheld) = (steps(graph, held.start, &held.path), Some(BasisPoints::of(held.unheld)));
            json.untried = held.untried;
        }
        Answer::TooFar(start, path, unheld) => {
            (json.answer, json.path, json.unheld) = ("too-far", steps(graph, *start, path), Some(BasisPoints::of(*unheld)));
        }
        Answer::NoWay { reached, reaching } => {
            (json.answer, json.unheld) = ("no-way", Some(BasisPoints(0)));
            (json.reached, json.reaching) = (ids(reached), ids(reaching));
        }
    }
    json
}

fn steps(graph: &ExposureGraph<'_>, start: State, arcs: &[Arc]) -> Vec<PlainStep> {
    let step =
        |state: State, via: Option<String>| PlainStep { system: graph.estate.system(state.system()).id.clone(), layer: state.layer(), via };
    let via =
        |arc: &Arc| arc.connection.map_or_else(|| "climb".to_owned(), |connection_ix| graph.estate.connection(connection_ix).id.clone());
    std::iter::once(step(start, None)).chain(arcs.iter().map(|arc| step(arc.to, Some(via(arc))))).collect()
}

fn hold(graph: &ExposureGraph<'_>, LetGoAlone { hold, exposure }: LetGoAlone) -> HoldEntry {
    let bare = HoldEntry {
        kind: hold_kind(hold),
        system: None,
        layer: None,
        from_layer: None,
        connection: None,
        class: None,
        strength: None,
        status: None,
        rule: None,
        exposure: BasisPoints::of(exposure),
    };
    let system = |state: State| Some(graph.estate.system(state.system()).id.clone());
    let connection = |connection_ix| Some(graph.estate.connection(connection_ix).id.clone());
    match hold {
        Hold::Layer(state) => HoldEntry { system: system(state), layer: Some(state.layer()), ..bare },
        Hold::Control(connection_ix, control) => {
            let control = &graph.estate.connection(connection_ix).controls[control];
            let (class, strength, status) = (Some(control.class.clone()), Some(control.strength), Some(control.status));
            HoldEntry { connection: connection(connection_ix), class, strength, status, ..bare }
        }
        Hold::Boundary(arc) => HoldEntry {
            system: system(arc.to),
            layer: Some(arc.to.layer()),
            from_layer: Some(arc.from.layer()),
            connection: arc.connection.and_then(connection),
            rule: Some(arc.rule.0),
            ..bare
        },
        Hold::Rule(rule) => {
            let (from_layer, layer) = match graph.rule(rule) {
                TransferRule::Climb(climb) => (climb.from, climb.to),
                TransferRule::Cross(cross) => (cross.from, cross.to),
            };
            HoldEntry { layer: Some(layer), from_layer: Some(from_layer), rule: Some(rule.0), ..bare }
        }
        Hold::Copy(connection_ix) => HoldEntry { connection: connection(connection_ix), ..bare },
    }
}
