//! Findings as workflow commands of GitHub Actions: annotations on the lines of the model.

use super::{Findings, Level, region, void_waivers};
use crate::source::visible;

/// Annotations that GitHub shows of one step, of each level.
const MOST: usize = 10;

/// One line per finding, those that fail first; GitHub shows ten of a level, and what is left is counted.
///
/// # Source
/// GitHub, *Workflow commands for GitHub Actions*; the runner's own escaping of data and properties.
pub fn render(findings: &Findings<'_>) -> String {
    let mut out = String::new();
    for (level, word) in [(Level::Error, "error"), (Level::Warning, "warning")] {
        let of_level: Vec<_> = findings.list.iter().filter(|finding| finding.level() == level).collect();
        let shown = if of_level.len() > MOST { MOST - 1 } else { of_level.len() };
        for finding in &of_level[..shown] {
            let source_ix = usize::from(finding.span.source);
            let ((line, column), (end_line, _)) =
                findings.files.sources.get(source_ix).map_or(((1, 1), (1, 1)), |source| region(source, finding.span));
            let file = property(findings.files.paths.get(source_ix).map_or("", String::as_str));
            let title = property(finding.rule());
            let message = data(&finding.message);
            out.push_str(&format!("::{word} file={file},line={line},endLine={end_line},col={column},title={title}::{message}\n"));
        }
        if of_level.len() > shown {
            out.push_str(&format!("::{word}::{} more of {}; the other forms show all\n", of_level.len() - shown, of_level.len()));
        }
    }
    for waiver in void_waivers(findings.gate) {
        out.push_str(&format!("::warning title=waiver::{}\n", data(&waiver)));
    }
    out
}

/// Text of a message. The runner also finds its older commands in the middle of a line: what is visible holds none.
fn data(text: &str) -> String {
    visible(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
