//! Laws of percolation on generated estates: against the definition, world by world, and under every other way to ask.

use crate::generate;
use crate::laws::{Generated, cases, connected, estate};
use crate::percolation::percolate;
use crate::percolation_oracle::{self as oracle, Seed};
use crate::rewriting::written;
use crate::world::{POLICY, Random, World, policy};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU64;
use weaklink::analysis::{self, Failing, Method, Percolation, Sampling, Target};
use weaklink::catalog::{BasisPoints, ConnectionKind, End, Interval, Layer, Policy};
use weaklink::graph::{ExposureGraph, Semiring, State, solve};
use weaklink::report::json as form;

/// Outcomes up to which all are enumerated.
const MOST: usize = 1 << 14;

/// A policy of a few climb rules, so that the coins of a small estate can be counted out.
fn few_rules(random: &mut Random) -> Policy {
    let mut text = POLICY.clone();
    for (table, most) in [("climb", 5), ("cross", 30)] {
        let rules = text[table].as_array_mut().expect("a list");
        random.shuffle(rules);
        rules.truncate(most);
    }
    text["profiles"] = json!(["up", "govern", "escape"]);
    policy(&text)
}

/// Two to four covered systems with a few gaps and a few connections, certain and possible, with and without controls.
fn tiny(random: &mut Random) -> Value {
    let implemented: BTreeMap<&str, Value> = Layer::IDS.iter().map(|layer| (*layer, json!({ "status": "implemented" }))).collect();
    let count = 2 + random.below(3);
    let systems: Vec<Value> = (0..count)
        .map(|number| {
            let mut layers = serde_json::Map::new();
            for _ in 0..random.below(3) {
                let status = random.pick(&["partial", "not-implemented", "unknown"]);
                layers.insert(random.pick(Layer::IDS).to_owned(), json!({ "status": status }));
            }
            json!({ "id": format!("s{number}"), "model": "on-premises", "facing": random.pick(&["internet", "internal"]), "layers": layers })
        })
        .collect();
    let connections: Vec<Value> = (0..=random.below(4))
        .filter_map(|number| {
            let (from, to) = (random.below(count), random.below(count));
            let control =
                json!({ "class": "authn", "strength": "moderate", "status": random.pick(&["partial", "unknown", "implemented"]) });
            let controls = if random.chance(30) { json!([control]) } else { json!([]) };
            let certainty = random.pick(&["certain", "certain", "possible"]);
            let kind = random.pick(ConnectionKind::IDS);
            (from != to).then(|| {
                json!({ "id": format!("c{number}"), "from": format!("s{from}"), "to": format!("s{to}"),
                "kind": kind, "certainty": certainty, "controls": controls })
            })
        })
        .collect();
    json!({ "weaklink": 1, "parties": [{ "id": "acme", "kind": "customer" }], "systems": systems, "connections": connections,
        "rules": [{ "match": {}, "owner": "acme", "layers": implemented }] })
}

/// The gaps, or now and then one layer, as what fails and as the oracle's seeds.
fn failing(graph: &ExposureGraph<'_>, random: &mut Random) -> (Failing, [Vec<Seed>; 2]) {
    if random.chance(50) {
        let state = random.pick(&graph.states().collect::<Vec<_>>());
        return (Failing::Target(Target::State(state)), [vec![(state, 1.0)], vec![(state, 1.0)]]);
    }
    (Failing::Gaps, End::BOTH.map(|end| graph.gap_seeds(end)))
}

fn sampled(graph: &ExposureGraph<'_>, failing: Failing, worlds: u64, seed: u64, threads: Option<usize>) -> Percolation {
    let sampling = Sampling { worlds: NonZeroU64::new(worlds), seed, threads };
    analysis::percolation(graph, failing, sampling, BasisPoints(0), &|_, _| ())
}

