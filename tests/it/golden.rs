//! Goldens: the library's figures against the shared goldens, and against the oracle on generated estates.

use crate::answers;
use crate::oracle::Reference;
use crate::world::{CONTROLS, POLICY, SERVICES, World, json, shared};
use crate::{generate, oracle};
use serde_json::Value;
use std::collections::BTreeMap;
use weaklink::catalog::{End, Layer};
use weaklink::estate::SystemIx;
use weaklink::graph::{Arc, ExposureGraph, Semiring, State, solve};

fn reference(model: &Value) -> Reference<'_> {
    Reference::new(model, &POLICY, &SERVICES, &CONTROLS, "2026-11-01")
}

/// Every path at which `got` differs from what is wanted; what is not wanted is not looked at.
fn differences(path: &str, want: &Value, got: &Value) -> Vec<String> {
    match (want, got) {
        (Value::Object(fields), Value::Object(_)) => {
            fields.iter().flat_map(|(key, want)| differences(&format!("{path}.{key}"), want, &got[key])).collect()
        }
        (Value::Array(wanted), Value::Array(given)) if wanted.len() == given.len() => {
            wanted.iter().zip(given).enumerate().flat_map(|(ix, (want, got))| differences(&format!("{path}[{ix}]"), want, got)).collect()
        }
        _ if want == got => Vec::new(),
        _ => vec![format!("{path}: want {want}, got {got}")],
    }
}

