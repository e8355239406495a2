//! Derived ids of connections: unique, the same in every order of the file, and the specification's.

use crate::laws::cases;
use crate::oracle::connection_ids;
use crate::world::{Random, World};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Ids of systems whose derived connections read alike: `>` and `#` are as good as letters in an id.
const IDS: [&str; 8] = ["x", "y", "z", "x>feeds>y", "y>feeds>z", "y#2", "z#2", "x>feeds>y>feeds>z"];

fn model(connections: &[Value]) -> Value {
    let systems: Vec<Value> = IDS.iter().map(|id| json!({ "id": id, "model": "iaas" })).collect();
    json!({ "weaklink": 1, "systems": systems, "connections": connections })
}

/// From id to (from, to, note).
fn named(model: &Value) -> BTreeMap<String, (String, String, Option<String>)> {
    let estate = World::of(model).estate;
    let id = |system_ix| estate.system(system_ix).id.clone();
    estate.connections().iter().map(|link| (link.id.clone(), (id(link.from), id(link.to), link.note.clone()))).collect()
}

#[test]
fn connections_that_read_alike_get_numbers_in_the_order_of_their_canonical_json() {
    let [one, other] =
        [json!({ "from": "x>feeds>y", "to": "z", "kind": "feeds" }), json!({ "from": "x", "to": "y>feeds>z", "kind": "feeds" })];
    let wanted = BTreeMap::from([
        ("x>feeds>y>feeds>z".to_owned(), ("x".to_owned(), "y>feeds>z".to_owned(), None)),
        ("x>feeds>y>feeds>z#2".to_owned(), ("x>feeds>y".to_owned(), "z".to_owned(), None)),
    ]);
    assert_eq!(named(&model(&[one.clone(), other.clone()])), wanted);
    assert_eq!(named(&model(&[other, one])), wanted);
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn derived_ids_are_unique_and_follow_no_order_of_the_file(seed in any::<u64>()) {
        let mut random = Random(seed);
        let mut explicit = std::collections::BTreeSet::new();
        let mut connections: Vec<Value> = (0..2 + random.below(10))
            .map(|_| {
                let from = random.below(IDS.len());
                let to = (from + 1 + random.below(IDS.len() - 1)) % IDS.len();
                let mut connection = json!({ "from": IDS[from], "to": IDS[to], "kind": if random.chance(80) { "feeds" } else { "reaches" } });
                if random.chance(40) {
                    connection["note"] = json!(random.pick(&["a", "b"]));
                }
                let id = random.pick(&["x>feeds>y", "x>feeds>y#2", "x>feeds>y>feeds>z#2", "x>feeds>y>feeds>z#3"]);
                if random.chance(15) && explicit.insert(id) {
                    connection["id"] = json!(id);
                }
                connection
            })
            .collect();
        let got = named(&model(&connections));
        prop_assert_eq!(got.len(), connections.len());
        let wanted: BTreeMap<_, _> = connection_ids(&connections)
            .into_iter()
            .map(|(id, link)| {
                let text = |key: &str| link[key].as_str().map(str::to_owned);
                (id, (text("from").unwrap_or_default(), text("to").unwrap_or_default(), text("note")))
            })
            .collect();
        prop_assert_eq!(&got, &wanted);
        random.shuffle(&mut connections);
        prop_assert_eq!(named(&model(&connections)), got);
    }
}
