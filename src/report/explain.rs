//! Explanations: the rule reference, and the catalogues in words.

use super::rules;
use crate::catalog::{Cell, Control, ControlCatalog, ControlRole, Layer, ResponsibilityMatrix, Service, ServiceModel};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What a word means: its sections of the rule reference, a control, a service, or a service model's row.
pub fn explain(what: &str) -> Option<String> {
    if let Some(control_ix) = ControlCatalog::shipped().find(what) {
        return Some(control(ControlCatalog::shipped().control(control_ix)));
    }
    if let Some(found) = ResponsibilityMatrix::shipped().service(what) {
        return Some(service(found));
    }
    let sections = rules::sections(what);
    let what = &what.trim().to_lowercase();
    if !sections.is_empty() {
        let told: Vec<String> = sections.iter().map(|section| format!("{}\n", section.trim_start_matches("## ").trim_end())).collect();
        let mut text = told.join("\n");
        if let Some(model) = ServiceModel::from_id(what) {
            let _ = write!(text, "\n{}", row(model, None));
        }
        if let Some(layer) = Layer::from_id(what) {
            let _ = write!(text, "\n{}", controls_of(layer));
        }
        return Some(text);
    }
    if let Some(model) = ServiceModel::from_id(what) {
        return Some(format!("{model}\n\n{}", row(model, None)));
    }
    let layer = Layer::from_id(what)?;
    Some(format!("{layer}: {}\n\n{}", layer.name(), controls_of(layer)))
}

/// Everything that can be explained, once each, sorted.
pub fn names() -> Vec<String> {
    let services = ResponsibilityMatrix::shipped().names().into_iter();
    let controls = ControlCatalog::shipped().controls().iter().map(|control| control.id.as_str());
    let words = Layer::IDS.iter().chain(ServiceModel::IDS).copied();
    let mut names: Vec<String> = rules::titles().into_iter().chain(words).chain(services).chain(controls).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What there is to explain, by family.
pub fn index() -> String {
    let mut text = String::from("weaklink explain WORD, where WORD is one of\n");
    let services: Vec<&str> = ResponsibilityMatrix::shipped().services().iter().map(|service| service.id.as_str()).collect();
    let controls: Vec<&str> = ControlCatalog::shipped().controls().iter().map(|control| control.id.as_str()).collect();
    for (title, words) in [
        ("gap kinds, codes and words on the screen", rules::titles()),
        ("layers", Layer::IDS.to_vec()),
        ("service models", ServiceModel::IDS.to_vec()),
        ("services", services),
        ("controls", controls),
    ] {
        let _ = write!(text, "\n{title}\n{}", wrapped(&words));
    }
    text
}

fn wrapped(words: &[&str]) -> String {
    let mut text = String::new();
    let mut column = 0;
    for word in words {
        if column > 0 && column + 2 + word.len() > 76 {
            text.push('\n');
            column = 0;
        }
        text.push_str("  ");
        text.push_str(word);
        column += 2 + word.len();
    }
    text.push('\n');
    text
}

fn control(control: &Control) -> String {
    let role = match control.role {
        ControlRole::Prevent => "prevents",
        ControlRole::Detect => "detects",
        ControlRole::Contain => "contains",
        ControlRole::Recover => "recovers",
        ControlRole::Govern => "governs",
    };
    let place = control.layer.map_or_else(|| "connections".to_owned(), |layer| format!("layer {layer}"));
    let mut text = format!("{}: {}\n\n", control.id, control.title);
    let _ =
        writeln!(text, "{place}; {role}; {}", if control.baseline { "part of the layer's baseline" } else { "not part of the baseline" });
    text.push_str(match (control.baseline, control.counts()) {
        (true, _) => "It always counts: where it is not listed, it counts as the layer's status says.\n",
        (false, true) => "It counts in the layer's coverage where it is listed.\n",
        (false, false) => "It is recorded, and does not count in the layer's coverage.\n",
    });
    for (standard, ids) in &control.refs {
        let standard = match standard.as_str() {
            "ccm_v4_0" => "CSA CCM v4.0",
            "cis_v8" => "CIS Controls v8",
            "nist_800_53_r5" => "NIST SP 800-53 r5",
            other => other,
        };
        let _ = writeln!(text, "{standard}: {}", ids.join(", "));
    }
    text
}

fn service(service: &Service) -> String {
    let mut text = format!("{}: {}, {} by {}\n\n", service.id, service.name, service.model, service.provider);
    text.push_str(&row(service.model, Some(service)));
    if !service.when.is_empty() {
        text.push_str("\nsettings decide; the last that is stated and equal wins:\n");
    }
    for rule in &service.when {
        let _ = writeln!(text, "  {}: {:<20} {} is {}", rule.setting, rule.equals, rule.layer, rule.cell);
    }
    text.push('\n');
    if !service.aliases.is_empty() {
        let _ = writeln!(text, "also written {}", service.aliases.join(", "));
    }
    if !service.note.is_empty() {
        let _ = writeln!(text, "note: {}", service.note);
    }
    let _ = writeln!(text, "source ({}): {}", service.confidence, service.source);
    text
}

/// Who must secure each layer, data on top.
fn row(model: ServiceModel, service: Option<&Service>) -> String {
    let nothing_stated = BTreeMap::new();
    let mut text = String::new();
    for &layer in Layer::ALL.iter().rev() {
        let cell = ResponsibilityMatrix::shipped().cell(model, service, &nothing_stated, layer);
        let word = if cell == Cell::Undetermined { "depends on a setting" } else { cell.id() };
        let _ = writeln!(text, "  {:<15} {word}", layer.id());
    }
    text
}

fn controls_of(layer: Layer) -> String {
    let mut text = String::from("controls, baseline first:\n");
    let mut controls: Vec<&Control> = ControlCatalog::shipped().controls().iter().filter(|control| control.layer == Some(layer)).collect();
    controls.sort_by_key(|control| !control.baseline);
    for control in controls {
        let _ = writeln!(text, "  {:<34} {}{}", control.id, control.title, if control.baseline { " (baseline)" } else { "" });
    }
    text
}