#[test]
fn every_figure_equals_the_shared_goldens() {
    let Some(folder) = shared("golden", "every_figure_equals_the_shared_goldens") else { return };
    let read = |name: String| json(&std::fs::read_to_string(folder.join(name)).expect("the golden is readable"));
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .expect("the folder is readable")
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(".score.json").map(str::to_owned))
        .collect();
    names.sort_unstable();
    assert!(!names.is_empty(), "no golden in {}", folder.display());
    let mut wrong = Vec::new();
    for name in names {
        let world = World::of(&read(format!("{name}.json")));
        let graph = world.graph();
        wrong.extend(differences(&format!("{name}.score"), &read(format!("{name}.score.json")), &answers::score(&graph)));
        for want in read(format!("{name}.blast.json")).as_array().expect("a list of answers") {
            let target = want["target"].as_str().expect("a target");
            wrong.extend(differences(&format!("{name}.blast {target}"), want, &answers::blast(&graph, target)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The estates that the library and the oracle are compared on: mostly small, up to twelve systems.
fn estates() -> impl Iterator<Item = (u64, Value)> {
    (0..240_u64).map(|seed| {
        let systems = if seed % 12 == 11 { 8 + (seed as usize / 12) % 5 } else { 1 + seed as usize % 7 };
        (seed, generate::estate(seed.wrapping_mul(0x9e37_79b9) + 7, systems))
    })
}

#[test]
fn scores_equal_the_oracles_to_the_last_figure() {
    for (seed, model) in estates() {
        let world = World::of(&model);
        let wrong = differences("score", &reference(&model).score(), &answers::score(&world.graph()));
        assert!(wrong.is_empty(), "seed {seed}:\n{}\n{model}", wrong.join("\n"));
    }
}

#[test]
fn blast_radii_and_witnesses_equal_the_oracles() {
    for (seed, model) in estates().filter(|(seed, _)| seed % 3 == 0) {
        let (world, reference) = (World::of(&model), reference(&model));
        let graph = world.graph();
        let targets = answers::targets(&graph);
        // A system of a small estate has eleven layers: every seventh target keeps the mixture.
        for target in targets.iter().step_by(if targets.len() > 14 { 7 } else { 1 }) {
            let wrong = differences(target, &reference.blast(target), &answers::blast(&graph, target));
            assert!(wrong.is_empty(), "seed {seed}:\n{}\n{model}", wrong.join("\n"));
        }
    }
}

#[test]
fn states_arcs_and_factors_equal_the_oracles_bit_for_bit() {
    for (seed, model) in estates() {
        let (world, reference) = (World::of(&model), reference(&model));
        let graph = world.graph();
        let states: Vec<State> = reference.states.iter().map(to_state).collect();
        assert_eq!(graph.states().collect::<Vec<_>>(), states, "seed {seed}");
        let mut wanted: Vec<_> = reference
            .arcs
            .iter()
            .map(|arc| {
                let connection = (!arc.connection.is_empty()).then(|| graph.estate.find_connection(&arc.connection).expect("the same id"));
                let factor = arc.factor.map(f64::to_bits);
                (states[arc.from], states[arc.to], connection, arc.rule, factor)
            })
            .collect();
        let as_row = |arc: Arc| {
            let factor = End::BOTH.map(|end| graph.factor(&arc, end).value.to_bits());
            (arc.from, arc.to, arc.connection, usize::from(arc.rule.0), factor)
        };
        let mut leaving: Vec<_> = graph.states().flat_map(|state| graph.arcs_from(state)).map(as_row).collect();
        let mut entering: Vec<_> = graph.states().flat_map(|state| graph.arcs_to(state)).map(as_row).collect();
        wanted.sort_unstable();
        leaving.sort_unstable();
        entering.sort_unstable();
        assert_eq!(leaving, wanted, "seed {seed}: arcs_from");
        assert_eq!(entering, wanted, "seed {seed}: arcs_to");
    }
}

#[test]
fn exposures_equal_the_oracles_bit_for_bit() {
    for (seed, model) in estates() {
        let (world, reference) = (World::of(&model), reference(&model));
        let graph = world.graph();
        for (number, end) in End::BOTH.into_iter().enumerate() {
            let severities: Vec<(usize, f64)> = reference.states.iter().map(|state| state.severity[number]).enumerate().collect();
            let wanted = reference.solve(&severities, end == End::High);
            let got = solve(&graph, &graph.gap_seeds(end), Semiring::Product, end);
            assert_eq!(bits(&graph, &got), wanted.iter().map(|value| value.to_bits()).collect::<Vec<_>>(), "seed {seed} {end:?}");
            if model["systems"].as_array().is_some_and(|systems| systems.len() == 1) {
                assert_eq!(wanted, reference.exposure_by_simple_paths(&severities, end == End::High), "seed {seed} {end:?}");
            }
        }
    }
}

/// The attestation of a declared owner was lost where a half of the layer's split is nobody's.
#[test]
fn a_declared_providers_attestation_counts_beside_an_unowned_half() {
    let model = json(
        r#"{ "weaklink": 1,
            "parties": [{ "id": "azure", "kind": "provider", "attested": { "as_of": "2026-11-01" } }],
            "systems": [{ "id": "s", "layers": { "data": { "owner": "azure", "split": { "provider": { "owner": "nobody" } } } } }] }"#,
    );
    let world = World::of(&model);
    let score = answers::score(&world.graph());
    assert_eq!(differences("score", &reference(&model).score(), &score), Vec::<String>::new());
    let data = &score["systems"][0]["layers"][10];
    assert_eq!((&data["verdict"], &data["control"]), (&json(r#""unowned""#), &json(r#"{ "low": 10000, "high": 10000 }"#)));
}

#[test]
fn generated_estates_show_every_verdict_and_gap_kind() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (_, model) in estates() {
        for state in reference(&model).states {
            *seen.entry(format!("verdict {}", state.verdict)).or_default() += 1;
            *seen.entry(format!("gap {}", state.gap.unwrap_or("none"))).or_default() += 1;
            *seen.entry(format!("cell {}", state.cell)).or_default() += 1;
        }
    }
    let kinds = weaklink::catalog::GapKind::IDS.iter().map(|id| format!("gap {id}"));
    let verdicts = weaklink::catalog::Verdict::IDS.iter().map(|id| format!("verdict {id}"));
    for word in kinds.chain(verdicts) {
        assert!(seen.contains_key(&word), "no estate shows {word}: {seen:?}");
    }
}

fn to_state(state: &oracle::State) -> State {
    State::new(SystemIx(state.system as u32), Layer::ALL[state.layer])
}

fn bits(graph: &ExposureGraph<'_>, values: &[f64]) -> Vec<u64> {
    graph.states().map(|state| values[state.index()].to_bits()).collect()
}
