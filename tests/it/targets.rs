//! Targets and roll-ups: what a question is about, and what its answer says of systems, parties and connections.

use crate::answers::{self, name};
use crate::laws::{cases, connected, estate};
use crate::oracle::Reference;
use crate::world::{CONTROLS, POLICY, Random, SERVICES, World};
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use weaklink::analysis::{self, Attribution, Target, TargetError};
use weaklink::catalog::{BasisPoints, ControlCatalog, End, GapKind, Interval, Layer};
use weaklink::graph::{ExposureGraph, Semiring, State, solve};

fn named(graph: &ExposureGraph<'_>, states: &[State]) -> Vec<String> {
    states.iter().map(|&state| name(graph, state)).collect()
}

/// The states that the oracle's `holds` picks, as names.
fn wanted(reference: &Reference<'_>, holds: impl Fn(usize) -> bool) -> Vec<String> {
    let states = reference.states.iter().enumerate().filter(|(v, _)| holds(*v));
    states.map(|(_, state)| format!("{}:{}", reference.id(state.system), reference.layers[state.layer])).collect()
}

/// Whether a party's failure is a state's: it is accountable, or owns a half of a split, valid or not.
fn answers_for(reference: &Reference<'_>, v: usize, party: &str) -> bool {
    let state = &reference.states[v];
    let split = &reference.systems[state.system]["layers"][&reference.layers[state.layer]]["split"];
    let has_half = ["customer", "provider"].iter().any(|side| split[*side]["owner"] == party);
    has_half || reference.accountable(v).iter().any(|of| of == party)
}

