//! JSON of `blast`, `exposed` and `why`.

use super::{PolicyUsed, analysis_date, bp};
use crate::analysis::{self, AttackPath, BlastRadius, ExposedState, ExposedSystem, Exposure};
use crate::catalog::{BasisPoints, End, Layer, Published};
use crate::graph::{Arc, ExposureGraph, Semiring, State, TransferRule};
use schemars::JsonSchema;
use serde::Serialize;

/// What is exposed if a target fails wholly.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Blast {
    /// `weaklink/blast/1`.
    pub schema: &'static str,
    /// The policy used.
    pub policy: PolicyUsed,
    /// The analysis date, if any evidence is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// The target, as asked.
    pub target: String,
    /// Exposure at or above which a state is listed.
    pub threshold: BasisPoints,
    /// The semiring of the values: product, bottleneck or reach.
    pub semiring: &'static str,
    /// Exposed systems.
    pub systems: Vec<SystemEntry>,
    /// Ids of the systems that are reached, but only below the threshold.
    pub below: Vec<String>,
    /// Exposed states, each with its witness path.
    pub states: Vec<StateEntry>,
    /// Parties accountable for exposed layers.
    pub parties: Vec<PartyEntry>,
    /// Connections that the witness paths cross.
    pub connections: Vec<ConnectionEntry>,
}

/// Everything whose failure would reach a target.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Exposed {
    /// `weaklink/exposed/1`.
    pub schema: &'static str,
    /// The policy used.
    pub policy: PolicyUsed,
    /// The analysis date, if any evidence is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// The target, as asked.
    pub target: String,
    /// Exposure at or above which a state is listed.
    pub threshold: BasisPoints,
    /// The semiring of the values: product, bottleneck or reach.
    pub semiring: &'static str,
    /// Systems whose failure would reach the target; `exposure` is the target's then.
    pub systems: Vec<SystemEntry>,
    /// States whose failure would reach the target, each with its best path to it.
    pub states: Vec<StateEntry>,
}

/// The best paths between two targets.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Why {
    /// `weaklink/why/1`.
    pub schema: &'static str,
    /// The policy used.
    pub policy: PolicyUsed,
    /// The analysis date, if any evidence is dated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Where paths start, as asked.
    pub from: String,
    /// Where paths end, as asked.
    pub to: String,
    /// The semiring of the values: product, bottleneck or reach.
    pub semiring: &'static str,
    /// For `reach`: the factor at or above which an arc counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<BasisPoints>,
    /// The paths, best first.
    pub paths: Vec<PathEntry>,
}

/// An exposed system.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SystemEntry {
    /// Its id.
    pub id: String,
    /// The largest exposure of its layers.
    pub exposure: Published<BasisPoints>,
    /// Its most exposed layer.
    pub layer: Layer,
    /// Arcs of that layer's witness path.
    pub hops: u32,
}

/// An exposed state.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StateEntry {
    /// Its system's id.
    pub system: String,
    /// Its layer.
    pub layer: Layer,
    /// How exposed it is.
    pub exposure: Published<BasisPoints>,
    /// Arcs of the path.
    pub hops: u32,
    /// The path, its first state without `via` and `factor`.
    pub path: Vec<Step>,
}

/// A state on a path, with how the path came into it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Step {
    /// The system's id.
    pub system: String,
    /// The layer.
    pub layer: Layer,
    /// The connection crossed, or `climb` inside a system; null for the first state.
    pub via: Option<String>,
    /// The factor of the arc on the high end; null for the first state.
    pub factor: Option<BasisPoints>,
}

/// A path with every factor explained.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PathEntry {
    /// The value of the path.
    pub exposure: Published<BasisPoints>,
    /// Number of arcs.
    pub hops: usize,
    /// The states, in order.
    pub steps: Vec<ExplainedStep>,
}

/// A state on a path, with the parts of the factor that the path came by.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExplainedStep {
    /// The system's id.
    pub system: String,
    /// The layer.
    pub layer: Layer,
    /// The connection crossed, or `climb` inside a system; null for the first state.
    pub via: Option<String>,
    /// The factor of the arc; null for the first state.
    pub factor: Option<Published<BasisPoints>>,
    /// The parts of the factor; null for the first state.
    pub because: Option<Because>,
}

/// The parts of a factor: `level × max(floor, (resistance × barrier) × detection)`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Because {
    /// The number of the rule: climb table, then cross table.
    pub rule: u16,
    /// The rule's level.
    pub level: String,
    /// The rule's reason.
    pub why: String,
    /// What the destination layer lets through; 10000 on `certain` arcs.
    pub resistance: Published<BasisPoints>,
    /// What the connection's controls let through.
    pub barrier: Published<BasisPoints>,
    /// What the source's monitoring lets through.
    pub detection: Published<BasisPoints>,
}

/// A party with exposed layers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PartyEntry {
    /// Its id.
    pub id: String,
    /// The largest exposure of its layers.
    pub exposure: Published<BasisPoints>,
    /// How many of its layers are exposed.
    pub layers: usize,
}

/// A connection that witness paths cross.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ConnectionEntry {
    /// Its id.
    pub id: String,
    /// The largest exposure behind it, on the high end.
    pub exposure: BasisPoints,
    /// How many exposed systems lie behind it.
    pub systems: usize,
}

