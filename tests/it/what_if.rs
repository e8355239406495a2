//! What-if against models that were edited by other hands, and claims against models on which they do not hold.

use crate::cli::{Folder, code, path, stderr, stdout, weaklink};
use crate::fixes::estate;
use crate::world::{AS_OF, Random, World};
use serde_json::{Value, json};
use weaklink::analysis::fixes::{self, Watch};
use weaklink::analysis::verify::{Verdict, verify};
use weaklink::analysis::{self, Target};
use weaklink::catalog::{BasisPoints, End, FixKind, Layer};
use weaklink::graph::Semiring;
use weaklink::report::json as reports;

fn system<'m>(model: &'m mut Value, id: &str) -> &'m mut Value {
    let systems = model["systems"].as_array_mut().expect("a list");
    systems.iter_mut().find(|system| system["id"] == id).expect("the system")
}

/// An estate whose connections all have ids.
fn named(seed: u64) -> Value {
    let mut model = estate(seed, 8);
    for (ix, connection) in model["connections"].as_array_mut().expect("a list").iter_mut().enumerate() {
        connection["id"] = json!(format!("c{ix}"));
    }
    model
}

/// Random edits, as flags and made by hand.
fn edit(model: &Value, random: &mut Random) -> (Vec<String>, Value) {
    let (mut flags, mut edited) = (Vec::new(), model.clone());
    let ids: Vec<String> =
        model["systems"].as_array().expect("a list").iter().map(|system| system["id"].as_str().expect("an id").to_owned()).collect();
    let mut is_said = std::collections::BTreeSet::new();
    let mut flag = |name: &str, text: String| flags.extend([name.to_owned(), text]);
    for _ in 0..=random.below(8) {
        let id = ids[random.below(ids.len())].clone();
        let count = edited["connections"].as_array().expect("a list").len();
        let connection = format!("c{}", random.below(count.max(1)));
        let at = edited["connections"].as_array().expect("a list").iter().position(|known| known["id"] == connection.as_str());
        match random.below(7) {
            0 | 1 => {
                let (layer, status) = (random.pick(Layer::IDS), random.pick(&["implemented", "partial", "unknown", "not-implemented"]));
                if is_said.insert(format!("{id}:{layer}")) {
                    flag("--set", format!("{id}:{layer}.status={status}"));
                    system(&mut edited, &id)["layers"][layer]["status"] = json!(status);
                }
            }
            2 => {
                let facing = random.pick(&["internet", "partner", "internal", "isolated"]);
                if is_said.insert(format!("{id}.facing")) {
                    flag("--set", format!("{id}.facing={facing}"));
                    system(&mut edited, &id)["facing"] = json!(facing);
                }
            }
            3 => {
                let layer = random.pick(Layer::IDS);
                if is_said.insert(format!("{id}:{layer}.owner")) {
                    flag("--set", format!("{id}:{layer}.owner=nobody"));
                    system(&mut edited, &id)["layers"][layer]["owner"] = json!("nobody");
                }
            }
            4 => {
                let to = ids[random.below(ids.len())].clone();
                if to != id && is_said.insert(format!("{id} stores {to}")) {
                    flag("--add", format!("{id} stores {to}"));
                    let added = json!({ "from": id, "kind": "stores", "to": to });
                    edited["connections"].as_array_mut().expect("a list").push(added);
                }
            }
            5 => {
                if let Some(at) = at.filter(|_| is_said.insert(connection.clone())) {
                    flag("--drop", connection);
                    edited["connections"].as_array_mut().expect("a list").remove(at);
                }
            }
            _ => {
                if let Some(at) = at.filter(|_| is_said.insert(connection.clone())) {
                    let (what, value) =
                        random.pick(&[("certainty", "possible"), ("controls.authn", "implemented"), ("controls.authz", "partial")]);
                    flag("--set", format!("{connection}.{what}={value}"));
                    let known = &mut edited["connections"].as_array_mut().expect("a list")[at];
                    match what.strip_prefix("controls.") {
                        Some(class) => known["controls"] = json!([{ "class": class, "strength": "strong", "status": value }]),
                        None => known[what] = json!(value),
                    }
                }
            }
        }
    }
    (flags, edited)
}

