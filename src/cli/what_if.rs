//! `weaklink what-if`: a model before and after edits that are not made.

use super::arguments::{Format, ModelOptions, RowsOptions, parse_threshold};
use super::commands::{answer, target, threshold};
use super::input::{self, Model, drawn};
use super::output::{self, Failure};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use weaklink::analysis::{self, Target};
use weaklink::catalog::ConnectionKind;
use weaklink::coverage::Coverage;
use weaklink::estate::document::{ConnectionEntry, Document};
use weaklink::estate::{Estate, Migration, merged, migrate, read_document};
use weaklink::graph::{ExposureGraph, Semiring};
use weaklink::report::{json as reports, model, pages};
use weaklink::source::{Diagnostics, Limits, Source, Span, nearest, visible};

#[derive(Debug, Args)]
pub(crate) struct WhatIfOptions {
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    /// Compare what a failure of TARGET exposes, named as for `blast`; without it, the score.
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<String>,
    /// State something anew: `web:os.status=implemented`, `web.facing=internal`, `web:data.controls.data.backup=partial`, or of
    /// a connection `a>feeds>b.certainty=certain`, `a>feeds>b.controls.authn.status=implemented`. May be repeated, as all
    /// edits may.
    #[arg(long, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
    /// Move a system to another service model or service: `web=saas`, `web=aws.lambda`.
    #[arg(long = "as", value_name = "SYSTEM=MODEL")]
    pub(crate) migrate: Vec<String>,
    /// Add a connection: `a holds-credentials b`.
    #[arg(long, value_name = "FROM KIND TO")]
    pub(crate) add: Vec<String>,
    /// Take away a connection or a system.
    #[arg(long, value_name = "NAME")]
    pub(crate) drop: Vec<String>,
    /// Have everything of TARGET fail, factors included: `control:access.mfa` wherever it is claimed, a layer, a system, a
    /// party, a connection's controls.
    #[arg(long, value_name = "TARGET")]
    pub(crate) fail: Vec<String>,
    /// Write the changed model instead, or an overlay that makes the change.
    #[arg(long, value_name = "WHAT", conflicts_with = "target")]
    pub(crate) emit: Option<Emit>,
    /// For TARGET: list what is exposed at or above this, 0 to 1; default: the policy's.
    #[arg(long, value_name = "X", value_parser = parse_threshold, requires = "target")]
    pub(crate) threshold: Option<f64>,
    #[command(flatten)]
    pub(crate) rows: RowsOptions,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Emit {
    /// The whole model.
    Model,
    /// What changes, for `--with`.
    Overlay,
}

/// Compares a model with itself after edits.
pub(crate) fn what_if(options: &WhatIfOptions) -> Result<(), Failure> {
    let base = Model::read(&options.model)?;
    let mut edits = Edits::new(&base, options)?;
    let edited = edits.apply(options)?;
    if let Some(emit) = options.emit {
        let document = if emit == Emit::Model { edits.document } else { edits.overlay(options)? };
        let is_json = options.rows.format == Format::Json
            || options.rows.out.output.as_ref().is_some_and(|path| path.extension().is_some_and(|ending| ending == "json"));
        let text = if is_json { model::json(&document) } else { model::yaml(&document) };
        return output::write(&options.rows.out, |out| out.write_all(text.as_bytes()));
    }
    let coverage = Coverage::of(&edited, &base.policy, base.coverage.as_of);
    let (before, after) = (base.graph(), ExposureGraph::build(&edited, &coverage, &base.policy));
    let made = Edits::told(options);
    match &options.target {
        None => {
            let difference = analysis::difference(&before, &after);
            answer(&options.rows, || reports::what_if(&difference, &made), |rows| pages::what_if(&difference, &made, &edits.remarks, rows))
        }
        Some(name) => {
            // What is asked about may be what is taken away or added.
            let of_before = Target::named(&before, name);
            let of_after = Target::named(&after, name);
            if of_before.is_err() && of_after.is_err() {
                target(&before, name)?;
            }
            let threshold = threshold(&before, options.threshold);
            let radius = |graph, target: Result<Target, _>| {
                target.ok().map(|target| analysis::blast_radius(graph, target, Semiring::Product, threshold))
            };
            let difference = analysis::BlastDifference::of([&before, &after], &[radius(&before, of_before), radius(&after, of_after)]);
            answer(
                &options.rows,
                || reports::what_if_blast([&before, &after], &difference, name, &made),
                |rows| pages::what_if_blast([&before, &after], &difference, name, &made, &edits.remarks, rows),
            )
        }
    }
}

/// The model as one document, and what is done to it.
struct Edits<'m> {
    base: &'m Model,
    document: Document,
    /// What was stated on the command line, each as a file of its own so that faults show their place.
    stated: Vec<Source>,
    /// The systems and connections of an overlay that would state the same.
    parts: Vec<Document>,
    remarks: Vec<String>,
}