/// JSON of a blast radius.
pub fn blast(graph: &ExposureGraph<'_>, radius: &BlastRadius<'_>, target: &str, semiring: &'static str) -> Blast {
    Blast {
        schema: "weaklink/blast/1",
        policy: PolicyUsed::of(graph.policy),
        as_of: analysis_date(graph),
        target: target.to_owned(),
        threshold: radius.threshold,
        semiring,
        systems: systems(graph, &radius.systems),
        below: radius.below.iter().map(|&system_ix| graph.estate.system(system_ix).id.clone()).collect(),
        states: states(graph, &radius.states, |state| radius.path(state)),
        parties: radius
            .parties
            .iter()
            .map(|party| PartyEntry { id: graph.estate.party(party.party).id.clone(), exposure: bp(party.exposure), layers: party.layers })
            .collect(),
        connections: radius
            .connections
            .iter()
            .map(|crossed| ConnectionEntry {
                id: graph.estate.connection(crossed.connection).id.clone(),
                exposure: BasisPoints::of(crossed.exposure),
                systems: crossed.systems,
            })
            .collect(),
    }
}

/// JSON of an exposure.
pub fn exposed(graph: &ExposureGraph<'_>, exposure: &Exposure, target: &str, semiring: &'static str) -> Exposed {
    Exposed {
        schema: "weaklink/exposed/1",
        policy: PolicyUsed::of(graph.policy),
        as_of: analysis_date(graph),
        target: target.to_owned(),
        threshold: exposure.threshold,
        semiring,
        systems: systems(graph, &exposure.systems),
        states: states(graph, &exposure.states, |state| exposure.path(state)),
    }
}

/// JSON of the best paths between two targets.
pub fn why(graph: &ExposureGraph<'_>, paths: &[AttackPath], (from, to): (&str, &str), semiring: Semiring) -> Why {
    let (semiring, threshold) = match semiring {
        Semiring::Product => ("product", None),
        Semiring::Bottleneck => ("bottleneck", None),
        Semiring::Reach { threshold } => ("reach", Some(threshold)),
    };
    Why {
        schema: "weaklink/why/1",
        policy: PolicyUsed::of(graph.policy),
        as_of: analysis_date(graph),
        from: from.to_owned(),
        to: to.to_owned(),
        semiring,
        threshold,
        paths: paths.iter().map(|path| path_entry(graph, path)).collect(),
    }
}

fn systems(graph: &ExposureGraph<'_>, systems: &[ExposedSystem]) -> Vec<SystemEntry> {
    systems
        .iter()
        .map(|exposed| SystemEntry {
            id: graph.estate.system(exposed.system).id.clone(),
            exposure: bp(exposed.exposure),
            layer: exposed.worst.layer(),
            hops: exposed.hops,
        })
        .collect()
}

fn states(graph: &ExposureGraph<'_>, states: &[ExposedState], path: impl Fn(State) -> Vec<Arc>) -> Vec<StateEntry> {
    states
        .iter()
        .map(|exposed| {
            let arcs = path(exposed.state);
            let start = arcs.first().map_or(exposed.state, |arc| arc.from);
            StateEntry {
                system: graph.estate.system(exposed.state.system()).id.clone(),
                layer: exposed.state.layer(),
                exposure: bp(exposed.exposure),
                hops: exposed.hops,
                path: steps(graph, start, &arcs),
            }
        })
        .collect()
}

/// The states of a path, the first without `via` and `factor`.
pub(super) fn steps(graph: &ExposureGraph<'_>, start: State, arcs: &[Arc]) -> Vec<Step> {
    let first = Step { system: graph.estate.system(start.system()).id.clone(), layer: start.layer(), via: None, factor: None };
    let rest = arcs.iter().map(|arc| Step {
        system: graph.estate.system(arc.to.system()).id.clone(),
        layer: arc.to.layer(),
        via: Some(via(graph, arc)),
        factor: Some(BasisPoints::of(graph.factor(arc, End::High).value)),
    });
    std::iter::once(first).chain(rest).collect()
}

fn via(graph: &ExposureGraph<'_>, arc: &Arc) -> String {
    arc.connection.map_or_else(|| "climb".to_owned(), |connection_ix| graph.estate.connection(connection_ix).id.clone())
}

fn path_entry(graph: &ExposureGraph<'_>, path: &analysis::AttackPath) -> PathEntry {
    let start = ExplainedStep {
        system: graph.estate.system(path.start.system()).id.clone(),
        layer: path.start.layer(),
        via: None,
        factor: None,
        because: None,
    };
    let steps = path.arcs.iter().map(|arc| {
        let (low, high) = (graph.factor(arc, End::Low), graph.factor(arc, End::High));
        let both = |low: f64, high: f64| Published { low: BasisPoints::of(low), high: BasisPoints::of(high) };
        let rule: TransferRule<'_> = graph.rule(arc.rule);
        ExplainedStep {
            system: graph.estate.system(arc.to.system()).id.clone(),
            layer: arc.to.layer(),
            via: Some(via(graph, arc)),
            factor: Some(both(low.value, high.value)),
            because: Some(Because {
                rule: arc.rule.0,
                level: rule.level().name.clone(),
                why: rule.why().to_owned(),
                resistance: both(low.resistance, high.resistance),
                barrier: both(low.barrier, high.barrier),
                detection: both(low.detection, high.detection),
            }),
        }
    });
    PathEntry {
        exposure: Published { low: BasisPoints::of(path.low), high: BasisPoints::of(path.high) },
        hops: path.arcs.len(),
        steps: std::iter::once(start).chain(steps).collect(),
    }
}
