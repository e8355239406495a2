//! A plain graph with probabilities as an estate and a policy, so that textbook examples run on the library's own code.
//!
//! Every node is a system of which only the `data` layer matters; every distinct probability is a level of the policy
//! and a connection kind of its own with one rule from `data` to `data`. Nothing resists, detects or climbs, so that
//! an arc's factor is its probability. A seed is a `data` layer without controls, its severity the threat of its facing.

use crate::world::{POLICY, World, policy};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use weaklink::catalog::{ConnectionKind, End, Layer, Policy};
use weaklink::graph::{ExposureGraph, Semiring, State, solve};

/// An edge: from, to, probability.
pub(crate) type Edge<'a> = (&'a str, &'a str, f64);

const FACINGS: [&str; 3] = ["internet", "partner", "internal"];

pub(crate) struct PathGraph {
    pub(crate) model: String,
    pub(crate) policy: Policy,
}

impl PathGraph {
    /// At most 12 distinct probabilities and 3 distinct seeds fit.
    pub(crate) fn new(nodes: &[&str], edges: &[Edge<'_>], seeds: &[(&str, f64)]) -> Self {
        let kinds: Vec<&str> = ConnectionKind::IDS.iter().copied().filter(|id| *id != "peers").collect();
        let mut factors: Vec<f64> = edges.iter().map(|edge| edge.2).collect();
        factors.sort_by(f64::total_cmp);
        factors.dedup();
        assert!(factors.len() <= kinds.len() && seeds.len() <= FACINGS.len(), "the graph does not fit");
        let kind_of = |factor: f64| kinds[factors.iter().position(|known| *known == factor).expect("a known factor")];

        let mut text = POLICY.clone();
        text["levels"] = factors.iter().map(|&factor| (kind_of(factor).to_owned(), json!(factor))).collect::<Map<_, _>>().into();
        text["climb"] = json!([]);
        text["cross"] = factors
            .iter()
            .map(|&factor| {
                let kind = kind_of(factor);
                json!({ "kind": kind, "from": "data", "to": "data", "level": kind, "direction": "forward", "why": "an edge" })
            })
            .collect();
        for key in ["resist", "detect", "floor"] {
            text[key] = json!(0);
        }
        for (facing, seed) in FACINGS.iter().zip(seeds) {
            text["threat"][*facing] = json!(seed.1);
        }

        let implemented: Map<String, Value> =
            Layer::IDS.iter().map(|layer| ((*layer).to_owned(), json!({ "status": "implemented" }))).collect();
        let system = |node: &&str| match seeds.iter().position(|seed| seed.0 == *node) {
            Some(seed_ix) => {
                json!({ "id": node, "model": "on-premises", "facing": FACINGS[seed_ix], "layers": { "data": { "status": "not-implemented" } } })
            }
            None => json!({ "id": node, "model": "on-premises", "facing": "isolated" }),
        };
        let model = json!({
            "weaklink": 1,
            "parties": [{ "id": "acme", "kind": "customer" }],
            "systems": nodes.iter().map(system).collect::<Vec<_>>(),
            "connections": edges.iter().map(|edge| json!({ "from": edge.0, "to": edge.1, "kind": kind_of(edge.2) })).collect::<Vec<_>>(),
            "rules": [{ "match": {}, "owner": "acme", "criticality": "crown-jewel", "layers": implemented }],
        });
        Self { model: model.to_string(), policy: policy(&text) }
    }

    /// The same with every edge in both directions.
    pub(crate) fn undirected(nodes: &[&str], edges: &[Edge<'_>], seeds: &[(&str, f64)]) -> Self {
        let both: Vec<Edge<'_>> = edges.iter().flat_map(|&(from, to, factor)| [(from, to, factor), (to, from, factor)]).collect();
        Self::new(nodes, &both, seeds)
    }

    pub(crate) fn world(&self) -> World<'_> {
        World::of_texts(&[&self.model], &self.policy)
    }
}

/// A node's state.
pub(crate) fn node(world: &World<'_>, name: &str) -> State {
    world.state(name, Layer::Data)
}

/// The value of every node in a semiring, from the seeds.
pub(crate) fn values(graph: &ExposureGraph<'_>, semiring: Semiring) -> BTreeMap<String, f64> {
    let values = solve(graph, &graph.gap_seeds(End::High), semiring, End::High);
    let systems = graph.estate.systems().iter().zip(graph.estate.system_ixs());
    systems.map(|(system, system_ix)| (system.id.clone(), values[State::new(system_ix, Layer::Data).index()])).collect()
}