fn probability(percolation: &Percolation, state: State) -> Interval {
    percolation.states.iter().find(|probable| probable.state == state).map_or(Interval::ZERO, |probable| probable.probability)
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn exact_probabilities_are_those_of_all_outcomes(seed in any::<u64>()) {
        let mut random = Random(seed);
        let policy = few_rules(&mut random);
        let world = World::of_texts(&[&tiny(&mut random).to_string()], &policy);
        let graph = world.graph();
        let (failing, seeds) = failing(&graph, &mut random);
        let ends = End::BOTH.map(|end| oracle::by_all_outcomes(&graph, &seeds[usize::from(end == End::High)], end, MOST));
        let [Some(low), Some(high)] = ends else { return Ok(()) };
        let percolation = percolate(&graph, failing, None);
        prop_assert!(matches!(percolation.method, Method::Exact { .. }), "{:?}", percolation.method);
        let is_close = |got: f64, wanted: Option<&f64>| (got - wanted.copied().unwrap_or(0.0)).abs() < 1e-12;
        for state in graph.states() {
            let got = probability(&percolation, state);
            prop_assert!(is_close(got.low, low.0.get(&state)) && is_close(got.high, high.0.get(&state)), "{:?}: {:?}", state, got);
        }
        for system in graph.estate.system_ixs() {
            let found = percolation.systems.iter().find(|probable| probable.system == system);
            let got = found.map_or(Interval::ZERO, |probable| probable.probability);
            prop_assert!(is_close(got.low, low.1.get(&system)) && is_close(got.high, high.1.get(&system)), "{:?}: {:?}", system, got);
        }
        // What is sampled is near what is exact, and says how near.
        let sample = sampled(&graph, failing, 2_000, seed, None);
        for (sampled, exact) in sample.systems.iter().zip(&percolation.systems) {
            prop_assert!(sampled.system == exact.system);
            prop_assert!(sampled.confidence.low <= exact.probability.low + 1e-12, "{:?} {:?}", sampled, exact);
            prop_assert!(exact.probability.high <= sampled.confidence.high + 1e-12, "{:?} {:?}", sampled, exact);
        }
    }

    #[test]
    fn figures_are_in_order_and_inside_their_bounds(seed in any::<u64>()) {
        let mut random = Random(seed);
        let policy = few_rules(&mut random);
        let world = World::of_texts(&[&tiny(&mut random).to_string()], &policy);
        let graph = world.graph();
        let (failing, seeds) = failing(&graph, &mut random);
        for worlds in [None, Some(300)] {
            let percolation = percolate(&graph, failing, worlds);
            for end in End::BOTH {
                let product = solve(&graph, &seeds[usize::from(end == End::High)], Semiring::Product, end);
                for state in graph.states() {
                    let figure = probability(&percolation, state);
                    prop_assert!(figure.low <= figure.high);
                    prop_assert!(product[state.index()] <= figure.end(end) + 1e-12, "{:?} {:?}", state, figure);
                }
            }
            let is_exact = matches!(percolation.method, Method::Exact { .. });
            for system in &percolation.systems {
                let bounds = system.bounds.expect("the estate is small");
                prop_assert!(system.path.high <= system.probability.high + 1e-12 && system.path.low <= system.probability.low + 1e-12);
                prop_assert!(bounds.low <= system.path.low + 1e-12 && system.path.high <= bounds.high + 1e-12, "{:?}", system);
                if is_exact {
                    prop_assert!(bounds.low <= system.probability.low + 1e-12 && system.probability.high <= bounds.high + 1e-12);
                }
                let of_layers = percolation.states_in(system.system).iter().map(|state| state.probability.high).fold(0.0, f64::max);
                prop_assert!(of_layers <= system.probability.high + 1e-12, "a layer is exposed and its system is not");
            }
        }
    }
}

/// Names of what is reached, which edits do not change.
fn names(graph: &ExposureGraph<'_>, states: &BTreeSet<State>) -> BTreeSet<String> {
    states.iter().map(|&state| format!("{}:{}", graph.estate.system(state.system()).id, state.layer())).collect()
}

/// The model with every connection called by its identifier, so that none takes another's name when one is gone.
fn with_stated_ids(model: &Value) -> Value {
    let world = World::of(model);
    let mut stated = model.clone();
    stated["connections"] = world
        .estate
        .connections()
        .iter()
        .map(|connection| {
            let is_it = |entry: &&Value| {
                let given = World::of(&json!({ "weaklink": 1, "parties": model["parties"], "systems": model["systems"], "rules": model["rules"], "connections": [entry] }));
                let other = &given.estate.connections()[0];
                (other.from, other.to, other.kind, &other.controls, other.certainty, other.copy)
                    == (connection.from, connection.to, connection.kind, &connection.controls, connection.certainty, connection.copy)
            };
            let mut entry = model["connections"].as_array().and_then(|entries| entries.iter().find(is_it)).expect("its entry").clone();
            entry["id"] = json!(connection.id);
            entry
        })
        .collect();
    stated
}