impl<'m> Edits<'m> {
    fn new(base: &'m Model, options: &WhatIfOptions) -> Result<Self, Failure> {
        let is_empty = [&options.set, &options.migrate, &options.add, &options.drop, &options.fail].iter().all(|edits| edits.is_empty());
        if is_empty {
            let help = "say what would be another way: --set, --as, --add, --drop or --fail";
            return Err(Failure::bad_input_with_help("nothing is changed", help));
        }
        let mut diagnostics = Diagnostics::default();
        let models: Vec<&Source> = base.sources.iter().take(1 + base.project.overlays.len()).collect();
        let documents = input::documents(&models, &base.limits, &mut diagnostics, |_| ())
            .map_err(|faults| Failure::BadInput(drawn(&faults, &base.sources)))?;
        let document = merged(documents, &mut diagnostics);
        Ok(Self { base, document, stated: Vec::new(), parts: Vec::new(), remarks: Vec::new() })
    }

    /// Makes all edits: migrations, statements, additions, then what is taken away, then what fails.
    fn apply(&mut self, options: &WhatIfOptions) -> Result<Estate, Failure> {
        let mut moved: BTreeMap<String, String> = BTreeMap::new();
        for text in &options.migrate {
            let (system, to) = self.migrate(text)?;
            contradiction(&mut moved, "--as", text, system, to)?;
        }
        let mut said: BTreeMap<String, String> = BTreeMap::new();
        for text in &options.set {
            let (key, value) = self.set(text, &moved)?;
            contradiction(&mut said, "--set", text, key, value)?;
        }
        for text in &options.add {
            self.add(text)?;
        }
        for name in &options.drop {
            self.drop(name, &said, &moved)?;
        }
        let mut estate = self.estate()?;
        for name in &options.fail {
            self.fail(&estate, name)?;
            estate = self.estate()?;
        }
        Ok(estate)
    }

    fn estate(&self) -> Result<Estate, Failure> {
        let estate = Estate::of(vec![self.document.clone()], &self.base.policy, self.base.coverage.as_of, Diagnostics::default());
        estate.map(|(estate, _)| estate).map_err(|faults| self.refused(&faults))
    }

    /// The faults of an edit, drawn where they stand.
    fn refused(&self, faults: &Diagnostics) -> Failure {
        let mut sources: Vec<Source> = Vec::new();
        for source in self.base.sources.iter().chain(&self.stated) {
            sources.extend(Source::from_bytes(source.name().to_owned(), source.text().as_bytes().to_vec(), sources.len() as u16));
        }
        Failure::BadInput(drawn(faults, &sources))
    }

    /// Reads a part of a model that an edit states.
    fn read(&mut self, name: String, text: &Value) -> Result<Document, Failure> {
        let index = (self.base.sources.len() + self.stated.len()) as u16;
        let source = Source::from_bytes(name, text.to_string().into_bytes(), index).map_err(Failure::bad_input)?;
        let mut diagnostics = Diagnostics::default();
        let document = read_document(&source, &Limits::default(), &mut diagnostics);
        self.stated.push(source);
        match document {
            Some(document) if !diagnostics.has_errors() => Ok(document),
            _ => Err(self.refused(&diagnostics)),
        }
    }

