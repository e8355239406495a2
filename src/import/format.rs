//! The formats that are read, and how a file is told to be of one of them.

use super::{Observations, Options};
use crate::source::{Format as Syntax, Limits, Part, Source, Span, parse_parts};
use std::collections::BTreeSet;

/// A format of other tools.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// A graph in Graphviz's DOT, `terraform graph` included.
    Dot,
    /// A table of edges, with a header.
    Csv,
    /// A Terraform or OpenTofu plan or state, as JSON.
    Terraform,
    /// Kubernetes manifests, lists and dumps.
    Kubernetes,
    /// A Compose file.
    Compose,
    /// A CloudFormation template.
    CloudFormation,
    /// An OSCAL system security plan or component definition.
    Oscal,
    /// A Backstage catalogue.
    Backstage,
    /// A Threagile model.
    Threagile,
    /// An Open Threat Model.
    Otm,
}

impl Format {
    /// Every format, in the order in which files are read.
    pub const ALL: [Self; 10] = [
        Self::Dot,
        Self::Csv,
        Self::Terraform,
        Self::Kubernetes,
        Self::Compose,
        Self::CloudFormation,
        Self::Oscal,
        Self::Backstage,
        Self::Threagile,
        Self::Otm,
    ];

    /// Their names, in the same order.
    pub const IDS: &'static [&'static str] =
        &["dot", "csv", "terraform", "kubernetes", "compose", "cloudformation", "oscal", "backstage", "threagile", "otm"];

    /// The name on the command line.
    pub fn id(self) -> &'static str {
        Self::IDS[self as usize]
    }

    /// The format of a name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.id() == id)
    }

    /// What it is called in a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Self::Dot => "a DOT graph",
            Self::Csv => "a CSV edge list",
            Self::Terraform => "a Terraform plan or state",
            Self::Kubernetes => "Kubernetes manifests",
            Self::Compose => "a Compose file",
            Self::CloudFormation => "a CloudFormation template",
            Self::Oscal => "an OSCAL document",
            Self::Backstage => "a Backstage catalogue",
            Self::Threagile => "a Threagile model",
            Self::Otm => "an Open Threat Model",
        }
    }

    /// The format that a file looks like, whole or not; none for a file of ours.
    pub fn of(source: &Source) -> Option<Self> {
        if source.is_ours() {
            return None;
        }
        let start = source.text().trim_start();
        let is_table =
            source.name().rsplit('.').next().is_some_and(|end| end.eq_ignore_ascii_case("csv") || end.eq_ignore_ascii_case("tsv"));
        if looks_like_dot(start) {
            return Some(Self::Dot);
        }
        if is_table {
            return Some(Self::Csv);
        }
        let first = first_keys(source);
        Self::by_keys(source, &first).or_else(|| Self::by_keys(source, &root_keys(source)))
    }

    fn by_keys(source: &Source, keys: &BTreeSet<String>) -> Option<Self> {
        let has = |key: &str| keys.contains(key);
        let any = |names: &[&str]| names.iter().any(|name| keys.contains(*name));
        if (has("format_version")
            && any(&["resource_changes", "planned_values", "values", "configuration", "prior_state", "terraform_version"]))
            || any(&["resource_changes", "planned_values", "encrypted_data"])
            || (has("terraform_version") && any(&["resources", "modules", "lineage", "serial"]))
        {
            Some(Self::Terraform)
        } else if any(&["system-security-plan", "component-definition"]) {
            Some(Self::Oscal)
        } else if any(&["technical_assets", "threagile_version", "trust_boundaries", "shared_runtimes"])
            || (has("includes") && keys.len() == 1)
        {
            Some(Self::Threagile)
        } else if has("otmVersion") {
            Some(Self::Otm)
        } else if any(&["AWSTemplateFormatVersion"]) || (has("Resources") && source.text().contains("AWS::")) {
            Some(Self::CloudFormation)
        } else if has("apiVersion") && has("kind") {
            Some(if source.text().contains("backstage.io/v") { Self::Backstage } else { Self::Kubernetes })
        } else if has("services") && !any(&["components", "bomFormat", "specVersion"]) {
            Some(Self::Compose)
        } else {
            None
        }
    }

    /// Reads files of this format.
    pub(super) fn read(self, sources: &[&Source], options: &Options, seen: &mut Observations) {
        let read = match self {
            Self::Dot => super::dot::read,
            Self::Csv => super::csv::read,
            Self::Terraform => super::terraform::read,
            Self::Kubernetes => super::kubernetes::read,
            Self::Compose => super::compose::read,
            Self::CloudFormation => super::cloudformation::read,
            Self::Oscal => super::oscal::read,
            Self::Backstage => super::backstage::read,
            Self::Threagile => super::threagile::read,
            Self::Otm => super::otm::read,
        };
        read(sources, options, seen);
    }
}