#[test]
fn a_what_if_equals_a_fresh_run_on_the_model_edited_by_hand() {
    let folder = Folder::new("what-if");
    let mut random = Random(6);
    let mut edits = 0;
    for round in 0..450 {
        let model = named(random.next());
        let (flags, edited) = edit(&model, &mut random);
        if flags.is_empty() {
            continue;
        }
        edits += flags.len() / 2;
        let file = folder.file("model.json", model.to_string());
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let as_of = AS_OF.to_string();
        let asked = [&["what-if", path(&file), "--as-of", &as_of, "--format", "json"][..], &flags].concat();
        let output = weaklink(&asked);
        assert_eq!(code(&output), 0, "{flags:?}: {}", stderr(&output));
        let answer: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
        let fresh = World::of(&edited);
        let graph = fresh.graph();
        let score = reports::score(&graph, &analysis::score(&graph, BasisPoints(2_000), analysis::Attribution::Omitted, &|_, _| ()));
        let score = serde_json::to_value(score).expect("JSON");
        assert_eq!(answer["posture"]["after"], score["posture"], "{flags:?}\n{model}");
        assert_eq!(answer["risk_points"]["after"], score["risk_points"], "{flags:?}\n{model}");
        for system in answer["systems"].as_array().expect("a list") {
            let fresh = score["systems"].as_array().expect("a list").iter().find(|known| known["id"] == system["id"]).expect("the system");
            assert_eq!(system["after"], fresh["exposure"], "{flags:?}\n{model}");
        }
        if round % 8 == 0 {
            // What is written out is the model edited by hand, too.
            let output = weaklink(&[&asked[..], &["--emit", "model"]].concat());
            let emitted: Value = serde_json::from_str(&stdout(&output)).expect("the model is JSON");
            let emitted = World::of(&emitted);
            let emitted = analysis::posture(&emitted.graph()).risk_points;
            assert_eq!(emitted, analysis::posture(&graph).risk_points, "{flags:?}\n{model}");
        }
    }
    assert!(edits > 1_500, "{edits}");
}

#[test]
fn a_failing_control_fails_wherever_it_is_claimed_and_with_all_that_depends_on_it() {
    let mut model = named(3);
    for id in ["s0", "s1"] {
        system(&mut model, id)["layers"]["access"] =
            json!({ "owner": "acme", "status": "implemented", "controls": { "access.mfa": "implemented" } });
    }
    let folder = Folder::new("fail-control");
    let file = folder.file("model.json", model.to_string());
    let output = weaklink(&["what-if", path(&file), "--fail", "control:access.mfa", "--emit", "model", "--format", "json"]);
    let mut emitted: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    for id in ["s0", "s1"] {
        assert_eq!(system(&mut emitted, id)["layers"]["access"]["controls"]["access.mfa"], "not-implemented");
    }
    assert!(!system(&mut emitted, "s2")["layers"]["access"].to_string().contains("mfa"));
}

/// The claims of a result, and which of them hold.
fn verdicts(model: &Value, result: &Value) -> Vec<Verdict> {
    let world = World::of(model);
    let graph = world.graph();
    let claims = reports::claims(&graph, &result.to_string()).expect("a result of this model");
    claims.iter().map(|(_, claim)| verify(&graph, claim)).collect()
}

fn holds(verdict: &Verdict) -> bool {
    !matches!(verdict, Verdict::Fails(_))
}