    fn migrate(&mut self, text: &str) -> Result<(String, String), Failure> {
        let shown = visible(text).into_owned();
        let Some((system, to)) = text.rsplit_once('=') else {
            let help = format!("which system? `--as SYSTEM={shown}`");
            return Err(Failure::bad_input_with_help(format!("`--as {shown}` names no system"), help));
        };
        let Some(migration) = Migration::named(to) else {
            let known =
                weaklink::catalog::ServiceModel::IDS.iter().copied().chain(weaklink::catalog::ResponsibilityMatrix::shipped().names());
            let help = match nearest(to, known) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("a service model is one of {}", weaklink::catalog::ServiceModel::IDS.join(", ")),
            };
            return Err(Failure::bad_input_with_help(
                format!("`--as {shown}`: no service model or service is called `{}`", visible(to)),
                help,
            ));
        };
        let Some(entry) = self.document.system_mut(system) else { return Err(self.unknown("--as", text, system)) };
        let span = Span { end: entry.span.start, ..entry.span };
        migrate(entry, migration, span);
        Ok((system.to_owned(), to.to_owned()))
    }

    /// That an edit names nothing.
    fn unknown(&self, flag: &str, text: &str, name: &str) -> Failure {
        let ids = self.document.connection_ids();
        let known = self.document.systems.iter().map(|system| system.id.value.as_str()).chain(ids.iter().map(String::as_str));
        let message = format!("`{flag} {}`: no system or connection is called `{}`", visible(text), visible(name));
        match nearest(name, known) {
            Some(nearest) => Failure::bad_input_with_help(message, format!("did you mean `{}`?", visible(nearest))),
            None => Failure::bad_input_with_help(message, "`weaklink check MODEL` and `weaklink matrix MODEL` show what there is"),
        }
    }

    /// The system or connection that a key begins with, the longest if there are several, and what follows.
    fn subject<'t>(&self, text: &'t str) -> Option<(bool, String, &'t str)> {
        let begins = |id: &str, marks: &[char]| text.strip_prefix(id).filter(|rest| rest.starts_with(marks));
        let systems = self.document.systems.iter().map(|system| (true, system.id.value.clone(), begins(&system.id.value, &['.', ':'])));
        let connections = self.document.connection_ids().into_iter().map(|id| {
            let rest = begins(&id, &['.']);
            (false, id, rest)
        });
        let found = systems.chain(connections).filter_map(|(is_system, id, rest)| rest.map(|rest| (is_system, id, rest)));
        found.max_by_key(|(is_system, id, _)| (id.len(), *is_system))
    }

    fn set(&mut self, text: &str, moved: &BTreeMap<String, String>) -> Result<(String, String), Failure> {
        const FORM: &str = "write `SYSTEM.FIELD=VALUE`, `SYSTEM:LAYER.FIELD=VALUE` or `CONNECTION.FIELD=VALUE`";
        let shown = visible(text).into_owned();
        let Some((is_system, id, rest)) = self.subject(text) else {
            let name = text.split(['.', ':', '=']).next().unwrap_or_default();
            return Err(self.unknown("--set", text, name));
        };
        let Some((path, value)) = rest.split_once('=') else {
            return Err(Failure::bad_input_with_help(format!("`--set {shown}` gives no value"), FORM));
        };
        let (layer, path) = match path.strip_prefix(':') {
            Some(path) => match path.split_once('.') {
                Some((layer, path)) => (Some(layer), path),
                None => return Err(Failure::bad_input_with_help(format!("`--set {shown}` does not say what of the layer"), FORM)),
            },
            None => (None, &path[1..]),
        };
        let name = format!("--set {shown}");
        let said = (text[..text.len() - value.len() - 1].to_owned(), value.to_owned());
        if !is_system {
            self.set_connection(name, &id, path, value)?;
            return Ok(said);
        }
        if moved.contains_key(&id) && layer.is_none() && matches!(path, "service" | "model") {
            let message = format!("`--set {shown}` contradicts `--as {}={}`", visible(&id), moved[&id]);
            return Err(Failure::bad_input_with_help(message, "keep one of them"));
        }
        let fields = nested(path, value);
        let mut system = match layer {
            Some(layer) => json!({ "layers": { layer: fields } }),
            None => fields,
        };
        system["id"] = json!(id);
        let overlay = self.read(name, &json!({ "weaklink": 1, "systems": [system] }))?;
        if let (Some(layer), "status") = (layer.and_then(weaklink::catalog::Layer::from_id), path) {
            let lists =
                self.document.system_mut(&id).and_then(|system| system.layers.get(&layer)).is_some_and(|claim| !claim.controls.is_empty());
            if lists {
                self.remarks.push(format!("{id}:{layer} lists controls, and what they say counts before its status"));
            }
        }
        self.parts.push(overlay.clone());
        let mut diagnostics = Diagnostics::default();
        self.document = merged(vec![std::mem::take(&mut self.document), overlay], &mut diagnostics);
        Ok(said)
    }

    fn set_connection(&mut self, name: String, id: &str, path: &str, value: &str) -> Result<(), Failure> {
        let ids = self.document.connection_ids();
        let Some(known) = ids.iter().position(|known| known == id).map(|ix| self.document.connections[ix].clone()) else { return Ok(()) };
        let mut stated = json!({ "from": known.from.value, "to": known.to.value, "kind": known.kind.value.id() });
        let mut path = path.splitn(3, '.');
        let control = match (path.next(), path.next(), path.next()) {
            (Some("controls"), Some(class), field) => {
                let of_class = known.controls.iter().flatten().find(|control| control.class.value == class);
                let word = |stated: Option<&'static str>, default: &'static str| json!(stated.unwrap_or(default));
                let mut control = Map::new();
                control.insert("class".to_owned(), json!(class));
                control.insert("strength".to_owned(), word(of_class.map(|control| control.strength.value.id()), "strong"));
                control.insert("status".to_owned(), word(of_class.map(|control| control.status.value.id()), "implemented"));
                control.insert(field.unwrap_or("status").to_owned(), json!(value));
                stated["controls"] = json!([control]);
                true
            }
            (Some("copy"), None, None) => {
                stated["copy"] = value.parse::<bool>().map_or_else(|_| json!(value), |copy| json!(copy));
                false
            }
            (Some(field), ..) => {
                stated[field] = json!(value);
                false
            }
            _ => false,
        };
        let document = self.read(name, &json!({ "weaklink": 1, "connections": [stated] }))?;
        let Some(stated) = document.connections.into_iter().next() else { return Ok(()) };
        let mut changed: ConnectionEntry = known;
        if control {
            let controls = changed.controls.get_or_insert_default();
            for control in stated.controls.into_iter().flatten() {
                controls.retain(|known| known.class.value != control.class.value);
                controls.push(control);
            }
        } else {
            (changed.from, changed.to, changed.kind) = (stated.from, stated.to, stated.kind);
            changed.certainty = stated.certainty.or(changed.certainty);
            changed.copy = stated.copy.or(changed.copy);
            changed.note = stated.note.or(changed.note);
        }
        self.document.replace_connection(id, changed);
        Ok(())
    }

    fn add(&mut self, text: &str) -> Result<(), Failure> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [from, kind, to] = words.as_slice() else {
            let kinds = ConnectionKind::IDS.join(", ");
            let message = format!("`--add {}` is no connection", visible(text));
            return Err(Failure::bad_input_with_help(message, format!("write `--add \"FROM KIND TO\"`; the kinds are {kinds}")));
        };
        let stated = json!({ "weaklink": 1, "connections": [{ "from": from, "kind": kind, "to": to }] });
        let overlay = self.read(format!("--add {}", visible(text)), &stated)?;
        self.parts.push(overlay.clone());
        self.document.connections.extend(overlay.connections);
        Ok(())
    }

    fn drop(&mut self, name: &str, said: &BTreeMap<String, String>, moved: &BTreeMap<String, String>) -> Result<(), Failure> {
        let begins = |key: &String| key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', ':']));
        if let Some(key) = said.keys().chain(moved.keys()).find(|key| begins(key)) {
            let message = format!("`--drop {}` takes away what another edit changes: `{}`", visible(name), visible(key));
            return Err(Failure::bad_input_with_help(message, "keep one of them"));
        }
        // A connection may be called as a system is; a text that is a system's whole id is that system.
        if self.document.drop_system(name) || self.document.drop_connection(name) {
            return Ok(());
        }
        Err(self.unknown("--drop", name, name))
    }

    fn fail(&mut self, estate: &Estate, name: &str) -> Result<(), Failure> {
        let coverage = Coverage::of(estate, &self.base.policy, self.base.coverage.as_of);
        let graph = ExposureGraph::build(estate, &coverage, &self.base.policy);
        let found = target(&graph, name)?;
        if let Target::Connection(connection_ix) = found {
            self.document.fail_connection(&estate.connection(connection_ix).id);
            return Ok(());
        }
        for state in found.states(&graph) {
            let system = estate.system(state.system());
            let claim = system.layer(state.layer()).claim.as_deref();
            match (found, claim) {
                (Target::Control(control_ix), Some(claim)) => self.document.fail_control(&system.id, state.layer(), control_ix, claim),
                _ => self.document.fail_layer(&system.id, state.layer(), claim),
            }
        }
        Ok(())
    }

    /// An overlay that makes the same change.
    fn overlay(&self, options: &WhatIfOptions) -> Result<Document, Failure> {
        let beyond = [("--as", &options.migrate), ("--drop", &options.drop), ("--fail", &options.fail)];
        let of_connection =
            options.set.iter().find(|text| self.subject(text).is_some_and(|(is_system, ..)| !is_system)).map(|text| ("--set", text));
        let beyond = beyond.into_iter().find_map(|(flag, edits)| edits.first().map(|text| (flag, text))).or(of_connection);
        if let Some((flag, text)) = beyond {
            let message = format!("an overlay cannot say `{flag} {}`: it adds to a model and changes systems", visible(text));
            return Err(Failure::bad_input_with_help(message, "`--emit model` writes the whole"));
        }
        let mut diagnostics = Diagnostics::default();
        let first = Document { weaklink: 1, ..Document::default() };
        Ok(merged(std::iter::once(first).chain(self.parts.iter().cloned()).collect(), &mut diagnostics))
    }

    /// The edits as they were given.
    fn told(options: &WhatIfOptions) -> Vec<String> {
        let all = [
            ("--as", &options.migrate),
            ("--set", &options.set),
            ("--add", &options.add),
            ("--drop", &options.drop),
            ("--fail", &options.fail),
        ];
        all.into_iter().flat_map(|(flag, edits)| edits.iter().map(move |text| format!("{flag} {text}"))).collect()
    }
}

/// Refuses two values for one key.
fn contradiction(known: &mut BTreeMap<String, String>, flag: &str, text: &str, key: String, value: String) -> Result<(), Failure> {
    match known.get(&key) {
        Some(other) if *other != value => {
            let message = format!("`{flag} {}` contradicts `{flag} {}={}`", visible(text), visible(&key), visible(other));
            Err(Failure::bad_input_with_help(message, "keep one of them"))
        }
        _ => {
            known.insert(key, value);
            Ok(())
        }
    }
}

/// A value at the end of a path of keys: what stands behind `controls` or `settings` is one key.
fn nested(path: &str, value: &str) -> Value {
    match path.split_once('.') {
        Some((key @ ("controls" | "settings"), rest)) => json!({ key: { rest: value } }),
        Some((key, rest)) => json!({ key: nested(rest, value) }),
        None => json!({ path: value }),
    }
}