fn hull_of_maxima(intervals: impl Iterator<Item = Interval>) -> Option<Interval> {
    intervals.reduce(|left, right| Interval::new(left.low.max(right.low), left.high.max(right.high)))
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn a_target_stands_for_the_states_that_the_oracle_names(model in estate()) {
        let reference = Reference::new(&model, &POLICY, &SERVICES, &CONTROLS, "2026-11-01");
        let world = World::of(&model);
        let graph = world.graph();
        let check = |text: &str, states: Vec<String>| {
            match Target::parse(&graph, text) {
                Ok(target) => prop_assert_eq!(named(&graph, &target.states(&graph)), states, "{}", text),
                Err(error) => prop_assert!(states.is_empty() && error == TargetError::Empty { text: text.to_owned() }, "{text}: {error:?}"),
            }
            Ok(())
        };
        for party in world.estate.parties() {
            check(&format!("party:{}", party.id), wanted(&reference, |v| answers_for(&reference, v, &party.id)))?;
        }
        for kind in GapKind::IDS {
            check(&format!("gap:{kind}"), wanted(&reference, |v| reference.states[v].gap == Some(*kind)))?;
        }
        for control in ControlCatalog::shipped().controls() {
            check(&format!("control:{}", control.id), wanted(&reference, |v| reference.claims(v, &control.id)))?;
        }
        for system in world.estate.systems() {
            check(&system.id, wanted(&reference, |v| reference.id(reference.states[v].system) == system.id))?;
        }
        for connection in world.estate.connections() {
            let [from, to] = [connection.from, connection.to].map(weaklink::estate::SystemIx::index);
            let enters = |a: usize, b: usize| (a, b) == (from, to) || (connection.kind.id() == "peers" && (a, b) == (to, from));
            let entered: BTreeSet<usize> = reference
                .arcs
                .iter()
                .filter(|arc| arc.connection == connection.id && enters(reference.states[arc.from].system, reference.states[arc.to].system))
                .map(|arc| arc.to)
                .collect();
            check(&format!("connection:{}", connection.id), wanted(&reference, |v| entered.contains(&v)))?;
        }
    }

    #[test]
    fn roll_ups_are_the_maxima_over_the_states(model in connected(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        let targets = answers::targets(&graph);
        let target = Target::parse(&graph, &targets[Random(seed).below(targets.len())]).expect("a target");
        let radius = analysis::blast_radius(&graph, target, Semiring::Product, answers::THRESHOLD);
        // What is listed depends on the threshold, no figure does: low ends are those of all layers.
        let whole = analysis::blast_radius(&graph, target, Semiring::Product, BasisPoints(0));
        for system_ix in world.estate.system_ixs() {
            let states: Vec<_> = radius.states.iter().filter(|exposed| exposed.state.system() == system_ix).collect();
            let rolled = radius.systems.iter().find(|system| system.system == system_ix);
            let all = whole.states.iter().filter(|exposed| exposed.state.system() == system_ix).map(|exposed| exposed.exposure);
            let largest = hull_of_maxima(all).filter(|_| !states.is_empty());
            prop_assert_eq!(rolled.map(|system| system.exposure), largest);
            let Some(system) = rolled else { continue };
            let worst = states.iter().filter(|exposed| Some(exposed.exposure.high) == largest.map(|largest| largest.high));
            let worst = worst.min_by_key(|exposed| (exposed.hops, exposed.state)).expect("a state");
            prop_assert_eq!((system.worst, system.hops), (worst.state, worst.hops));
        }
        for party_ix in 0..world.estate.parties().len() {
            let of_party = |state: State| {
                let coverage = graph.coverage.layer(state.system(), state.layer()).expect("a layer");
                coverage.parties().any(|party| party.index() == party_ix)
            };
            let states: Vec<_> = radius.states.iter().filter(|exposed| of_party(exposed.state)).collect();
            let rolled = radius.parties.iter().find(|party| party.party.index() == party_ix);
            let all = whole.states.iter().filter(|exposed| of_party(exposed.state)).map(|exposed| exposed.exposure);
            prop_assert_eq!(rolled.map(|party| party.exposure), hull_of_maxima(all).filter(|_| !states.is_empty()));
            prop_assert_eq!(rolled.map_or(0, |party| party.layers), states.len());
        }
        let mut crossed: BTreeMap<_, (f64, usize)> = BTreeMap::new();
        for system in &radius.systems {
            for connection in radius.path(system.worst).iter().filter_map(|arc| arc.connection).collect::<BTreeSet<_>>() {
                let entry = crossed.entry(connection).or_default();
                *entry = (entry.0.max(system.exposure.high), entry.1 + 1);
            }
        }
        let rolled: BTreeMap<_, _> = radius.connections.iter().map(|crossed| (crossed.connection, (crossed.exposure, crossed.systems))).collect();
        prop_assert_eq!(rolled, crossed);
    }

    #[test]
    fn a_witness_multiplies_to_the_exposure_that_it_explains(model in connected(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        let targets = answers::targets(&graph);
        let target = Target::parse(&graph, &targets[Random(seed).below(targets.len())]).expect("a target");
        for semiring in [Semiring::Product, Semiring::Bottleneck, Semiring::Reach { threshold: BasisPoints(3_000) }] {
            let radius = analysis::blast_radius(&graph, target, semiring, BasisPoints(0));
            for exposed in &radius.states {
                let path = radius.path(exposed.state);
                prop_assert_eq!(path.len() as u32, exposed.hops);
                prop_assert!(radius.origins.contains(&path.first().map_or(exposed.state, |arc| arc.from)));
                prop_assert_eq!(path.last().map_or(exposed.state, |arc| arc.to), exposed.state);
                prop_assert!(path.windows(2).all(|pair| pair[0].to == pair[1].from));
                let value = path.iter().fold(1.0, |value, arc| semiring.extend(value, graph.factor(arc, End::High).value));
                prop_assert_eq!(value.to_bits(), exposed.exposure.high.to_bits());
            }
        }
    }

    #[test]
    fn a_factor_is_the_product_of_its_parts(model in connected()) {
        let world = World::of(&model);
        let graph = world.graph();
        for arc in graph.states().flat_map(|state| graph.arcs_from(state)) {
            let [low, high] = End::BOTH.map(|end| graph.factor(&arc, end));
            prop_assert!(low.value <= high.value && high.value <= 1.0);
            for factor in [low, high] {
                let product = factor.level * f64::max(graph.policy.floor, factor.resistance * factor.barrier * factor.detection);
                let is_absent = factor.value == 0.0 && factor == low && arc.connection.is_some();
                prop_assert!(is_absent || product.to_bits() == factor.value.to_bits());
            }
        }
    }

    #[test]
    fn leaving_attribution_out_changes_no_other_figure(model in estate()) {
        let world = World::of(&model);
        let graph = world.graph();
        let score = |attribution| analysis::score(&graph, answers::THRESHOLD, attribution, &|_, _| ());
        let (full, plain) = (score(Attribution::Full), score(Attribution::Omitted));
        prop_assert_eq!((&full.posture.systems, full.posture.risk_points, full.posture.posture), (&plain.posture.systems, plain.posture.risk_points, plain.posture.posture));
        prop_assert!(plain.impacts.is_empty() && plain.gaps.iter().all(|gap| gap.reach.is_none()));
        prop_assert!(plain.parties.iter().all(|party| party.generated.is_none() && party.flow.is_empty()));
        let bare = |gaps: &[analysis::GapScore]| gaps.iter().map(|gap| analysis::GapScore { reach: None, ..gap.clone() }).collect::<Vec<_>>();
        prop_assert_eq!(bare(&full.gaps), plain.gaps);
    }

    #[test]
    fn the_figures_of_the_rows_that_are_shown_are_those_of_all_rows(model in estate(), rows in 1_usize..6) {
        let world = World::of(&model);
        let graph = world.graph();
        let score = |attribution| analysis::score(&graph, answers::THRESHOLD, attribution, &|_, _| ());
        let (full, shown) = (score(Attribution::Full), score(Attribution::Shown(rows)));
        let mut systems = shown.posture.systems.clone();
        systems.sort_by(analysis::SystemPosture::worse_first);
        let wanted: BTreeMap<_, _> = systems.iter().take(rows).map(|system| (system.system, full.impacts[&system.system])).collect();
        prop_assert_eq!(&shown.impacts, &wanted);
        let mut gaps = score(Attribution::Omitted).gaps;
        gaps.sort_by(analysis::GapScore::worse_first);
        let first: BTreeSet<State> = gaps.iter().take(rows).map(|gap| gap.state).collect();
        for (full, shown) in full.gaps.iter().zip(&shown.gaps) {
            let without_share = full.reach.map(|reach| analysis::GapReach { share: None, ..reach });
            prop_assert_eq!(shown.reach, without_share.filter(|_| first.contains(&shown.state)));
        }
    }

    #[test]
    fn a_gap_of_which_nothing_else_is_known_fails_as_its_severity_says(model in estate()) {
        let world = World::of(&model);
        let graph = world.graph();
        let gaps = analysis::gap_scores(&graph);
        let all = solve(&graph, &graph.gap_seeds(End::High), Semiring::Product, End::High);
        for gap in &gaps {
            let alone = solve(&graph, &[(gap.state, gap.severity.high)], Semiring::Product, End::High);
            prop_assert!(graph.states().all(|state| alone[state.index()] <= all[state.index()]));
            prop_assert!(gap.severity.high > 0.0 && gap.marginal >= 0.0);
        }
    }
}

/// Both owners of a split answer for the layer, also where the split is not valid: here the provider's half belongs to
/// a provider that does not run the system.
#[test]
fn a_party_stands_for_its_half_of_a_split_that_is_not_valid() {
    let world = World::of(&json!({ "weaklink": 1,
        "parties": [{ "id": "team", "kind": "customer" }, { "id": "azure", "kind": "provider" }, { "id": "gcp", "kind": "provider" }],
        "systems": [{ "id": "a", "model": "caas", "provider": "gcp", "layers": { "os": { "split": {
            "customer": { "owner": "team", "status": "implemented" }, "provider": { "owner": "azure", "status": "implemented" } } } } }] }));
    let graph = world.graph();
    for party in ["party:team", "party:azure"] {
        let target = Target::parse(&graph, party).expect("the party has a half");
        assert_eq!(target.states(&graph), [world.state("a", Layer::Os)], "{party}");
    }
}
