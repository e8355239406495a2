//! Laws of reviews, trials, gates and waivers, on random pairs of estates.

use crate::edits::{
    self, Moves, Outcome, Pair, clean, edited, is_valid, list, model, named, pair, plain, prefixed, random_connection, random_control,
    reviewed, risks, texts, undone, union,
};
use crate::laws::{cases, estate};
use crate::oracle::{Reference, bp};
use crate::rewriting::written;
use crate::world::{AS_OF, CONTROLS, POLICY, Random, SERVICES, World, policy};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use weaklink::analysis::review::{self, CauseKind, Review, WayBackKind};
use weaklink::catalog::{BasisPoints, Cell, End, Layer, PartyKind, Policy};
use weaklink::coverage::Coverage;
use weaklink::engine::Trial;
use weaklink::estate::Change;
use weaklink::graph::{Edit, ExposureGraph, Semiring, State, Witness, solve};

/// Other names, remarks and sources of evidence.
fn renamed(value: &mut Value, random: &mut Random) {
    match value {
        Value::Object(fields) => {
            fields.values_mut().for_each(|value| renamed(value, random));
            let text = json!(format!("other {}", random.below(5)));
            let has = |key: &str| fields.contains_key(key);
            if has("as_of") {
                fields.insert("source".to_owned(), text);
            } else if has("from") || has("split") {
                fields.insert("note".to_owned(), text);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| renamed(item, random)),
        _ => {}
    }
}

/// The same model with another name for everything, and in another order.
fn otherwise(model: &Value, random: &mut Random) -> Value {
    let effective = |model: &Value| Reference::new(model, &POLICY, &SERVICES, &CONTROLS, "2026-11-01").systems;
    let mut other = model.clone();
    // Rules are of equal standing where their order changes nothing.
    random.shuffle(list(&mut other, "rules"));
    if effective(&other) != effective(model) {
        other["rules"] = model["rules"].clone();
    }
    renamed(&mut other, random);
    let has_rules = other["rules"] != json!([]);
    for system in list(&mut other, "systems") {
        system["name"] = json!(format!("System {}", random.below(9)));
        system["source"] = json!(format!("main.tf:{}", random.below(9)));
        // Rules may go by tags.
        if !has_rules {
            system["tags"] = json!(["other"]);
        }
    }
    other["name"] = json!("Another name");
    for key in ["parties", "systems", "connections"] {
        random.shuffle(list(&mut other, key));
    }
    serde_json::from_str(&written(&other, random)).expect("JSON")
}

/// The criticality that a review goes by: another one under the base's than under the head's changes nothing.
fn with_criticality_of(head: &Value, base: &Value) -> Value {
    let (mut head, mut base) = (head.clone(), base.clone());
    for system in list(&mut head, "systems") {
        if let Some(known) = named(&mut base, "systems", system["id"].as_str().expect("an id")) {
            system.as_object_mut().expect("a system").remove("criticality");
            if !known["criticality"].is_null() {
                system["criticality"] = known["criticality"].clone();
            }
        }
    }
    head
}

/// A policy that differs in a number or two.
fn other_policy(random: &mut Random) -> Value {
    let mut other: Value = POLICY.clone();
    other["floor"] = json!(random.below(200) as f64 / 1_000.0);
    other["levels"]["likely"] = json!(0.6 + random.below(400) as f64 / 1_000.0);
    other["threat"]["internal"] = json!(random.below(1_000) as f64 / 1_000.0);
    other["resist"] = json!(random.below(1_000) as f64 / 1_000.0);
    other
}

/// The risk of every system on the high end, by the slow oracle.
fn oracle_risks(model: &Value, weights: &Value, policy: &Value) -> BTreeMap<String, u16> {
    let of = |model| Reference::new(model, policy, &SERVICES, &CONTROLS, "2026-11-01");
    let (reference, weights) = (of(model), of(weights));
    let seeds: Vec<(usize, f64)> = reference.states.iter().map(|state| state.severity[1]).enumerate().collect();
    let exposure = reference.solve(&seeds, true);
    let systems = 0..reference.systems.len();
    let risk = |system: usize| {
        let id = reference.id(system).to_owned();
        let known = (0..weights.systems.len()).find(|&known| weights.id(known) == id);
        let criticality = known.map_or(reference.criticality[system], |known| weights.criticality[known])[1];
        let states = (0..reference.states.len()).filter(|&state| reference.states[state].system == system);
        let worst = states.map(|state| exposure[state]).fold(0.0, f64::max);
        (id, bp(criticality * worst) as u16)
    };
    systems.map(risk).collect()
}

fn figures(outcome: &Outcome) -> (u64, u64, &Moves, &Moves) {
    (outcome.score, outcome.added, &outcome.rises, &outcome.falls)
}

proptest! {
    #![proptest_config(cases(80))]

    #[test]
    fn a_review_of_a_model_against_itself_is_empty_however_it_is_written(model in estate(), seed in any::<u64>()) {
        prop_assert_eq!(Outcome::of(&model, &model), Outcome::nothing(0));
        let other = otherwise(&model, &mut Random(seed));
        let outcome = reviewed(&model, &other, |review| (Outcome::told(review), review.is_empty()));
        prop_assert_eq!(outcome, (Outcome::nothing(0), true), "{}", other);
    }

    #[test]
    fn clean_systems_without_connections_are_told_and_count_nowhere(model in estate(), count in 1..4_usize) {
        let base = plain(&model);
        let mut wider = base.clone();
        list(&mut wider, "systems").extend((0..count).map(|number| clean(&format!("zz{number}"), &json!({}))));
        let only_added = |review: &Review<'_>| review.changes.iter().all(|change| matches!(change, Change::SystemAdded(_)));
        let (outcome, only_added) = reviewed(&base, &wider, |review| (Outcome::told(review), only_added(review)));
        prop_assert_eq!(outcome, Outcome::nothing(count));
        prop_assert!(only_added);
    }

    #[test]
    fn a_review_says_what_the_oracle_says_under_the_policy_and_criticality_of_the_base(pair in pair(), seed in any::<u64>()) {
        let value = other_policy(&mut Random(seed));
        let of_base = policy(&value);
        let worlds = [&pair.base, &pair.head].map(|model| World::of_texts(&[&model.to_string()], &of_base));
        let own = Coverage::of(&worlds[1].estate, Policy::shipped(), AS_OF);
        let own = ExposureGraph::build(&worlds[1].estate, &own, Policy::shipped());
        let graphs = worlds.each_ref().map(World::graph);
        let outcomes = [None, Some(&own)].map(|own| Outcome::told(&review::review(&graphs[0], &graphs[1], own)));
        let [before, after] = [&pair.base, &pair.head].map(|model| oracle_risks(model, &pair.base, &value));
        let moved = |is_it: &dyn Fn(u16, u16) -> bool| -> Moves {
            let pairs = after.iter().map(|(id, &after)| (id.clone(), (before.get(id).copied().unwrap_or(0), after)));
            pairs.filter(|&(_, (before, after))| is_it(before, after)).collect()
        };
        let (rises, falls) = (moved(&|before, after| after > before), moved(&|before, after| after < before));
        let deltas = || rises.values().map(|&(before, after)| u64::from(after - before));
        let expected = (deltas().max().unwrap_or(0), deltas().sum::<u64>(), &rises, &falls);
        prop_assert_eq!(figures(&outcomes[0]), expected);
        // The head's own policy is told, and changes no figure.
        prop_assert_eq!(figures(&outcomes[1]), expected);
        prop_assert!(outcomes[1].weakenings.contains("policy-changed") && !outcomes[0].weakenings.contains("policy-changed"));
    }

    #[test]
    fn what_happens_elsewhere_changes_no_rise(one in pair(), other in pair()) {
        let far = |model: &Value, parties: &Value| {
            let mut far = prefixed(model, "far-");
            far["parties"] = parties["parties"].clone();
            far
        };
        let far = Pair { base: far(&other.base, &one.base), head: far(&other.head, &one.head) };
        prop_assume!(is_valid(&far.base) && is_valid(&far.head));
        let (here, there) = (Outcome::of(&one.base, &one.head), Outcome::of(&far.base, &far.head));
        let both = Outcome::of(&union(&one.base, &far.base), &union(&one.head, &far.head));
        prop_assert_eq!((both.score, both.added), (here.score.max(there.score), here.added + there.added));
        prop_assert_eq!(&both.rises, &here.rises.iter().chain(&there.rises).map(|(id, &rise)| (id.clone(), rise)).collect());
        prop_assert!(here.weakenings.is_subset(&both.weakenings) && there.weakenings.is_subset(&both.weakenings));
    }

    #[test]
    fn closing_gaps_in_the_head_pays_for_no_rise(pair in pair(), seed in any::<u64>()) {
        let (mut random, mut closed) = (Random(seed), pair.head.clone());
        for _ in 0..=random.below(3) {
            let connections = list(&mut closed, "connections");
            if connections.is_empty() {
                break;
            }
            let connection_ix = random.below(connections.len());
            match random.below(2) {
                0 => list(&mut connections[connection_ix], "controls").push(random_control(&mut random)),
                _ => drop(connections.remove(connection_ix)),
            }
        }
        let (left, all) = (Outcome::of(&pair.base, &closed), Outcome::of(&pair.base, &pair.head));
        let alone = risks(&closed, &pair.base);
        prop_assert!(left.score <= all.score && left.added <= all.added);
        for (id, &(before, after)) in &left.rises {
            prop_assert!(all.rises.get(id).is_some_and(|known| known.0 == before && known.1 >= after));
            prop_assert_eq!(alone[id], after);
        }
    }

    #[test]
    fn findings_are_the_same_in_whatever_order_the_files_are(pair in pair(), seed in any::<u64>()) {
        let mut random = Random(seed);
        let mut moved = |model: &Value| -> Value {
            let mut moved = model.clone();
            for key in ["parties", "systems", "connections"] {
                random.shuffle(list(&mut moved, key));
            }
            moved
        };
        let fingerprints = |base: &Value, head: &Value| {
            reviewed(base, head, |review| {
                let ids = review.rises.iter().map(|rise| &rise.id).chain(review.weakenings.iter().map(|weakening| &weakening.id));
                let ids: Vec<String> = ids.map(|id| format!("{id} {}", id.fingerprint())).collect();
                let causes: Vec<String> = review.rises.iter().map(|rise| format!("{:?}", rise.cause)).collect();
                (Outcome::told(review), ids, causes)
            })
        };
        prop_assert_eq!(fingerprints(&moved(&pair.base), &moved(&pair.head)), fingerprints(&pair.base, &pair.head));
    }
}

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn trials_find_what_a_solve_of_the_edited_model_finds(pair in pair(), seed in any::<u64>()) {
        let mut base = pair.base;
        for (number, connection) in list(&mut base, "connections").iter_mut().enumerate() {
            connection["id"] = json!(format!("e{number}"));
        }
        let mut random = Random(seed);
        let world = World::of(&base);
        let graph = world.graph();
        for end in End::BOTH {
            let seeds = graph.gap_seeds(end);
            let witness = Witness::new(&graph, solve(&graph, &seeds, Semiring::Product, end), &seeds, Semiring::Product, end);
            let mut trial = Trial::new(&graph, &witness);
            for turn in 0..4 {
                let mut head = edited(&base, seed.wrapping_add(turn), turn as usize * 3);
                // What a connection lets through shows where nothing else is edited.
                for _ in 0..=(turn % 3 * 3) {
                    edits::edit_connection(&mut head, &mut random);
                }
                list(&mut head, "systems").retain(|system| world.estate.find_system(system["id"].as_str().expect("an id")).is_some());
                list(&mut head, "connections").retain(|connection| connection["id"].is_string());
                for connection in list(&mut head, "connections") {
                    let known = world.estate.find_connection(connection["id"].as_str().expect("an id")).expect("the connection");
                    connection["kind"] = json!(world.estate.connection(known).kind.id());
                    if connection["kind"] != "feeds" {
                        connection.as_object_mut().expect("a connection").remove("copy");
                    }
                }
                let other = World::of(&head);
                let edits: Vec<Edit<'_>> = edits_between(&world, &other);
                let edited = other.graph();
                let solved = solve(&edited, &edited.gap_seeds(end), Semiring::Product, end);
                let value = |state: State| {
                    let system_ix = other.estate.find_system(&world.estate.system(state.system()).id);
                    system_ix.map_or(0.0, |system_ix| solved[State::new(system_ix, state.layer()).index()])
                };
                let all = (0..graph.state_bound()).map(State::from_index);
                let expected: Vec<(State, f64)> =
                    all.map(|state| (state, value(state))).filter(|&(state, value)| value != witness.value(state)).collect();
                prop_assert_eq!(trial.with(&edits), expected, "{:?} turn {}\n{}\n{}", end, turn, base, head);
            }
        }
    }
}

