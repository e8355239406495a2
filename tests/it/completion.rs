//! Completions: facts stated where something was unknown lie inside the intervals, and reach both their ends.

use crate::laws::{Figures, Generated, cases, estate};
use crate::oracle::Reference;
use crate::world::{CONTROLS, POLICY, Random, SERVICES, World};
use proptest::prelude::*;
use serde_json::{Value, json};
use weaklink::catalog::{Cell, Layer, Side, Verdict};
use weaklink::coverage::{Accountable, LayerCoverage};
use weaklink::estate::SystemIx;

/// How unknowns turn out.
pub(crate) enum Turn {
    /// All as well as can be.
    Well,
    /// All as badly as can be.
    Badly,
    /// Each in its own way, or not at all with so many percent.
    Somehow { random: Random, open: usize },
}

impl Turn {
    /// One of the words, the best first and the worst last; none where the unknown stays.
    fn of<'w>(&mut self, words: &[&'w str]) -> Option<&'w str> {
        match self {
            Self::Well => words.first().copied(),
            Self::Badly => words.last().copied(),
            Self::Somehow { random, open } => (!random.chance(*open)).then(|| random.pick(words)),
        }
    }
}

const STATUSES: [&str; 5] = ["implemented", "alternative", "partial", "planned", "not-implemented"];

/// The model with its rules written out and one evidence a layer, so that every unknown stands in one place.
pub(crate) fn plain(model: &Value) -> Value {
    let reference = Reference::new(model, &POLICY, &SERVICES, &CONTROLS, "2026-11-01");
    let mut plain = model.clone();
    plain["systems"] = json!(reference.systems);
    plain["rules"] = json!([]);
    for system in plain["systems"].as_array_mut().expect("a list") {
        for claim in system["layers"].as_object_mut().into_iter().flat_map(|layers| layers.values_mut()) {
            for half in claim["split"].as_object_mut().into_iter().flat_map(|split| split.values_mut()) {
                half.as_object_mut().expect("a half").remove("evidence");
            }
            if claim["split"].is_null() {
                claim.as_object_mut().expect("a claim").remove("split");
            }
        }
    }
    plain
}

/// The plain model with its unknowns turned out.
fn completed(model: &Value, turn: &mut Turn) -> Value {
    let world = World::of(model);
    let mut done = model.clone();
    for system in done["systems"].as_array_mut().expect("a list") {
        if system["facing"].is_null() {
            set(system, "facing", turn.of(&["isolated", "internal", "partner", "internet"]));
        }
        if system["criticality"].is_null() {
            set(system, "criticality", turn.of(&["low", "moderate", "high", "crown-jewel"]));
        }
        let system_ix = world.system(system["id"].as_str().expect("an id"));
        for &layer in Layer::ALL {
            if let Some(coverage) = world.coverage.layer(system_ix, layer) {
                let own = half_owner(&world, system_ix);
                if system["layers"].is_null() {
                    system["layers"] = json!({});
                }
                let claim = system["layers"].as_object_mut().expect("a map").entry(layer.id()).or_insert_with(|| json!({}));
                complete_layer(claim, &coverage, &world, own, turn);
            }
        }
    }
    let connections = done["connections"].as_array_mut().expect("a list");
    connections.retain_mut(|connection| {
        for control in connection["controls"].as_array_mut().into_iter().flatten() {
            if control["status"] == "unknown" {
                set(control, "status", turn.of(&STATUSES));
            }
        }
        // Where nothing was said, nothing is said afterwards.
        connection.as_object_mut().expect("a map").retain(|_, value| !value.is_null());
        let is_possible = connection.get("certainty").is_some_and(|certainty| certainty == "possible");
        match if is_possible { turn.of(&["absent", "certain"]) } else { None } {
            Some("absent") => false,
            certainty => {
                set(connection, "certainty", certainty);
                true
            }
        }
    });
    done
}

/// Who can own the provider's half of a split: the provider if it is a declared party, anyone if none is known.
pub(crate) fn half_owner<'w>(world: &'w World<'_>, system_ix: SystemIx) -> Option<&'w str> {
    let provider = world.estate.system(system_ix).provider.as_deref();
    let is_known = provider.is_some_and(|provider| world.estate.find_party(provider).is_some());
    if is_known { provider } else { provider.is_none().then_some("aws") }
}

fn set(of: &mut Value, key: &str, word: Option<&str>) {
    if let Some(word) = word {
        of[key] = json!(word);
    }
}

