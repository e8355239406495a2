//! What other scores get wrong, as axioms of reviews: no dilution, no duplication, no budget of a search, no averages.

use crate::edits::{Outcome, clean, is_valid, list, model, named, pair, prefixed, random_connection, texts, union};
use crate::generate;
use crate::laws::cases;
use crate::world::Random;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;

proptest! {
    #![proptest_config(cases(80))]

    #[test]
    fn another_connection_never_improves_a_review(pair in pair(), seed in any::<u64>()) {
        prop_assume!(texts(&pair.head, "systems").len() > 1);
        let (mut random, mut wider) = (Random(seed), pair.head.clone());
        let added = random_connection(&wider, &mut random);
        list(&mut wider, "connections").push(added);
        let (before, after) = (Outcome::of(&pair.base, &pair.head), Outcome::of(&pair.base, &wider));
        prop_assert!(after.score >= before.score && after.added >= before.added);
        prop_assert!(before.rises.iter().all(|(id, rise)| after.rises[id].1 >= rise.1));
    }

    #[test]
    fn a_clone_of_a_system_raises_no_score(pair in pair(), seed in any::<u64>()) {
        let mut random = Random(seed);
        let shared: Vec<String> =
            texts(&pair.base, "systems").into_iter().filter(|id| texts(&pair.head, "systems").contains(id)).collect();
        prop_assume!(!shared.is_empty());
        let id = shared[random.below(shared.len())].clone();
        let cloned = |model: &Value| {
            let mut cloned = model.clone();
            let mut system = named(&mut cloned, "systems", &id).expect("the system").clone();
            system["id"] = json!("a-clone");
            list(&mut cloned, "systems").push(system);
            let copies: Vec<Value> = list(&mut cloned, "connections")
                .iter()
                .filter(|connection| connection["from"] == id.as_str() || connection["to"] == id.as_str())
                .map(|connection| {
                    let mut copy = connection.clone();
                    copy.as_object_mut().expect("a connection").remove("id");
                    let end = if copy["from"] == id.as_str() { "from" } else { "to" };
                    copy[end] = json!("a-clone");
                    copy
                })
                .collect();
            list(&mut cloned, "connections").extend(copies);
            cloned
        };
        let once = Outcome::of(&pair.base, &pair.head);
        let mut twice = Outcome::of(&cloned(&pair.base), &cloned(&pair.head));
        prop_assert_eq!((twice.score, twice.added), (once.score, once.added + once.delta(&id).max(0) as u64));
        prop_assert_eq!(twice.rises.remove("a-clone"), once.rises.get(&id).copied());
        prop_assert_eq!(&twice.rises, &once.rises);
        // Cloned in the head alone it is a new system, and lends its risk to no other.
        let mut new = Outcome::of(&pair.base, &cloned(&pair.head));
        new.rises.remove("a-clone");
        prop_assert_eq!(new.rises, once.rises);
    }
}

proptest! {
    #![proptest_config(cases(25))]

    #[test]
    fn unrelated_systems_make_no_rise_vanish(pair in pair(), seed in any::<u64>()) {
        let mut crowd = prefixed(&generate::estate(seed, 54), "far-");
        (crowd["parties"], crowd["rules"]) = (pair.head["parties"].clone(), json!([]));
        prop_assume!(is_valid(&crowd));
        let here = Outcome::of(&pair.base, &pair.head);
        let among = Outcome::of(&pair.base, &union(&pair.head, &crowd));
        prop_assert!(here.rises.iter().all(|(id, rise)| among.rises.get(id) == Some(rise)));
        prop_assert!(among.score >= here.score && among.added >= here.added);
    }
}

/// The same model with the code of one system not covered.
fn opened(base: &Value, id: &str) -> Value {
    let mut head = base.clone();
    named(&mut head, "systems", id).expect("the system")["layers"]["code"]["status"] = json!("not-implemented");
    head
}

#[test]
fn a_chain_of_fourteen_hops_rises_to_its_end() {
    let id = |number: usize| format!("c{number:02}");
    let systems: Vec<Value> = (0..15).map(|number| clean(&id(number), &json!({ "monitoring": "unknown" }))).collect();
    let connections: Vec<Value> = (0..14).map(|number| json!({ "from": id(number), "to": id(number + 1), "kind": "deploys" })).collect();
    let mut base = model(&systems, &connections);
    // What is not watched is a gap of its own, and a small one where nobody faces it.
    base["systems"][0] = clean("c00", &json!({}));
    for system in list(&mut base, "systems").iter_mut().skip(1) {
        system["facing"] = json!("isolated");
    }
    let outcome = Outcome::of(&base, &opened(&base, "c00"));
    assert_eq!(outcome.rises.keys().cloned().collect::<Vec<_>>(), (0..15).map(id).collect::<Vec<_>>());
}

#[test]
fn many_dependents_dilute_no_rise() {
    let outcomes = [25, 1_000].map(|dependents| {
        let id = |number: usize| format!("d{number:04}");
        let systems = std::iter::once(clean("hub", &json!({}))).chain((0..dependents).map(|number| clean(&id(number), &json!({}))));
        let connections = (0..dependents).map(|number| json!({ "from": "hub", "to": id(number), "kind": "deploys" }));
        let base = model(&systems.collect::<Vec<_>>(), &connections.collect::<Vec<_>>());
        Outcome::of(&base, &opened(&base, "hub"))
    });
    assert_eq!(outcomes[0].score, outcomes[1].score);
    assert_eq!(outcomes[0].rises["hub"], outcomes[1].rises["hub"]);
    let [few, many] = outcomes.each_ref().map(|outcome| {
        let dependents: BTreeSet<(u16, u16)> = outcome.rises.iter().filter(|(id, _)| *id != "hub").map(|(_, &rise)| rise).collect();
        (dependents, outcome.rises.len())
    });
    assert_eq!((few.0, few.1 + 975), many);
}

/// Nothing that falls has a say: an improvement as large as anything leaves the gate where it was.
#[test]
fn falls_never_pay_for_rises() {
    let both = |bad: &str, good: &str| model(&[clean("bad", &json!({ "data": bad })), clean("good", &json!({ "data": good }))], &[]);
    let (base, head) = (both("not-implemented", "implemented"), both("implemented", "not-implemented"));
    let outcome = Outcome::of(&base, &head);
    let only_worse = both("not-implemented", "not-implemented");
    let alone = Outcome::of(&base, &only_worse);
    assert_eq!((outcome.score, outcome.added, &outcome.rises), (alone.score, alone.added, &alone.rises));
    assert_eq!((outcome.falls.len(), outcome.changes, outcome.passed), (1, 2, false));
}
