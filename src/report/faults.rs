//! placeholder
use crate::source::*;
pub struct Wording {
    pub code: &'static str,
    pub message: String,
    pub label: String,
    pub other: String,
    pub help: Option<String>,
}
pub fn wording(f: &Fault) -> Wording {
    Wording { code: "x", message: format!("{f:?}"), label: String::new(), other: String::new(), help: None }
}
pub fn render(d: &Diagnostics, s: &[Source], c: bool, m: usize) -> String {
    d.iter()
        .take(m)
        .map(|d| {
            let w = wording(&d.fault);
            super::snippet::render(
                &super::snippet::Snippet {
                    severity: d.severity,
                    code: w.code,
                    message: &w.message,
                    at: Some(d.span),
                    label: "",
                    also: &[],
                    help: None,
                },
                s,
                c,
            )
        })
        .collect()
}