/// One improvement: a connection is gone, or a layer is implemented that was not.
fn improved(model: &Value, random: &mut Random) -> Value {
    let mut better = model.clone();
    let connections = better["connections"].as_array_mut().expect("a list");
    if !connections.is_empty() && random.chance(50) {
        connections.remove(random.below(connections.len()));
        return better;
    }
    let systems = better["systems"].as_array_mut().expect("a list");
    let system_ix = random.below(systems.len());
    let claims = systems[system_ix]["layers"].as_object_mut().into_iter().flat_map(|layers| layers.values_mut());
    let raised: Vec<&mut Value> =
        claims.filter(|claim| matches!(claim["status"].as_str(), Some("partial" | "not-implemented" | "unknown"))).collect();
    if let Some(claim) = raised.into_iter().next() {
        claim["status"] = json!("implemented");
    }
    better
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn a_sample_counts_what_happens_world_by_world(model in estate(), seed in any::<u64>()) {
        const WORLDS: u64 = 70;
        let mut random = Random(seed);
        let world = World::of(&model);
        let graph = world.graph();
        let (failing, seeds) = failing(&graph, &mut random);
        let percolation = sampled(&graph, failing, WORLDS, seed, Some(1 + random.below(3)));
        for end in End::BOTH {
            let seeds = &seeds[usize::from(end == End::High)];
            let product = solve(&graph, seeds, Semiring::Product, end);
            let mut hits: BTreeMap<State, u64> = BTreeMap::new();
            let mut of_system: BTreeMap<_, u64> = BTreeMap::new();
            for number in 0..WORLDS {
                let reached = oracle::world(&graph, seeds, end, seed, number);
                for &state in &reached {
                    *hits.entry(state).or_default() += 1;
                }
                let systems: BTreeSet<_> = reached.iter().map(|state| state.system()).collect();
                for system in systems {
                    *of_system.entry(system).or_default() += 1;
                }
            }
            let share = |hits: Option<&u64>| hits.copied().unwrap_or(0) as f64 / WORLDS as f64;
            for state in graph.states() {
                let wanted = share(hits.get(&state)).max(product[state.index()]);
                prop_assert_eq!(probability(&percolation, state).end(end), wanted, "{:?} {:?}", state, end);
            }
            for system in &percolation.systems {
                let wanted = share(of_system.get(&system.system)).max(system.path.end(end));
                prop_assert_eq!(system.probability.end(end), wanted, "{:?} {:?}", system.system, end);
            }
        }
    }

    #[test]
    fn an_improvement_exposes_nothing_more_in_any_world(seed in any::<u64>()) {
        let mut random = Random(seed);
        let policy = few_rules(&mut random);
        let model = tiny(&mut random);
        let better = improved(&model, &mut random);
        let worlds = [&model, &better].map(|model| World::of_texts(&[&model.to_string()], &policy));
        let graphs = worlds.each_ref().map(World::graph);
        for (end, number) in End::BOTH.into_iter().flat_map(|end| (0..40).map(move |number| (end, number))) {
            let [before, after] = graphs.each_ref().map(|graph| names(graph, &oracle::world(graph, &graph.gap_seeds(end), end, seed, number)));
            prop_assert!(after.is_subset(&before), "world {number} {end:?}: {:?}", after.difference(&before).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_improvement_raises_no_figure_of_a_sample(model in connected(), seed in any::<u64>()) {
        let mut random = Random(seed);
        let model = with_stated_ids(&model);
        let better = improved(&model, &mut random);
        let worlds = [&model, &better].map(World::of);
        let graphs = worlds.each_ref().map(World::graph);
        let figures = graphs.each_ref().map(|graph| {
            let percolation = sampled(graph, Failing::Gaps, 500, seed, None);
            graph.states().map(|state| probability(&percolation, state)).collect::<Vec<_>>()
        });
        for (before, after) in figures[0].iter().zip(&figures[1]) {
            prop_assert!(after.low <= before.low && after.high <= before.high, "{after:?} is above {before:?}");
        }
    }

    #[test]
    fn every_world_of_the_low_end_is_within_that_of_the_high_end(model in estate(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        for number in 0..8 {
            let [low, high] = End::BOTH.map(|end| oracle::world(&graph, &graph.gap_seeds(end), end, seed, number));
            prop_assert!(low.is_subset(&high), "world {number}");
        }
    }
}

/// The whole answer as bytes.
fn bytes(model: &str, sampling: Sampling, target: Option<&str>) -> String {
    let world = World::of_texts(&[model], Policy::shipped());
    let graph = world.graph();
    let failing = target.map_or(Failing::Gaps, |text| Failing::Target(Target::parse(&graph, text).expect("a target")));
    let percolation = analysis::percolation(&graph, failing, sampling, BasisPoints(0), &|_, _| ());
    let mut out = Vec::new();
    form::write(&form::percolate(&graph, &percolation, target), &mut out).expect("memory is there");
    String::from_utf8(out).expect("JSON is text")
}

fn sampling(model: &Generated, seed: u64, threads: usize) -> Sampling {
    // Small estates are exact where they can be; of large ones that would be tried for long.
    let worlds = if model.systems > 1 { NonZeroU64::new(700) } else { None };
    Sampling { worlds, seed, threads: Some(threads) }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn the_order_of_the_file_changes_no_byte(model in estate(), seed in any::<u64>()) {
        let mut random = Random(seed);
        let mut permuted = (*model).clone();
        for key in ["parties", "systems", "connections"] {
            random.shuffle(permuted[key].as_array_mut().expect("a list"));
        }
        let sampling = sampling(&model, seed, 2);
        prop_assert_eq!(bytes(&model.to_string(), sampling, None), bytes(&written(&permuted, &mut random), sampling, None));
    }

    #[test]
    fn the_number_of_threads_changes_no_byte(model in connected(), seed in any::<u64>()) {
        let text = model.to_string();
        let one = bytes(&text, sampling(&model, seed, 1), None);
        for threads in [2, 3, 64] {
            prop_assert_eq!(&one, &bytes(&text, sampling(&model, seed, threads), None), "{} threads", threads);
        }
    }

    #[test]
    fn an_unrelated_system_changes_no_coin(model in connected(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        let mut larger = (*model).clone();
        // First, last and between the others in order of ids.
        for id in ["!", "m", "~"] {
            larger["systems"].as_array_mut().expect("a list").push(json!({ "id": id, "model": "saas" }));
        }
        let larger = World::of(&larger);
        let larger_graph = larger.graph();
        for number in 0..8 {
            let [one, other] = [&graph, &larger_graph].map(|graph| names(graph, &oracle::world(graph, &graph.gap_seeds(End::High), End::High, seed, number)));
            let is_old = |name: &&String| !["!:", "m:", "~:"].iter().any(|id| name.starts_with(id));
            prop_assert_eq!(one, other.iter().filter(is_old).cloned().collect::<BTreeSet<_>>());
        }
    }
}

/// Coins are fair at any factor, and two coins have nothing to do with each other.
#[test]
fn coins_are_fair_and_independent() {
    const WORLDS: u64 = 20_000;
    let world = World::of(&generate::estate(11, 6));
    let graph = world.graph();
    let coins: Vec<_> = graph.states().take(40).map(|state| weaklink::graph::Coin::of_seed(&graph, state)).collect();
    for factor in [0.001, 0.05, 0.2, 1.0 / 3.0, 0.5, 0.8, 0.999] {
        let count = |of: &dyn Fn(usize) -> bool| (0..WORLDS as usize).filter(|&number| of(number)).count() as f64 / WORLDS as f64;
        let live: Vec<Vec<bool>> =
            coins.iter().map(|coin| (0..WORLDS).map(|number| weaklink::graph::is_live(coin.shows(5, number), factor)).collect()).collect();
        // Six standard deviations, and what three strokes of luck make of next to nothing.
        let near = |found: f64, wanted: f64| {
            (found - wanted).abs() <= 6.0 * (wanted * (1.0 - wanted) / WORLDS as f64).sqrt() + 3.0 / WORLDS as f64
        };
        for (one, other) in live.iter().zip(live.iter().cycle().skip(1)) {
            assert!(near(count(&|number| one[number]), factor), "{factor}");
            assert!(near(count(&|number| one[number] && other[number]), factor * factor), "{factor}");
            assert!(near(count(&|number| one[number] && one[(number + 1) % WORLDS as usize]), factor * factor), "{factor}");
        }
    }
}