/// What turns one model into another that has no more systems and connections.
fn edits_between<'o>(world: &World<'_>, other: &'o World<'_>) -> Vec<Edit<'o>> {
    let mut edits = Vec::new();
    for system_ix in world.estate.system_ixs() {
        let after = other.estate.find_system(&world.estate.system(system_ix).id);
        let row = after.map_or([None; Layer::COUNT], |after| other.coverage.row(after));
        if row != world.coverage.row(system_ix) {
            edits.push(Edit::System(system_ix, Box::new(row)));
        }
    }
    for connection in world.estate.connections() {
        let connection_ix = world.estate.find_connection(&connection.id).expect("the connection");
        match other.estate.find_connection(&connection.id).map(|after| other.estate.connection(after)) {
            None => edits.push(Edit::Removal(connection_ix)),
            Some(after) => {
                let figures = |of: &weaklink::estate::Connection| (of.controls.clone(), of.certainty, of.copy);
                if figures(after) != figures(connection) {
                    edits.push(Edit::Connection(connection_ix, after));
                }
            }
        }
    }
    edits
}

/// The document with a layer wholly covered, where that can be written.
fn covered(document: &Value, graph: &ExposureGraph<'_>, state: State) -> Option<Value> {
    let mut document = document.clone();
    let system = graph.estate.system(state.system());
    let party =
        |kind: &dyn Fn(PartyKind) -> bool| graph.estate.parties().iter().find(|party| kind(party.kind)).map(|party| party.id.clone());
    let customer = party(&|kind| kind != PartyKind::Provider);
    let provider = match &system.provider {
        None => party(&|kind| kind == PartyKind::Provider),
        Some(provider) => graph.estate.find_party(provider).map(|party_ix| graph.estate.party(party_ix).id.clone()),
    };
    let claim = match graph.coverage.layer(state.system(), state.layer())?.cell {
        Cell::Customer => json!({ "owner": customer?, "status": "implemented" }),
        Cell::Provider => json!({ "status": "implemented" }),
        _ => {
            let mut halves =
                json!({ "customer": { "owner": customer?, "status": "implemented" }, "provider": { "status": "implemented" } });
            if let Some(provider) = provider {
                halves["provider"]["owner"] = json!(provider);
            }
            json!({ "split": halves })
        }
    };
    named(&mut document, "systems", &system.id)?["layers"][state.layer().id()] = claim;
    let world = is_valid(&document).then(|| World::of(&document))?;
    // A provider that is on the customer's side, or none: then no claim covers the layer.
    let coverage = world.coverage.layer(world.system(&system.id), state.layer())?.coverage;
    (coverage == weaklink::catalog::Interval::ONE).then_some(document)
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn a_change_left_out_has_the_effect_of_undoing_it_in_the_file(pair in pair()) {
        reviewed(&pair.base, &pair.head, |review| -> Result<(), TestCaseError> {
            for (change_ix, &change) in review.changes.iter().enumerate() {
                let document = if review.rises.is_empty() { None } else { undone(&pair, review, change) };
                let risk = document.as_ref().map(|document| risks(document, &pair.base));
                for rise in &review.rises {
                    let id = &review.head.estate.system(rise.system).id;
                    let without = risk.as_ref().map(|risk| risk.get(id).copied().unwrap_or(0));
                    match rise.cause.changes.iter().find(|left_out| left_out.change_ix == change_ix) {
                        Some(left_out) => {
                            if let (Some(told), Some(without)) = (left_out.risk, without) {
                                prop_assert_eq!(told.0, without, "{} without {:?}\n{}", id, change, pair.head);
                            }
                            prop_assert!(left_out.risk.is_some() || without.is_none(), "{} can be without {:?}", id, change);
                        }
                        None => prop_assert!(
                            without.is_none_or(|without| without >= rise.head.high.0), "{:?} is a cause of {} {:?}", change, id, without
                        ),
                    }
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_cause_is_told_as_its_witness_has_it(pair in pair()) {
        reviewed(&pair.base, &pair.head, |review| -> Result<(), TestCaseError> {
            let (base, head) = (review.base, review.head);
            for rise in &review.rises {
                let (cause, path) = (&rise.cause, review.path(rise));
                prop_assert_eq!(path.len(), cause.hops as usize);
                prop_assert_eq!(path.first().map_or(rise.worst, |arc| arc.from), cause.origin);
                prop_assert_eq!(path.last().map_or(cause.origin, |arc| arc.to), rise.worst);
                let factor = |arc: &weaklink::graph::Arc| head.factor(arc, End::High).value;
                let value = path.iter().fold(head.severity(cause.origin, End::High), |value, arc| value * factor(arc));
                let seeds = head.gap_seeds(End::High);
                prop_assert_eq!(value, solve(head, &seeds, Semiring::Product, End::High)[rise.worst.index()]);
                let weakest = path.iter().enumerate().reduce(|weakest, arc| if factor(arc.1) < factor(weakest.1) { arc } else { weakest });
                prop_assert_eq!(cause.weakest, weakest.map(|(at, arc)| (at, *arc)));
                let severity = head.severity(cause.origin, End::High);
                let before = base.estate.find_system(&head.estate.system(cause.origin.system()).id);
                let before = before.map_or(0.0, |before| base.severity(State::new(before, cause.origin.layer()), End::High));
                let is_new = |arc: &weaklink::graph::Arc| {
                    arc.connection.is_some_and(|connection_ix| review.changes.contains(&Change::ConnectionAdded(connection_ix)))
                };
                let kind = match before {
                    0.0 => CauseKind::NewGap,
                    before if before < severity => CauseKind::WiderGap,
                    _ if path.iter().any(is_new) => CauseKind::OldGapNewEdge,
                    _ => CauseKind::OldGapWeakerHold,
                };
                prop_assert_eq!(cause.kind, kind);
                prop_assert!(!cause.has_more_changes && cause.changes.iter().all(|left_out| left_out.is_tried));
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_way_back_leads_where_it_is_said_to_lead(pair in pair()) {
        reviewed(&pair.base, &pair.head, |review| -> Result<(), TestCaseError> {
            for rise in &review.rises {
                let id = &review.head.estate.system(rise.system).id;
                let Some(way) = rise.cause.way_back else {
                    let closed = covered(&pair.head, review.head, rise.cause.origin).map(|document| risks(&document, &pair.base)[id]);
                    prop_assert!(closed.is_none_or(|closed| closed >= rise.head.high.0), "closing the gap is a way back");
                    continue;
                };
                prop_assert_eq!(way.is_enough, way.risk <= rise.base.high);
                let is_enough = |risk: Option<BasisPoints>| risk.is_some_and(|risk| risk <= rise.base.high);
                prop_assert!(way.is_enough || !rise.cause.changes.iter().any(|left_out| is_enough(left_out.risk)));
                let document = match way.kind {
                    WayBackKind::Cover(state) => covered(&pair.head, review.head, state),
                    WayBackKind::LeaveOut(change_ix) => undone(&pair, review, review.changes[change_ix]),
                    WayBackKind::Control(connection_ix, class_ix) => {
                        let mut document = pair.head.clone();
                        let at = edits::position(&document, &review.head.estate.connection(connection_ix).id);
                        let class = &review.head.policy.classes[class_ix];
                        let control = json!({ "class": class, "strength": "strong", "status": "implemented" });
                        list(&mut document["connections"][at], "controls").push(control);
                        Some(document)
                    }
                };
                let Some(document) = document else { continue };
                let after = risks(&document, &pair.base);
                let risk = |system_ix| after.get(&review.head.estate.system(system_ix).id).copied().unwrap_or(0);
                prop_assert_eq!(way.risk.0, risk(rise.system), "{} {:?}\n{}", id, way, document);
                let back = review.rises.iter().filter(|rise| risk(rise.system) <= rise.base.high.0).count();
                prop_assert_eq!(way.brings_back, back, "{} {:?}", id, way);
            }
            Ok(())
        })?;
    }
}

/// A layer of a system that is made to belong to the customer and to say nothing.
fn simple_layer(model: &mut Value, random: &mut Random) -> (String, &'static str) {
    let systems = list(model, "systems");
    let system_ix = random.below(systems.len());
    let system = &mut systems[system_ix];
    for key in ["service", "settings"] {
        system.as_object_mut().expect("a system").remove(key);
    }
    (system["model"], system["owner"]) = (json!("on-premises"), json!("acme"));
    system["layers"] = json!({});
    (system["id"].as_str().expect("an id").to_owned(), random.pick(Layer::IDS))
}

const RANKED: [&str; 4] = ["not-implemented", "unknown", "partial", "implemented"];

proptest! {
    #![proptest_config(cases(80))]

    #[test]
    fn a_claim_is_flagged_if_it_says_more_without_evidence_or_no_more_at_all(pair in pair(), seed in any::<u64>()) {
        let (mut random, mut base) = (Random(seed), pair.base.clone());
        let (id, layer) = simple_layer(&mut base, &mut random);
        let (low, high) = (random.below(4), random.below(4));
        let with = |claim: Value| {
            let mut model = base.clone();
            named(&mut model, "systems", &id).expect("the system")["layers"][layer] = claim;
            model
        };
        let flags = |base: Value, head: Value| Outcome::of(&base, &head).weakenings;
        let (before, after) = (json!({ "status": RANKED[low] }), json!({ "status": RANKED[high] }));
        let attested = json!({ "status": RANKED[high], "evidence": { "as_of": "2026-10-01", "source": "audit" } });
        let raised = BTreeSet::from([format!("claim-without-evidence@{id}:{layer}")]);
        let nothing = BTreeSet::new();
        // Less may be known of the worst case while the best case is said to be better.
        let is_raised = POLICY["status"][RANKED[high]][1].as_f64() > POLICY["status"][RANKED[low]][1].as_f64()
            || POLICY["status"][RANKED[high]][0].as_f64() > POLICY["status"][RANKED[low]][0].as_f64();
        let unsaid = RANKED[low] != "unknown" && RANKED[high] == "unknown";
        let removed = BTreeSet::from([format!("removed-status@{id}:{layer}")]);
        let expected = if unsaid { &removed } else if is_raised { &raised } else { &nothing };
        prop_assert_eq!(&flags(with(before.clone()), with(after)), expected);
        prop_assert_eq!(&flags(with(before.clone()), with(attested)), if unsaid { &removed } else { &nothing });
        let silent = flags(with(before), with(json!({ "owner": "acme" })));
        prop_assert_eq!(&silent, if RANKED[low] == "unknown" { &nothing } else { &removed });
    }

    #[test]
    fn silence_that_lowers_a_risk_is_flagged(base in estate(), seed in any::<u64>()) {
        let (base, mut random) = (plain(&base), Random(seed));
        let mut head = base.clone();
        let systems = list(&mut head, "systems");
        let system_ix = random.below(systems.len());
        let mut parts: Vec<&mut Value> = Vec::new();
        for claim in systems[system_ix]["layers"].as_object_mut().into_iter().flat_map(|layers| layers.values_mut()) {
            let mut halves = claim["split"].take();
            if random.chance(50) && halves.is_object() {
                for half in halves.as_object_mut().into_iter().flat_map(|halves| halves.values_mut()) {
                    if random.chance(50) {
                        half.as_object_mut().expect("a half").remove("status");
                    }
                }
                claim["split"] = halves;
            } else {
                if halves.is_object() {
                    claim["split"] = halves;
                } else {
                    claim.as_object_mut().expect("a claim").remove("split");
                }
                parts.push(claim);
            }
        }
        for part in parts {
            if random.chance(30) && part["status"] != "not-applicable" {
                part.as_object_mut().expect("a claim").remove("status");
            }
        }
        let outcome = Outcome::of(&base, &head);
        prop_assert!(outcome.falls.is_empty() || !outcome.weakenings.is_empty(), "{:?}\n{}\n{}", outcome, base, head);
    }

    #[test]
    fn a_system_that_is_gone_is_flagged_and_credited_nowhere(pair in pair(), seed in any::<u64>()) {
        let mut random = Random(seed);
        let mut fewer = pair.head.clone();
        edits::remove_system(&mut fewer, &mut random);
        let gone: BTreeSet<String> = texts(&pair.base, "systems").into_iter().filter(|id| !texts(&fewer, "systems").contains(id)).collect();
        let risk = risks(&pair.base, &pair.base);
        reviewed(&pair.base, &fewer, |review| -> Result<(), TestCaseError> {
            let told = Outcome::told(review);
            for id in &gone {
                let retired = review.weakenings.iter().find(|told| told.id.to_string() == format!("removed-system@{id}"));
                prop_assert_eq!(retired.and_then(|told| told.retired).map(|risk| risk.0), Some(risk[id]));
                prop_assert!(!told.falls.contains_key(id) && !told.rises.contains_key(id));
            }
            // What is left is as risky as it is, whatever went.
            let alone = risks(&fewer, &pair.base);
            for (id, &(before, after)) in &told.rises {
                prop_assert_eq!((before, after), (risk.get(id).copied().unwrap_or(0), alone[id]));
            }
            prop_assert_eq!(told.added, told.rises.values().map(|&(before, after)| u64::from(after - before)).sum::<u64>());
            Ok(())
        })?;
    }

    #[test]
    fn what_a_removed_system_had_no_part_in_rises_as_before(pair in pair(), seed in any::<u64>()) {
        let mut fewer = pair.head.clone();
        edits::remove_system(&mut fewer, &mut Random(seed));
        let left = texts(&fewer, "systems");
        let told = Outcome::of(&pair.base, &fewer);
        reviewed(&pair.base, &pair.head, |review| -> Result<(), TestCaseError> {
            let id = |state: State| &review.head.estate.system(state.system()).id;
            for rise in &review.rises {
                let path = review.path(rise);
                let on_path = std::iter::once(rise.cause.origin).chain(path.iter().map(|arc| arc.to));
                if on_path.map(id).all(|id| left.contains(id)) {
                    prop_assert_eq!(told.rises.get(id(rise.worst)), Some(&(rise.base.high.0, rise.head.high.0)));
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn lower_criticality_is_flagged_and_changes_no_figure(pair in pair(), seed in any::<u64>()) {
        let (mut random, mut lower) = (Random(seed), pair.head.clone());
        let ids = texts(&pair.base, "systems");
        let id = ids[random.below(ids.len())].clone();
        let Some(system) = named(&mut lower, "systems", &id) else { return Ok(()) };
        system["criticality"] = json!(random.pick(&["low", "moderate", "high"]));
        let weight = |model: &Value| {
            let criticality = named(&mut model.clone(), "systems", &id).expect("the system")["criticality"].clone();
            criticality.as_str().map_or(1.0, |word| POLICY["criticality"][word].as_f64().expect("a number"))
        };
        let is_lower = weight(&lower) < weight(&pair.base);
        let (before, after) = (Outcome::of(&pair.base, &pair.head), Outcome::of(&pair.base, &lower));
        prop_assert_eq!(figures(&before), figures(&after));
        prop_assert_eq!(after.weakenings.contains(&format!("lower-criticality@{id}")), is_lower);
    }

    #[test]
    fn a_feed_that_is_said_to_keep_no_copy_any_more_is_flagged(pair in pair(), seed in any::<u64>()) {
        let (mut random, mut base) = (Random(seed), pair.base.clone());
        let mut feed = random_connection(&base, &mut random);
        (feed["kind"], feed["id"]) = (json!("feeds"), json!("the-feed"));
        list(&mut base, "connections").push(feed);
        let mut head = base.clone();
        list(&mut head, "connections").last_mut().expect("the feed")["copy"] = json!(false);
        let outcome = Outcome::of(&base, &head);
        prop_assert_eq!(&outcome.weakenings, &BTreeSet::from(["no-copy@the-feed".to_owned()]));
        prop_assert!(outcome.rises.is_empty() && !outcome.passed);
        prop_assert_eq!(Outcome::of(&head, &base).weakenings, BTreeSet::new());
    }

    #[test]
    fn saying_less_of_the_head_lowers_no_risk_on_the_high_end(pair in pair(), seed in any::<u64>()) {
        let (mut random, mut silent) = (Random(seed), pair.head.clone());
        let world = World::of(&pair.head);
        for system in list(&mut silent, "systems") {
            let known = world.system(system["id"].as_str().expect("an id"));
            let unsay = |value: &mut Value, key: &str| drop(value.as_object_mut().map(|fields| fields.remove(key)));
            for key in ["owner", "facing", "criticality"] {
                if random.chance(30) {
                    unsay(system, key);
                }
            }
            for (layer, claim) in system["layers"].as_object_mut().into_iter().flatten() {
                let Some(coverage) = world.coverage.layer(known, Layer::from_id(layer).expect("a layer")) else { continue };
                let is_clear = coverage.ownership.verdict == weaklink::catalog::Verdict::Clear;
                if random.chance(30) && is_clear {
                    unsay(claim, "owner");
                }
                // Silence about a provider's layer is its attestation, not an unknown.
                if random.chance(50) && coverage.cell == Cell::Customer {
                    unsay(claim, "status");
                }
            }
        }
        prop_assert!(is_valid(&silent));
        let (said, unsaid) = (Outcome::of(&pair.base, &pair.head), Outcome::of(&pair.base, &silent));
        prop_assert!(unsaid.score >= said.score && unsaid.added >= said.added);
        let (before, after) = (risks(&pair.head, &pair.base), risks(&silent, &pair.base));
        prop_assert!(before.iter().all(|(id, risk)| after[id] >= *risk), "{}\n{}", pair.head, silent);
    }

    #[test]
    fn the_rises_one_way_are_the_falls_of_the_other_and_changes_add_up(pair in pair(), seed in any::<u64>()) {
        let second = with_criticality_of(&pair.head, &pair.base);
        let third = with_criticality_of(&with_criticality_of(&edited(&second, seed, 4), &second), &pair.base);
        let (one, other) = (Outcome::of(&pair.base, &second), Outcome::of(&second, &pair.base));
        let swapped = |moves: &Moves| -> Moves {
            moves.iter().map(|(id, &(before, after))| (id.clone(), (after, before))).collect()
        };
        let is_in_both = |id: &String| texts(&pair.base, "systems").contains(id) && texts(&second, "systems").contains(id);
        let mut rises = one.rises.clone();
        rises.retain(|id, _| is_in_both(id));
        prop_assert_eq!(swapped(&rises), other.falls.clone());
        let mut rises = other.rises.clone();
        rises.retain(|id, _| is_in_both(id));
        prop_assert_eq!(swapped(&rises), one.falls.clone());
        let (second_leg, whole) = (Outcome::of(&second, &third), Outcome::of(&pair.base, &third));
        for id in texts(&third, "systems").iter().filter(|id| is_in_both(id)) {
            prop_assert_eq!(one.delta(id) + second_leg.delta(id), whole.delta(id), "{}", id);
        }
    }
}

/// A service of a declared provider, of which only the provider's attestation speaks for the provider's layers.
fn attested(parties: &Value) -> Value {
    let half = |owner: &str| json!({ "owner": owner, "status": "implemented" });
    let mut system = clean("web", &json!({}));
    (system["model"], system["provider"]) = (json!("iaas"), json!("cloud"));
    (system["layers"]["physical"], system["layers"]["virtualization"]) = (json!({}), json!({}));
    let mut open = clean("open", &json!({}));
    (open["model"], open["provider"]) = (json!("unknown"), json!("cloud"));
    for layer in Layer::IDS {
        open["layers"][layer] = json!({ "split": { "customer": half("acme"), "provider": { "status": "implemented" } } });
    }
    let mut base = model(&[system, open], &[]);
    list(&mut base, "parties").extend(parties.as_array().expect("a list").clone());
    base
}

/// What happens to a party alone is a cause like any other.
#[test]
fn a_party_that_is_added_changed_or_gone_is_a_cause() {
    let cloud = |kind: &str| json!([{ "id": "cloud", "kind": kind, "attested": { "as_of": "2026-10-01" } }]);
    let bare = json!([{ "id": "cloud", "kind": "provider" }]);
    for (before, after, rises) in [
        (cloud("provider"), json!([]), vec!["web"]),
        (cloud("provider"), bare, vec!["web"]),
        (cloud("provider"), cloud("third-party"), vec!["open"]),
        (json!([]), cloud("third-party"), vec!["open"]),
    ] {
        let pair = Pair { base: attested(&before), head: attested(&after) };
        reviewed(&pair.base, &pair.head, |review| {
            let risen: Vec<&str> = review.rises.iter().map(|rise| review.head.estate.system(rise.system).id.as_str()).collect();
            assert_eq!(risen, rises, "{before} {after}");
            for rise in &review.rises {
                let told: Vec<(usize, Option<u16>)> =
                    rise.cause.changes.iter().map(|left_out| (left_out.change_ix, left_out.risk.map(|risk| risk.0))).collect();
                assert_eq!(told, [(0, Some(rise.base.high.0))], "{before} {after}");
            }
        });
    }
}

/// Evidence of the customer's half says nothing about the provider's.
#[test]
fn silence_about_a_half_is_flagged_though_the_other_half_has_evidence() {
    let parties = json!([{ "id": "cloud", "kind": "provider", "attested": { "as_of": "2026-10-01" } }]);
    let (mut base, mut head) = (attested(&parties), attested(&parties));
    for (model, status) in [(&mut base, Some("not-implemented")), (&mut head, None)] {
        let split = &mut named(model, "systems", "open").expect("the system")["layers"]["data"]["split"];
        split["customer"]["evidence"] = json!({ "as_of": "2026-10-01" });
        split["provider"] = status.map_or(json!({}), |status| json!({ "status": status }));
    }
    let outcome = Outcome::of(&base, &head);
    assert_eq!(outcome.falls.len(), 1);
    assert_eq!(outcome.weakenings, BTreeSet::from(["removed-status@open:data".to_owned()]));
}
