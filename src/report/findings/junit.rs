//! Findings as a `JUnit` report: one test per rule of the gate.

use super::{Finding, Findings, void_waivers};
use crate::analysis::gate::{Limit, RuleOutcome};
use crate::source::visible;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use std::io::{self, Write};

/// Findings of one rule that are written out; the rest is counted.
const MOST: usize = 100;

/// Writes the report: a suite with a test for every rule, one that is off skipped; a failure lists what breaks the rule.
///
/// # Errors
/// The writer's.
pub fn write(findings: &Findings<'_>, out: &mut impl Write) -> io::Result<()> {
    let mut writer = Writer::new_with_indent(&mut *out, b' ', 2);
    let rules = &findings.gate.rules;
    let failures = rules.iter().filter(|outcome| !outcome.passed).count().to_string();
    let skipped = rules.iter().filter(|outcome| outcome.limit == Limit::Off).count().to_string();
    let tests = rules.len().to_string();
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suite = format!("weaklink {}", findings.command);
    let counts = [("name", suite.as_str()), ("tests", &tests), ("failures", &failures), ("errors", "0"), ("skipped", &skipped)];
    writer.write_event(Event::Start(
        BytesStart::new("testsuites").with_attributes(counts.iter().copied().filter(|(name, _)| *name != "skipped")),
    ))?;
    writer.write_event(Event::Start(BytesStart::new("testsuite").with_attributes(counts)))?;
    for outcome in rules {
        test(&mut writer, findings, outcome)?;
    }
    let notes = void_waivers(findings.gate);
    if !notes.is_empty() {
        writer.create_element("system-out").write_text_content(BytesText::new(&shown(&notes.join("\n"))))?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuite")))?;
    writer.write_event(Event::End(BytesEnd::new("testsuites")))?;
    drop(writer);
    out.write_all(b"\n")
}

fn test<W: Write>(writer: &mut Writer<W>, findings: &Findings<'_>, outcome: &RuleOutcome) -> io::Result<()> {
    let class = format!("weaklink.{}", findings.command);
    let case = writer.create_element("testcase").with_attributes([("name", outcome.rule.id()), ("classname", &class)]);
    if outcome.limit == Limit::Off {
        case.write_inner_content(|writer| writer.create_element("skipped").write_empty().map(drop))?;
        return Ok(());
    }
    if outcome.passed {
        case.write_empty()?;
        return Ok(());
    }
    let broken: Vec<&Finding> = findings.list.iter().filter(|finding| outcome.findings.binary_search(&finding.id).is_ok()).collect();
    let mut lines: Vec<String> = broken.iter().take(MOST).map(|finding| format!("{}: {}", finding.id, finding.message)).collect();
    if broken.len() > MOST {
        lines.push(format!("and {} more of {}", broken.len() - MOST, broken.len()));
    }
    let message = broken.first().map(|finding| shown(&finding.message)).unwrap_or_default();
    case.write_inner_content(|writer| {
        let failure = writer.create_element("failure").with_attributes([("message", message.as_str()), ("type", outcome.rule.id())]);
        failure.write_text_content(BytesText::new(&shown(&lines.join("\n")))).map(drop)
    })?;
    Ok(())
}

/// Text that XML can hold: no control characters but the line feed, no noncharacters.
fn shown(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}
