//! The library's results in the shape of the specification, section 12, for comparison with references.

use serde_json::{Value, json};
use weaklink::analysis::{self, Attribution, BlastRadius, SystemPosture, Target};
use weaklink::catalog::{BasisPoints, Cell, Interval, points};
use weaklink::coverage::LayerCoverage;
use weaklink::estate::{Owner, PartyIx, SystemIx};
use weaklink::graph::{ExposureGraph, Semiring, State};

/// The default threshold.
pub(crate) const THRESHOLD: BasisPoints = BasisPoints(2_000);

/// The whole answer of `score`.
pub(crate) fn score(graph: &ExposureGraph<'_>) -> Value {
    let score = analysis::score(graph, THRESHOLD, Attribution::Full, &|_, _| ());
    let system = |system: &SystemPosture| {
        let layers: Vec<Value> = graph.states_of(system.system).map(|state| layer(graph, state, score.posture.exposure(state))).collect();
        json!({
            "id": graph.estate.system(system.system).id,
            "criticality": interval(system.criticality),
            "exposure": interval(system.exposure),
            "own": interval(system.own),
            "inherited": interval(system.inherited),
            "risk": interval(system.risk),
            "impact": sums(score.impacts[&system.system]),
            "layers": layers,
        })
    };
    json!({
        "posture": { "low": score.posture.posture.low, "high": score.posture.posture.high },
        "risk_points": sums(score.posture.risk_points),
        "systems": score.posture.systems.iter().map(system).collect::<Vec<_>>(),
        "gaps": score.gaps.iter().map(|gap| {
            let reach = gap.reach.expect("attribution is full");
            json!({
                "system": graph.estate.system(gap.state.system()).id,
                "layer": gap.state.layer().id(),
                "kind": gap.kind.id(),
                "severity": bp(gap.severity.high),
                "blast": { "systems": reach.systems, "criticality": points(reach.criticality) },
                "downstream": points(reach.downstream),
                "marginal": points(gap.marginal),
                "share": points(reach.share.expect("attribution is full")),
            })
        }).collect::<Vec<_>>(),
    })
}

/// What each party generates and suffers, with the flow between them.
pub(crate) fn parties(graph: &ExposureGraph<'_>) -> Value {
    let score = analysis::score(graph, THRESHOLD, Attribution::Full, &|_, _| ());
    let name = |party: Option<PartyIx>| party.map(|party_ix| graph.estate.party(party_ix).id.clone());
    let rows = score.parties.iter().map(|party| {
        json!({
            "id": name(party.party),
            "generated": party.generated.map(points),
            "suffered": sums(party.suffered),
            "flow": party.flow.iter().map(|&(to, share)| json!({ "to": name(to), "share": points(share) })).collect::<Vec<_>>(),
        })
    });
    Value::Array(rows.collect())
}

fn layer(graph: &ExposureGraph<'_>, state: State, exposure: Interval) -> Value {
    let coverage = graph.coverage.layer(state.system(), state.layer()).expect("the layer exists");
    json!({
        "layer": state.layer().id(),
        "cell": coverage.cell.id(),
        "owner": declared(graph, state, &coverage),
        "verdict": coverage.ownership.verdict.id(),
        "control": interval(coverage.control),
        "coverage": interval(coverage.coverage),
        "severity": interval(coverage.severity),
        "gap": coverage.gap.map(weaklink::catalog::GapKind::id),
        "exposure": interval(exposure),
    })
}

/// The declared owner: the layer's, else on a customer's layer the system's.
fn declared(graph: &ExposureGraph<'_>, state: State, coverage: &LayerCoverage) -> Option<String> {
    let system = graph.estate.system(state.system());
    let name = |party_ix: PartyIx| graph.estate.party(party_ix).id.clone();
    match system.layer(state.layer()).claim.as_ref().and_then(|claim| claim.stated.owner) {
        Some(Owner::Nobody) => Some("nobody".to_owned()),
        Some(Owner::Party(party_ix)) => Some(name(party_ix)),
        None if coverage.cell == Cell::Customer => system.owner.map(name),
        None => None,
    }
}

