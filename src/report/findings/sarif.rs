//! Findings as SARIF 2.1.0: results on the model's own lines, with the path that exposure takes.

use super::{Finding, Findings, Level, help, region, void_waivers};
use crate::catalog::BasisPoints;
use crate::source::{Span, visible};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::Write;

/// Results of one run that GitHub shows; the rest is counted in a notification.
const MOST_RESULTS: usize = 5_000;
/// Bytes that all paths together may have, about: GitHub takes a file of 10 MB, compressed.
const MOST_OF_PATHS: usize = 4 * 1024 * 1024;
/// Bytes of a step around its words, compressed.
const AROUND: usize = 64;
/// Characters that GitHub takes of a description.
const LONGEST: usize = 1_024;

/// What may stand in a URI's path as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Writes the log of one run.
///
/// # Errors
/// The writer's.
///
/// # Source
/// OASIS, *Static Analysis Results Interchange Format 2.1.0*; GitHub, *SARIF support for code scanning*.
pub fn write(findings: &Findings<'_>, out: &mut impl Write) -> std::io::Result<()> {
    let shown = &findings.list[..findings.list.len().min(MOST_RESULTS)];
    let mut rules: BTreeMap<&'static str, BasisPoints> = BTreeMap::new();
    for finding in shown {
        let worst = rules.entry(finding.rule()).or_insert(finding.risk);
        *worst = (*worst).max(finding.risk);
    }
    let names: Vec<&'static str> = rules.keys().copied().collect();
    let mut left = MOST_OF_PATHS;
    let mut without_path = 0;
    let mut with_path = |finding: &Finding| {
        let mut result = result(findings, finding, &names);
        if !finding.path.is_empty() {
            match flow(findings, finding, &mut left) {
                Some(flow) => result["codeFlows"] = flow,
                None => without_path += 1,
            }
        }
        result
    };
    let results: Vec<Value> = shown.iter().map(&mut with_path).collect();
    let mut notes: Vec<Value> = void_waivers(findings.gate).iter().map(|text| note(text)).collect();
    if shown.len() < findings.list.len() {
        notes.push(note(&format!("showing {} of {} findings, the worst first", shown.len(), findings.list.len())));
    }
    if without_path > 0 {
        notes.push(note(&format!("the paths of {without_path} of {} findings did not fit", shown.len())));
    }
    let passed = findings.gate.passed();
    let mut invocation = json!({
        "executionSuccessful": true,
        "exitCode": i32::from(!passed),
        "exitCodeDescription": if passed { "the gate passed" } else { "the gate failed" },
    });
    if !notes.is_empty() {
        invocation["toolExecutionNotifications"] = Value::Array(notes);
    }
    let version = env!("CARGO_PKG_VERSION");
    let mut driver = json!({
        "name": "weaklink",
        "version": version,
        "semanticVersion": version,
        "rules": rules.iter().map(|(name, worst)| rule(findings, name, *worst)).collect::<Vec<_>>(),
    });
    let address = [env!("CARGO_PKG_HOMEPAGE"), env!("CARGO_PKG_REPOSITORY")].into_iter().find(|address| !address.is_empty());
    if let Some(address) = address {
        driver["informationUri"] = json!(address);
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": driver },
            "automationDetails": { "id": format!("weaklink/{}/", findings.command) },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "%SRCROOT%": { "description": { "text": "the root of the repository" } } },
            "invocations": [invocation],
            "results": results,
        }],
    });
    crate::report::json::write(&log, out)
}

fn note(text: &str) -> Value {
    json!({ "level": "warning", "message": { "text": visible(text) } })
}

/// A kind of finding as a rule, with its section of the reference as help.
fn rule(findings: &Findings<'_>, name: &str, worst: BasisPoints) -> Value {
    let kind = findings.list.iter().find(|finding| finding.rule() == name).map(|finding| finding.id.kind);
    let section = kind.map(help).unwrap_or_default();
    let text: String = section.lines().skip(1).collect::<Vec<_>>().join("\n").trim().to_owned();
    let first = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let sentence = first.split_inclusive(". ").next().unwrap_or_default().trim();
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    });
    // From 0.1, the least that has a meaning, to 10.
    let severity = worst.0.max(100) / 100;
    let mut rule = json!({
        "id": name,
        "shortDescription": { "text": cut(sentence) },
        "fullDescription": { "text": cut(&first) },
        "help": { "text": text, "markdown": text },
        "defaultConfiguration": { "level": "warning" },
        "properties": {
            "tags": ["security", "shared-responsibility"],
            "precision": "high",
            "security-severity": format!("{}.{}", severity / 10, severity % 10),
        },
    });
    // A name is what people call a rule where its id does not say it; the same word once more is none.
    let words = words.collect::<String>();
    if !words.eq_ignore_ascii_case(name) {
        rule["name"] = json!(words);
    }
    rule
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

fn result(findings: &Findings<'_>, finding: &Finding, names: &[&str]) -> Value {
    let level = match finding.level() {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let fingerprint = finding.id.fingerprint();
    let mut result = json!({
        "ruleId": finding.rule(),
        "ruleIndex": names.iter().position(|name| *name == finding.rule()),
        "level": level,
        "message": { "text": message(&finding.message) },
        "locations": [location(findings, finding.span, Some(&finding.id.subject), None)],
        // GitHub follows the second only; no line goes into either, so that a moved line moves no finding.
        "partialFingerprints": { "weaklinkFinding/v1": fingerprint, "primaryLocationLineHash": format!("{}:1", &fingerprint[..16]) },
        "rank": f64::from(finding.risk.0) / 100.0,
    });
    if let Some(waiver) = &finding.waiver {
        let reason = format!("{}, accepted by {} until {}", waiver.reason, waiver.by, waiver.until);
        result["suppressions"] = json!([{ "kind": "external", "status": "accepted", "justification": visible(&reason) }]);
    }
    result
}

/// The path of a finding, where that much is left.
fn flow(findings: &Findings<'_>, finding: &Finding, left: &mut usize) -> Option<Value> {
    let size: usize = finding.path.iter().map(|(_, text)| text.len() + AROUND).sum();
    *left = left.checked_sub(size)?;
    let steps: Vec<Value> = finding
        .path
        .iter()
        .map(|(span, text)| json!({ "importance": "essential", "location": location(findings, *span, None, Some(text)) }))
        .collect();
    Some(json!([{ "message": { "text": "how exposure gets there" }, "threadFlows": [{ "locations": steps }] }]))
}

/// Text of a message, in which brackets would begin a link.
fn message(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

fn location(findings: &Findings<'_>, span: Span, subject: Option<&str>, text: Option<&str>) -> Value {
    let source_ix = usize::from(span.source);
    let mut location = Map::new();
    if let (Some(source), Some(path)) = (findings.files.sources.get(source_ix), findings.files.paths.get(source_ix)) {
        let ((start_line, start_column), (end_line, end_column)) = region(source, span);
        let region = json!({ "startLine": start_line, "startColumn": start_column, "endLine": end_line, "endColumn": end_column });
        let artifact = json!({ "uri": utf8_percent_encode(path, PATH).to_string(), "uriBaseId": "%SRCROOT%" });
        location.insert("physicalLocation".to_owned(), json!({ "artifactLocation": artifact, "region": region }));
    }
    if let Some(subject) = subject.filter(|subject| !subject.is_empty()) {
        location.insert("logicalLocations".to_owned(), json!([{ "fullyQualifiedName": visible(subject), "kind": "resource" }]));
    }
    if let Some(text) = text {
        location.insert("message".to_owned(), json!({ "text": message(text) }));
    }
    Value::Object(location)
}
