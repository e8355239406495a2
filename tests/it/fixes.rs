//! Plans and protections held against slow, obvious searches: every set of fixes is tried, on an estate solved afresh.

use crate::edits::{clean, model};
use crate::laws::cases;
use crate::world::{POLICY, Random, World, policy, shared};
use proptest::prelude::*;
use serde_json::{Value, json};
use weaklink::analysis::fixes::{Applied, Candidate, Fix, Plan, Proof, Watch, candidates, plan, protect};
use weaklink::catalog::{BasisPoints, End, FixKind, Layer};
use weaklink::graph::{ExposureGraph, State};

const STATUSES: [&str; 4] = ["not-implemented", "partial", "unknown", "planned"];
const KINDS: [&str; 8] = ["reaches", "holds-credentials", "deploys", "feeds", "hosts", "manages", "supplies", "authenticates"];

/// An estate in which everything is in place but for a few gaps, and what its fixes cost.
pub(crate) fn estate(seed: u64, most_gaps: usize) -> Value {
    let mut random = Random(seed);
    let count = 3 + random.below(4);
    let mut systems: Vec<Value> = (0..count)
        .map(|ix| {
            let mut system = clean(&format!("s{ix}"), &json!({}));
            system["criticality"] = json!(random.pick(&["crown-jewel", "high", "moderate", "low"]));
            system["facing"] = json!(random.pick(&["internet", "partner", "internal"]));
            system
        })
        .collect();
    for _ in 0..=random.below(most_gaps) {
        let (system_ix, layer) = (random.below(count), random.pick(Layer::IDS));
        systems[system_ix]["layers"][layer]["status"] = json!(random.pick(&STATUSES));
    }
    let connections: Vec<Value> = (0..count + random.below(count * 2))
        .map(|_| {
            let from = random.below(count);
            let to = (from + 1 + random.below(count - 1)) % count;
            json!({ "from": format!("s{from}"), "to": format!("s{to}"), "kind": random.pick(&KINDS) })
        })
        .collect();
    let mut model = model(&systems, &connections);
    model["costs"] = Layer::IDS.iter().map(|layer| json!({ "fix": "close", "layer": layer, "cost": 1 + random.below(3) })).collect();
    model
}

/// What is left after some fixes, solved afresh by the posture.
fn residual(graph: &ExposureGraph<'_>, end: End, chosen: &[Candidate]) -> f64 {
    let applied = Applied::of(graph, chosen.iter().map(|candidate| candidate.fix));
    weaklink::analysis::posture(&graph.with_edits(&applied.edits())).risk_points.end(end)
}

/// Every set of fixes within a budget.
fn sets(all: &[Candidate], budget: u64) -> Vec<Vec<Candidate>> {
    let mut sets = vec![Vec::new()];
    for candidate in all {
        let with: Vec<Vec<Candidate>> = sets.iter().map(|set: &Vec<Candidate>| [set.as_slice(), &[*candidate]].concat()).collect();
        sets.extend(with.into_iter().filter(|set| cost(set) <= budget));
    }
    sets
}

fn cost(set: &[Candidate]) -> u64 {
    set.iter().map(|candidate| u64::from(candidate.cost)).sum()
}

