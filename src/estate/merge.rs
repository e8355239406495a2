//! Merging of overlays and rules: mappings merge key by key, the later word wins; lists and evidence are replaced whole.

use super::document::{Document, HalfClaim, LayerClaim, RuleEntry, SplitClaim, SystemEntry};
use super::hashed::HashMap;
use crate::catalog::Layer;
use crate::source::{Diagnostics, Fault, Noun, Span};
use std::collections::BTreeMap;
use std::collections::hash_map::Entry;

/// Replaces `base` where `over` says something.
fn replace<T: Clone>(base: &mut Option<T>, over: Option<&T>) {
    if let Some(over) = over {
        *base = Some(over.clone());
    }
}

/// The documents as one: the first is the model, the others are overlays in the order given.
///
/// A system of an id that an earlier file defines merges into it field by field; an id repeated within one file is
/// a fault, as is every other repeated id.
pub fn documents(documents: Vec<Document>, diagnostics: &mut Diagnostics) -> Document {
    let mut documents = documents.into_iter();
    let mut model = documents.next().unwrap_or_default();
    model.systems = without_repeats(model.systems, diagnostics);
    if documents.len() == 0 {
        return model;
    }
    let mut by_id: HashMap<String, usize> =
        model.systems.iter().enumerate().map(|(system_ix, entry)| (entry.id.value.clone(), system_ix)).collect();
    for overlay in documents {
        model.parties.extend(overlay.parties);
        for entry in without_repeats(overlay.systems, diagnostics) {
            match by_id.get(&entry.id.value) {
                Some(&system_ix) => system(&mut model.systems[system_ix], &entry),
                None => {
                    by_id.insert(entry.id.value.clone(), model.systems.len());
                    model.systems.push(entry);
                }
            }
        }
        model.connections.extend(overlay.connections);
        model.rules.extend(overlay.rules);
        model.costs.extend(overlay.costs);
    }
    model
}

/// The systems of one file without those whose id stood there before.
fn without_repeats(entries: Vec<SystemEntry>, diagnostics: &mut Diagnostics) -> Vec<SystemEntry> {
    // A file in order of ids, as programs write it, needs no table.
    if entries.is_sorted_by(|left, right| left.id.value < right.id.value) {
        return entries;
    }
    let mut first: HashMap<&str, Span> = HashMap::default();
    let is_new: Vec<bool> = entries
        .iter()
        .map(|entry| match first.entry(&entry.id.value) {
            Entry::Vacant(place) => {
                place.insert(entry.id.span);
                true
            }
            Entry::Occupied(first) => {
                let fault = Fault::RepeatedId { noun: Noun::System, id: entry.id.value.clone() };
                diagnostics.error_with(entry.id.span, fault, *first.get());
                false
            }
        })
        .collect();
    if is_new.iter().all(|&is_new| is_new) {
        return entries;
    }
    entries.into_iter().zip(is_new).filter(|(_, is_new)| *is_new).map(|(entry, _)| entry).collect()
}

fn system(base: &mut SystemEntry, over: &SystemEntry) {
    replace(&mut base.name, over.name.as_ref());
    replace(&mut base.service, over.service.as_ref());
    replace(&mut base.model, over.model.as_ref());
    replace(&mut base.provider, over.provider.as_ref());
    replace(&mut base.owner, over.owner.as_ref());
    replace(&mut base.criticality, over.criticality.as_ref());
    replace(&mut base.facing, over.facing.as_ref());
    replace(&mut base.tags, over.tags.as_ref());
    replace(&mut base.source, over.source.as_ref());
    for (setting, value) in &over.settings {
        base.settings.insert(setting.clone(), value.clone());
    }
    layers(&mut base.layers, &over.layers);
}

/// Merges a rule into what earlier rules fill.
pub(super) fn rule(base: &mut RuleEntry, over: &RuleEntry) {
    replace(&mut base.owner, over.owner.as_ref());
    replace(&mut base.criticality, over.criticality.as_ref());
    replace(&mut base.facing, over.facing.as_ref());
    for (setting, value) in &over.settings {
        base.settings.insert(setting.clone(), value.clone());
    }
}

fn layers(base: &mut BTreeMap<Layer, Box<LayerClaim>>, over: &BTreeMap<Layer, Box<LayerClaim>>) {
    for (&layer, over_claim) in over {
        claim(base.entry(layer).or_default(), over_claim);
    }
}

/// Merges a claim over another.
pub(super) fn claim(base: &mut LayerClaim, over: &LayerClaim) {
    replace(&mut base.owner, over.owner.as_ref());
    replace(&mut base.status, over.status.as_ref());
    base.controls.extend(over.controls.iter().map(|(control, status)| (control.clone(), status.clone())));
    if let Some(over_split) = &over.split {
        split(base.split.get_or_insert_default(), over_split);
    }
    replace(&mut base.evidence, over.evidence.as_ref());
    replace(&mut base.note, over.note.as_ref());
    base.span = over.span;
}

fn split(base: &mut SplitClaim, over: &SplitClaim) {
    for (base_half, over_half) in [(&mut base.customer, &over.customer), (&mut base.provider, &over.provider)] {
        if let Some(over_half) = over_half {
            half(base_half.get_or_insert_default(), over_half);
        }
    }
    base.span = over.span;
}

fn half(base: &mut HalfClaim, over: &HalfClaim) {
    replace(&mut base.owner, over.owner.as_ref());
    replace(&mut base.status, over.status.as_ref());
    base.controls.extend(over.controls.iter().map(|(control, status)| (control.clone(), status.clone())));
    replace(&mut base.evidence, over.evidence.as_ref());
    replace(&mut base.note, over.note.as_ref());
}