#[test]
fn every_witness_plan_and_cut_verifies_and_none_does_when_it_is_touched() {
    let mut random = Random(11);
    let (mut plans, mut cuts, mut refuted) = (0, 0, 0);
    for _ in 0..120 {
        let model = named(random.next());
        let world = World::of(&model);
        let graph = world.graph();
        let states: Vec<_> = graph.states().collect();
        let state = random.pick(&states);
        let name = format!("{}:{}", world.estate.system(state.system()).id, state.layer());
        let target = Target::parse(&graph, &name).expect("a target");
        let radius = analysis::blast_radius(&graph, target, Semiring::Product, BasisPoints(1_000));
        let blast = serde_json::to_value(reports::blast(&graph, &radius, &name, "product")).expect("JSON");
        assert!(verdicts(&model, &blast).iter().all(holds), "{blast:#}");
        if let Some(last) = radius.states.len().checked_sub(1).filter(|last| *last > 0) {
            let mut touched = blast.clone();
            let figure = &mut touched["states"][last]["exposure"]["high"];
            *figure = json!(figure.as_u64().expect("a number") / 2);
            assert!(!verdicts(&model, &touched).iter().all(holds));
            refuted += 1;
        }
        let kinds = [FixKind::Close, FixKind::Own, FixKind::Control, FixKind::Remove];
        let candidates = fixes::candidates(&graph, &kinds);
        // Stopped early, a plan rests on its paths; whole, mostly on a search.
        let stopped = Watch { progress: &|_, _| {}, is_stopped: &|| true };
        for (end, watch) in [(End::High, Watch::NOBODY), (End::High, stopped), (End::Low, Watch::NOBODY), (End::Low, stopped)] {
            let plan = fixes::plan(&graph, candidates.clone(), 2, end, watch);
            let told = serde_json::to_value(reports::plan(&graph, &plan, &kinds)).expect("JSON");
            assert!(verdicts(&model, &told).iter().all(holds), "{told:#} {:?}", verdicts(&model, &told));
            plans += 1;
            for (key, value) in [("residual", json!(told["plan"]["residual"].as_u64().unwrap_or(0) + 7)), ("budget", json!(0))] {
                let mut touched = told.clone();
                touched["plan"][key] = value;
                let is_felt = key == "residual" || !plan.steps.is_empty();
                assert!(!is_felt || !verdicts(&model, &touched).iter().all(holds), "{key} {told:#}");
            }
            if !plan.certificate.is_empty() {
                let mut touched = told.clone();
                touched["plan"]["bound"] = json!(told["plan"]["base"].as_u64().expect("a number") + 100);
                assert!(!verdicts(&model, &touched).iter().all(holds));
            }
        }
        if let Ok(found) = fixes::protect(&graph, &[state], &candidates, BasisPoints(1_000), Watch::NOBODY) {
            let told = reports::protection(&graph, Ok(&found), &name, BasisPoints(1_000), &kinds);
            let told = serde_json::to_value(told).expect("JSON");
            assert!(verdicts(&model, &told).iter().all(holds), "{told:#} {:?}", verdicts(&model, &told));
            if !found.fixes.is_empty() {
                cuts += 1;
                let mut touched = told.clone();
                let dropped = touched["protection"]["fixes"].as_array_mut().expect("a list").remove(0);
                touched["protection"]["cost"] = json!(found.cost - dropped["cost"].as_u64().expect("a number"));
                assert!(!verdicts(&model, &touched).iter().all(holds), "a cheapest cut needs all of its fixes");
                let mut touched = told.clone();
                for path in touched["protection"]["paths"].as_array_mut().expect("a list") {
                    path["cost"] = json!(path["cost"].as_u64().expect("a number") + 5);
                }
                touched["protection"]["bound"] = json!(found.cost + 5);
                assert!(found.paths.is_empty() || !verdicts(&model, &touched).iter().all(holds));
            }
        }
    }
    assert!(plans > 200 && cuts > 20 && refuted > 40, "{plans} {cuts} {refuted}");
}

#[test]
fn a_result_of_another_policy_or_another_model_is_refused() {
    let folder = Folder::new("verify");
    let (one, other) = (folder.file("one.json", named(1).to_string()), folder.file("other.json", crate::cli::TWO));
    let result = folder.path().join("result.json");
    weaklink(&["fix", path(&one), "--budget", "2", "--format", "json", "-o", path(&result)]);
    let verified = weaklink(&["verify", path(&result), path(&one)]);
    assert_eq!(code(&verified), 0, "{}{}", stdout(&verified), stderr(&verified));
    assert_eq!(code(&weaklink(&["verify", path(&result), path(&other)])), 2);
    assert_eq!(code(&weaklink(&["verify", path(&result), path(&one), "--profiles", "up"])), 2);
    let text = std::fs::read_to_string(&result).expect("the result");
    let mut touched: Value = serde_json::from_str(&text).expect("JSON");
    touched["plan"]["residual"] = json!(1);
    let touched = folder.file("touched.json", touched.to_string());
    assert_eq!(code(&weaklink(&["verify", path(&touched), path(&one)])), 1);
}