fn chosen(plan: &Plan) -> Vec<Candidate> {
    plan.steps.iter().map(|step| Candidate { fix: step.fix, cost: step.cost }).collect()
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn plans_of_up_to_twelve_gaps_equal_brute_force(seed in any::<u64>(), budget in 1_u64..=5) {
        let model = estate(seed, 12);
        let world = World::of(&model);
        let graph = world.graph();
        let all = candidates(&graph, &[FixKind::Close]);
        let plan = plan(&graph, all.clone(), budget, End::High, Watch::NOBODY);
        let least = sets(&all, budget).iter().map(|set| residual(&graph, End::High, set)).fold(f64::INFINITY, f64::min);
        prop_assert!(plan.proof.is_optimal(), "a small estate is searched to the end");
        prop_assert_eq!(plan.residual, least);
        prop_assert_eq!(residual(&graph, End::High, &chosen(&plan)), plan.residual);
        prop_assert!(plan.cost <= budget && plan.cost == cost(&chosen(&plan)));
        // The same in the words of the file: every layer closed is in place.
        let mut closed = model.clone();
        for step in &plan.steps {
            let Fix::Close(state) = step.fix else { panic!("a gap was to be closed") };
            let id = &world.estate.system(state.system()).id;
            let system = closed["systems"].as_array_mut().expect("a list").iter_mut().find(|system| system["id"] == id.as_str());
            system.expect("the system")["layers"][state.layer().id()]["status"] = json!("implemented");
        }
        let closed = World::of(&closed);
        prop_assert_eq!(weaklink::analysis::posture(&closed.graph()).risk_points.high, plan.residual);
    }

    #[test]
    fn plans_of_all_kinds_of_fixes_equal_brute_force_and_keep_their_bound(seed in any::<u64>(), budget in 1_u64..=3, end in proptest::sample::select(&End::BOTH[..])) {
        let world = World::of(&estate(seed, 4));
        let graph = world.graph();
        let mut all = candidates(&graph, FixKind::ALL);
        // Any subset will do; brute force wants few.
        let mut random = Random(seed);
        while all.len() > 10 {
            all.remove(random.below(all.len()));
        }
        let plan = plan(&graph, all.clone(), budget, end, Watch::NOBODY);
        let least = sets(&all, budget).iter().map(|set| residual(&graph, end, set)).fold(f64::INFINITY, f64::min);
        prop_assert_eq!(plan.residual, least);
        prop_assert!(plan.bound <= least, "{} {least}", plan.bound);
    }

    #[test]
    fn bounds_hold_where_no_search_proves_the_plan(seed in any::<u64>(), budget in 1_u64..=4, end in proptest::sample::select(&End::BOTH[..])) {
        let world = World::of(&estate(seed, 10));
        let graph = world.graph();
        let all = candidates(&graph, &[FixKind::Close, FixKind::Control]);
        // Stopped at once, a plan carries what was found by then.
        let stopped = Watch { progress: &|_, _| {}, is_stopped: &|| true };
        let early = plan(&graph, all.clone(), budget, end, stopped);
        let whole = plan(&graph, all, budget, end, Watch::NOBODY);
        prop_assert!(early.is_interrupted && !whole.is_interrupted);
        prop_assert!(early.bound <= whole.residual && whole.residual <= early.residual, "{early:?} {whole:?}");
        prop_assert!(early.residual <= early.base);
    }

    #[test]
    fn protections_equal_the_cheapest_cut_by_brute_force(seed in any::<u64>(), threshold in 500_u16..4_000) {
        let world = World::of(&estate(seed, 6));
        let graph = world.graph();
        let mut random = Random(seed);
        let mut all = candidates(&graph, FixKind::ALL);
        while all.len() > 10 {
            all.remove(random.below(all.len()));
        }
        let states: Vec<State> = graph.states().collect();
        let goal = random.pick(&states);
        let threshold = BasisPoints(threshold);
        let cheapest = sets(&all, u64::MAX).into_iter().filter(|set| is_cut(&graph, set, goal, threshold)).map(|set| cost(&set)).min();
        match protect(&graph, &[goal], &all, threshold, Watch::NOBODY) {
            Ok(protection) => {
                prop_assert_eq!(Some(protection.cost), cheapest);
                prop_assert_eq!(protection.bound, protection.cost);
                prop_assert!(is_cut(&graph, &protection.fixes, goal, threshold), "the cut alone disconnects");
                prop_assert_eq!(cost(&protection.fixes), protection.cost);
                if !protection.is_searched {
                    prop_assert_eq!(protection.paths.iter().map(|(_, units)| units).sum::<u64>(), protection.cost);
                }
            }
            Err(uncut) => {
                prop_assert_eq!(None, cheapest);
                prop_assert_eq!(uncut.path.end, goal);
            }
        }
    }

    #[test]
    fn benefit_of_closing_gaps_is_supermodular(seed in any::<u64>()) {
        let world = World::of(&estate(seed, 8));
        let graph = world.graph();
        // Closed in the sense of attribution: severity 0, every factor as it is.
        let seeds = graph.gap_seeds(End::High);
        let risk = |closed: &[usize]| -> f64 {
            let open: Vec<(State, f64)> = seeds.iter().enumerate().filter(|(ix, _)| !closed.contains(ix)).map(|(_, seed)| *seed).collect();
            let values = weaklink::graph::solve(&graph, &open, weaklink::graph::Semiring::Product, End::High);
            let of_system = |system_ix| graph.states_of(system_ix).map(|state: State| values[state.index()]).fold(0.0, f64::max);
            let weight = |system_ix| graph.policy.criticality(world.estate.system(system_ix).criticality).high;
            world.estate.system_ixs().map(|system_ix| weight(system_ix) * of_system(system_ix)).sum()
        };
        let mut random = Random(seed);
        let small: Vec<usize> = (0..seeds.len()).filter(|_| random.chance(30)).collect();
        let large: Vec<usize> = (0..seeds.len()).filter(|ix| small.contains(ix) || random.chance(30)).collect();
        for one in (0..seeds.len()).filter(|ix| !large.contains(ix)) {
            let gain = |closed: &[usize]| risk(closed) - risk(&[closed, &[one]].concat());
            prop_assert!(gain(&small) <= gain(&large) + 1e-9);
        }
    }
}