/// Turns out who owns a layer and which of its controls are in place.
pub(crate) fn complete_layer(claim: &mut Value, coverage: &LayerCoverage, world: &World<'_>, provider: Option<&str>, turn: &mut Turn) {
    // What a shared layer's halves say does not count until both are good; it would be new claims, not facts.
    let halves_of_both =
        json!({ "customer": { "owner": "acme" }, "provider": provider.map_or_else(|| json!({}), |owner| json!({ "owner": owner })) });
    match coverage.ownership.verdict {
        Verdict::Unclaimed => {
            if let Some(owner) = turn.of(&["acme", "nobody"]) {
                claim["owner"] = json!(owner);
                claim.as_object_mut().expect("a claim").remove("split");
            }
        }
        Verdict::Unsplit => match turn.of(&["split", "nobody"]) {
            Some("split") => claim["split"] = halves_of_both,
            Some(_) => {
                claim["owner"] = json!("nobody");
                claim.as_object_mut().expect("a claim").remove("split");
            }
            None => {}
        },
        _ => {}
    }
    let is_split = matches!(coverage.ownership.accountable, Accountable::Split { .. });
    let is_providers = match (coverage.cell, coverage.ownership.accountable) {
        (Cell::Provider, _) => true,
        (Cell::Unknown | Cell::Undetermined, Accountable::Party(party_ix)) => world.estate.party(party_ix).kind.side() == Side::Provider,
        _ => false,
    };
    // Old evidence makes unknown what rests on it: renewed, it says what is in place now.
    let is_stale = claim["evidence"]["as_of"].as_str().is_some_and(|date| date < "2025-11-01");
    let all_renewed = !is_stale || matches!(turn, Turn::Well | Turn::Badly) || turn.of(&["renewed"]).is_some();
    let silent_half = is_split && claim["status"].is_null();
    let mut parts = Vec::new();
    if is_split {
        parts.extend(
            claim["split"].as_object_mut().expect("a split").iter_mut().map(|(side, half)| (half, silent_half && side == "customer")),
        );
    }
    for (part, must_speak) in parts {
        complete_part(part, is_stale && all_renewed, must_speak, turn);
    }
    complete_part(claim, is_stale && all_renewed, !is_split && !is_providers, turn);
    if is_stale && all_renewed {
        claim["evidence"] = json!({ "as_of": "2026-11-01" });
    }
    claim.as_object_mut().expect("a claim").retain(|_, value| !value.is_null());
}

/// Turns out the unknown statuses of a claim or a half; `must_speak`: silence is an unknown as well.
fn complete_part(part: &mut Value, is_renewed: bool, must_speak: bool, turn: &mut Turn) {
    let rests_on_evidence = |status: &Value| ["implemented", "alternative", "partial"].iter().any(|word| status == word);
    let mut complete = |status: &mut Value, may_be_silent: bool| {
        let is_unknown = status == "unknown" || (status.is_null() && !may_be_silent);
        if is_renewed && rests_on_evidence(status) {
            // Renewed evidence decides; what stays as it was is a fact, too.
            if let Some(word) = turn.of(&STATUSES) {
                *status = json!(word);
            }
        } else if is_unknown && let Some(word) = turn.of(&STATUSES) {
            *status = json!(word);
        }
    };
    complete(&mut part["status"], !must_speak);
    for status in part["controls"].as_object_mut().into_iter().flat_map(|controls| controls.values_mut()) {
        complete(status, true);
    }
    part.as_object_mut().expect("a claim").retain(|_, value| !value.is_null());
}

fn inside(model: &Generated, mut turn: Turn) -> Result<(), TestCaseError> {
    let before = plain(model);
    let after = completed(&before, &mut turn);
    let (outer, inner) = (Figures::of(&before), Figures::of(&after));
    prop_assert_eq!(outer.coverage.len(), inner.coverage.len());
    for (outer, inner) in outer.coverage.iter().zip(&inner.coverage) {
        prop_assert!(outer.low <= inner.low && inner.high <= outer.high, "a coverage left its interval: {outer:?} {inner:?}");
    }
    prop_assert!(inner.lies_inside(&outer), "a figure left its interval");
    Ok(())
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn every_completion_lies_inside_the_intervals(model in estate(), seed in any::<u64>()) {
        inside(&model, Turn::Somehow { random: Random(seed), open: 0 })?;
    }

    #[test]
    fn stating_some_facts_only_shrinks_the_intervals(model in estate(), seed in any::<u64>()) {
        inside(&model, Turn::Somehow { random: Random(seed), open: 80 })?;
    }

    #[test]
    fn both_ends_of_every_interval_are_attained(model in estate()) {
        let before = plain(&model);
        let whole = Figures::of(&before);
        let well = Figures::of(&completed(&before, &mut Turn::Well));
        let badly = Figures::of(&completed(&before, &mut Turn::Badly));
        for ((whole, well), badly) in whole.all().zip(well.all()).zip(badly.all()) {
            prop_assert_eq!((whole.low, whole.high), (well.low, badly.high));
        }
        prop_assert_eq!((whole.posture.0, whole.posture.1), (badly.posture.0, well.posture.1));
    }
}