/// The answer of `blast` for a target, at the default threshold, `path` as states.
pub(crate) fn blast(graph: &ExposureGraph<'_>, target: &str) -> Value {
    let radius = radius(graph, target);
    let states = radius.states.iter().map(|exposed| {
        let path = radius.path(exposed.state);
        let start = path.first().map_or(exposed.state, |arc| arc.from);
        let visited = std::iter::once(start).chain(path.iter().map(|arc| arc.to));
        json!({
            "system": graph.estate.system(exposed.state.system()).id,
            "layer": exposed.state.layer().id(),
            "exposure": interval(exposed.exposure),
            "hops": exposed.hops,
            "path": visited.map(|state| name(graph, state)).collect::<Vec<_>>(),
        })
    });
    json!({ "target": target, "threshold": THRESHOLD, "states": states.collect::<Vec<_>>() })
}

/// What a blast radius rolls up, with the connection and rule of every step.
pub(crate) fn roll_up(graph: &ExposureGraph<'_>, target: &str) -> Value {
    let radius = radius(graph, target);
    let connection = |ix| graph.estate.connection(ix).id.clone();
    let system = |ix: SystemIx| graph.estate.system(ix).id.clone();
    json!({
        "systems": radius.systems.iter().map(|s| json!([system(s.system), interval(s.exposure), name(graph, s.worst), s.hops])).collect::<Vec<_>>(),
        "parties": radius.parties.iter().map(|p| json!([graph.estate.party(p.party).id, interval(p.exposure), p.layers])).collect::<Vec<_>>(),
        "connections": radius.connections.iter().map(|c| json!([connection(c.connection), bp(c.exposure), c.systems])).collect::<Vec<_>>(),
        "steps": radius.states.iter().map(|exposed| {
            let steps = radius.path(exposed.state);
            json!(steps.iter().map(|arc| json!([name(graph, arc.to), arc.connection.map(connection), arc.rule.0])).collect::<Vec<_>>())
        }).collect::<Vec<_>>(),
    })
}

/// The reverse of a blast radius, with the path from every state.
pub(crate) fn exposed_to(graph: &ExposureGraph<'_>, target: &str) -> Value {
    let target = Target::parse(graph, target).expect("the target is there");
    let exposure = analysis::exposure_of(graph, target, Semiring::Product, THRESHOLD);
    let states = exposure.states.iter().map(|exposed| {
        let path: Vec<String> = exposure.path(exposed.state).iter().map(|arc| name(graph, arc.to)).collect();
        json!([name(graph, exposed.state), interval(exposed.exposure), exposed.hops, path])
    });
    Value::Array(states.collect())
}

fn radius<'g>(graph: &'g ExposureGraph<'g>, target: &str) -> BlastRadius<'g> {
    let target = Target::parse(graph, target).unwrap_or_else(|error| panic!("{target}: {error:?}"));
    analysis::blast_radius(graph, target, Semiring::Product, THRESHOLD)
}

/// Every system and every layer as the texts of targets.
pub(crate) fn targets(graph: &ExposureGraph<'_>) -> Vec<String> {
    let systems = graph.estate.systems().iter().map(|system| system.id.clone());
    systems.chain(graph.states().map(|state| name(graph, state))).collect()
}

/// Everything that any question answers about an estate.
pub(crate) fn everything(graph: &ExposureGraph<'_>) -> Value {
    let of_targets = targets(graph).into_iter().map(
        |target| json!({ "blast": blast(graph, &target), "roll_up": roll_up(graph, &target), "exposed_to": exposed_to(graph, &target) }),
    );
    json!({ "score": score(graph), "parties": parties(graph), "targets": of_targets.collect::<Vec<_>>() })
}

pub(crate) fn name(graph: &ExposureGraph<'_>, state: State) -> String {
    format!("{}:{}", graph.estate.system(state.system()).id, state.layer())
}

fn bp(value: f64) -> u16 {
    BasisPoints::of(value).0
}

fn interval(interval: Interval) -> Value {
    json!({ "low": bp(interval.low), "high": bp(interval.high) })
}

fn sums(interval: Interval) -> Value {
    json!({ "low": points(interval.low), "high": points(interval.high) })
}
