//! The same estate written otherwise gives the same answers: permuted, split into overlays, rules written out, as YAML.

use crate::answers;
use crate::laws::{cases, estate};
use crate::oracle::Reference;
use crate::world::{AS_OF, CONTROLS, POLICY, Random, SERVICES, World};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use weaklink::catalog::Policy;
use weaklink::coverage::Coverage;
use weaklink::estate::Estate;
use weaklink::source::Source;

fn everything(texts: &[&str]) -> Value {
    let world = World::of_texts(texts, Policy::shipped());
    answers::everything(&world.graph())
}

/// The value as JSON with the keys of every map in random order.
pub(crate) fn written(value: &Value, random: &mut Random) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<String> = fields.iter().map(|(key, value)| format!("{}: {}", json!(key), written(value, random))).collect();
            random.shuffle(&mut fields);
            format!("{{ {} }}", fields.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(|item| written(item, random)).collect::<Vec<_>>().join(",\n")),
        scalar => scalar.to_string(),
    }
}

/// Splits a map in two that give it back when merged; values that merge key by key may be split again.
fn split_map(whole: &Map<String, Value>, random: &mut Random) -> (Map<String, Value>, Map<String, Value>) {
    let (mut base, mut over) = (Map::new(), Map::new());
    for (key, value) in whole {
        match value {
            Value::Object(inner) if key != "evidence" && random.chance(60) => {
                let (below, above) = split_map(inner, random);
                base.insert(key.clone(), Value::Object(below));
                over.insert(key.clone(), Value::Object(above));
            }
            // The base may also say something else, which the overlay replaces.
            Value::String(_) if key == "status" && random.chance(30) => {
                base.insert(key.clone(), json!("partial"));
                over.insert(key.clone(), value.clone());
            }
            _ if random.chance(50) => {
                base.insert(key.clone(), value.clone());
            }
            _ => {
                over.insert(key.clone(), value.clone());
            }
        }
    }
    (base, over)
}

/// The model as a base and an overlay.
fn split_model(model: &Value, random: &mut Random) -> (Value, Value) {
    let (mut base, mut over) = (json!({ "weaklink": 1, "name": model["name"] }), json!({ "weaklink": 1 }));
    let list = |key: &str| model[key].as_array().expect("a list");
    for key in ["parties", "connections"] {
        let (below, above): (Vec<Value>, Vec<Value>) = list(key).iter().cloned().partition(|_| random.chance(50));
        (base[key], over[key]) = (json!(below), json!(above));
    }
    // Rules apply in file order, the overlay's after the base's.
    let (below, above) = list("rules").split_at(random.below(list("rules").len() + 1));
    (base["rules"], over["rules"]) = (json!(below), json!(above));
    let (mut below, mut above) = (Vec::new(), Vec::new());
    for system in list("systems") {
        let whole = system.as_object().expect("a system");
        match random.below(3) {
            0 => below.push(system.clone()),
            1 => above.push(system.clone()),
            _ => {
                let (mut first, mut second) = split_map(whole, random);
                for part in [&mut first, &mut second] {
                    part.insert("id".to_owned(), whole["id"].clone());
                }
                below.push(Value::Object(first));
                above.push(Value::Object(second));
            }
        }
    }
    (base["systems"], over["systems"]) = (json!(below), json!(above));
    (base, over)
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn the_order_of_the_file_changes_no_answer(model in estate(), seed in any::<u64>()) {
        let mut random = Random(seed);
        let mut permuted = (*model).clone();
        for key in ["parties", "systems", "connections"] {
            random.shuffle(permuted[key].as_array_mut().expect("a list"));
        }
        prop_assert_eq!(everything(&[&model.to_string()]), everything(&[&written(&permuted, &mut random)]));
    }

    #[test]
    fn a_base_and_its_overlay_answer_as_the_whole(model in estate(), seed in any::<u64>()) {
        let mut random = Random(seed);
        let (base, over) = split_model(&model, &mut random);
        prop_assert_eq!(everything(&[&model.to_string()]), everything(&[&base.to_string(), &over.to_string()]), "{}\n{}", base, over);
    }

    #[test]
    fn rules_written_out_answer_as_the_rules(model in estate()) {
        let reference = Reference::new(&model, &POLICY, &SERVICES, &CONTROLS, "2026-11-01");
        let mut plain = (*model).clone();
        plain["systems"] = json!(reference.systems);
        plain["rules"] = json!([]);
        prop_assert_eq!(everything(&[&model.to_string()]), everything(&[&plain.to_string()]));
    }

    #[test]
    fn json_and_yaml_answer_alike(model in estate()) {
        let source = Source::from_bytes("model.yaml".to_owned(), yaml(&model, 0).into_bytes(), 0).expect("the model is text");
        let estate = match Estate::parse(&source, AS_OF) {
            Ok(estate) => estate,
            Err(faults) => return Err(TestCaseError::fail(format!("{faults:#?}\n{}", source.text()))),
        };
        let coverage = Coverage::of(&estate, Policy::shipped(), AS_OF);
        let world = World { estate, coverage, policy: Policy::shipped() };
        prop_assert_eq!(everything(&[&model.to_string()]), answers::everything(&world.graph()));
    }
}

/// The value in YAML's block style, strings quoted as in JSON.
fn yaml(value: &Value, depth: usize) -> String {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().map(|(key, value)| format!("\n{indent}{}: {}", json!(key), yaml(value, depth + 1))).collect()
        }
        Value::Array(items) if !items.is_empty() => items.iter().map(|item| format!("\n{indent}- {}", yaml(item, depth + 1))).collect(),
        scalar => scalar.to_string(),
    }
}