/// The beginning of a file, where faults of the whole are told.
pub(super) fn beginning(source: &Source) -> Span {
    Span::new(source.index(), 0, 0)
}

/// Whether a text begins as a graph of DOT does, after comments.
fn looks_like_dot(mut text: &str) -> bool {
    loop {
        let rest = if text.starts_with("//") || text.starts_with('#') {
            text.split_once('\n').map_or("", |(_, rest)| rest)
        } else if text.starts_with("/*") {
            text.split_once("*/").map_or("", |(_, rest)| rest)
        } else {
            break;
        };
        text = rest.trim_start();
    }
    let word = |text: &str| text.chars().take_while(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let first = word(text);
    let (first, text) = if first == "strict" {
        let rest = text[first.len()..].trim_start();
        (word(rest), rest)
    } else {
        (first, text)
    };
    matches!(first.as_str(), "graph" | "digraph") && text[first.len()..].trim_start().starts_with(['{', '"', '_', '<']) || {
        let rest = text.get(first.len()..).unwrap_or_default();
        matches!(first.as_str(), "graph" | "digraph")
            && rest.starts_with(char::is_whitespace)
            && rest.trim_start().split_once('{').is_some_and(|(name, _)| !name.contains(':'))
    }
}

/// Bytes of JSON whose keys tell what it is; a large document is not read for that alone.
const TELLING: usize = 256 * 1024;

/// The keys of a file's own mapping, as far as it can be read; of a large document those at its beginning.
pub(super) fn first_keys(source: &Source) -> BTreeSet<String> {
    let mut end = source.text().len().min(TELLING);
    while !source.text().is_char_boundary(end) {
        end -= 1;
    }
    if source.format() != Syntax::Json || end == source.text().len() {
        return root_keys(source);
    }
    let beginning = source.text().as_bytes()[..end].to_vec();
    Source::from_bytes("beginning.json".to_owned(), beginning, source.index()).map_or_else(|_| BTreeSet::new(), |source| root_keys(&source))
}

/// The keys of a file's own mapping, as far as it can be read.
fn root_keys(source: &Source) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    if source.format() == Syntax::Json {
        let mut plan = |path: &[std::borrow::Cow<'_, str>]| {
            if let [key] = path {
                keys.insert(key.to_string());
            }
            if path.is_empty() { Part::Enter } else { Part::Skip }
        };
        // Of a text that breaks off the keys before that tell enough.
        let _ = parse_parts(source, &Limits::default(), &mut plan, &mut |_, _| {});
        return keys;
    }
    // A mapping may be indented as a whole.
    let says_something = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with(['#', '-', '%']);
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let own = source.text().lines().find(says_something).map_or(0, indent);
    for line in source.text().lines().filter(|line| indent(line) == own) {
        let line = &line[own..];
        let is_key = line.starts_with(|c: char| c.is_ascii_alphabetic() || c == '"' || c == '_');
        if let Some((key, _)) = line.split_once(':').filter(|_| is_key) {
            keys.insert(key.trim_matches('"').to_owned());
        }
    }
    keys
}