/// Whether no path of gaps and arcs at or above the threshold reaches a state once every one that a fix alone takes below
/// it is gone.
fn is_cut(graph: &ExposureGraph<'_>, set: &[Candidate], goal: State, threshold: BasisPoints) -> bool {
    let counts = |value: f64| value > 0.0 && BasisPoints::of(value) >= threshold;
    let after: Vec<(Fix, Applied)> = set.iter().map(|candidate| (candidate.fix, Applied::of(graph, [candidate.fix]))).collect();
    let edited: Vec<(Fix, ExposureGraph<'_>)> = after.iter().map(|(fix, applied)| (*fix, graph.with_edits(&applied.edits()))).collect();
    let gap_counts = |state: State| {
        let of_it = edited.iter().filter(|(fix, _)| matches!(fix, Fix::Close(of) | Fix::Own(of) if *of == state));
        counts(graph.severity(state, End::High)) && of_it.clone().all(|(_, graph)| counts(graph.severity(state, End::High)))
    };
    let mut reached: Vec<State> = graph.states().filter(|&state| gap_counts(state)).collect();
    let mut next = 0;
    while let Some(&state) = reached.get(next) {
        next += 1;
        for arc in graph.arcs_from(state) {
            let is_about = |fix: &Fix| match fix {
                Fix::Close(of) | Fix::Own(of) => *of == arc.to,
                Fix::Control(of, _) | Fix::Remove(of) => arc.connection == Some(*of),
            };
            let lets_through = |(fix, after): &(Fix, ExposureGraph<'_>)| match fix {
                Fix::Remove(_) => false,
                _ => counts(after.factor(&arc, End::High).value),
            };
            let holds = counts(graph.factor(&arc, End::High).value) && edited.iter().filter(|(fix, _)| is_about(fix)).all(lets_through);
            if holds && !reached.contains(&arc.to) {
                reached.push(arc.to);
            }
        }
    }
    !reached.contains(&goal)
}

#[test]
fn the_estate_on_which_greedy_fails_is_planned_to_its_optimum() {
    // Two gaps of a hub each expose all that it hosts; five others expose themselves only.
    let mut text = POLICY.clone();
    text["detect"] = json!(0);
    for (table, word) in [("threat", "internal"), ("criticality", "high")] {
        text[table][word] = json!(1);
    }
    let policy = policy(&text);
    let gap = json!("not-implemented");
    let mut systems = vec![clean("t0", &json!({ "physical": gap, "virtualization": gap }))];
    systems.extend((1..100).map(|ix| clean(&format!("t{ix}"), &json!({}))));
    systems.extend((0..5).map(|ix| clean(&format!("u{ix}"), &json!({ "data": gap }))));
    let connections: Vec<Value> = (1..100).map(|ix| json!({ "from": "t0", "to": format!("t{ix}"), "kind": "hosts" })).collect();
    let world = World::of_texts(&[&model(&systems, &connections).to_string()], &policy);
    let graph = world.graph();
    let all = candidates(&graph, &[FixKind::Close]);
    let plan = plan(&graph, all, 2, End::High, Watch::NOBODY);
    let mut closed: Vec<Fix> = plan.steps.iter().map(|step| step.fix).collect();
    closed.sort_unstable();
    let hub = world.system("t0");
    assert_eq!(closed, [Layer::Physical, Layer::Virtualization].map(|layer| Fix::Close(State::new(hub, layer))));
    assert_eq!((plan.base, plan.residual), (105.0, 5.0));
    assert_ne!(plan.proof, Proof::Open);
    let Some(path) = shared("published.json", "the_estate_on_which_greedy_fails") else { return };
    let published: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("the examples")).expect("JSON");
    let example = published["examples"].as_array().expect("a list").iter().find(|example| example["id"] == "greedy-failure");
    let expected = &example.expect("the example")["expected"];
    assert_eq!((&expected["base"], &expected["optimal_residual"]), (&json!(105), &json!(5)));
}

#[test]
fn flows_agree_with_the_textbook() {
    // Fig. 26.1 of Cormen et al., as an estate would have it: see `protections_equal_the_cheapest_cut_by_brute_force`.
    let Some(path) = shared("published.json", "flows_agree_with_the_textbook") else { return };
    let published: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("the examples")).expect("JSON");
    let example = published["examples"].as_array().expect("a list").iter().find(|example| example["id"] == "clrs-maxflow");
    let example = example.expect("the example");
    // Every edge of the network is a system with a gap's worth of cost to close: capacities are costs, and nodes hubs.
    let nodes: Vec<&str> = example["nodes"].as_array().expect("nodes").iter().filter_map(Value::as_str).collect();
    let mut systems: Vec<Value> = nodes.iter().map(|node| clean(node, &json!({}))).collect();
    let (mut connections, mut costs) = (Vec::new(), vec![json!({ "cost": "impossible" })]);
    systems[0]["layers"]["code"]["status"] = json!("not-implemented");
    systems[0]["facing"] = json!("internet");
    for (ix, edge) in example["edges"].as_array().expect("edges").iter().enumerate() {
        let id = format!("edge-{ix}");
        connections.push(json!({ "id": id, "from": edge[0], "to": edge[1], "kind": "deploys" }));
        costs.push(json!({ "fix": "remove", "connection": id, "cost": edge[2] }));
    }
    let mut model = model(&systems, &connections);
    model["costs"] = costs.into();
    let world = World::of(&model);
    let graph = world.graph();
    let goal = world.state("t", Layer::Code);
    let protection = protect(&graph, &[goal], &candidates(&graph, FixKind::ALL), BasisPoints(1_500), Watch::NOBODY);
    let protection = protection.expect("every edge can be removed");
    assert_eq!(json!(protection.cost), example["expected"]["value"]);
}
