//! The rule reference: a section for every code, every kind of gap and every word on the screen.

use std::sync::LazyLock;

const REFERENCE: &str = include_str!("rules.md");

/// The sections in the order of the file, each with its title.
static SECTIONS: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let starts: Vec<usize> = REFERENCE.match_indices("\n## ").map(|(at, _)| at + 1).collect();
    let ends = starts.iter().skip(1).copied().chain([REFERENCE.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| {
            let section = &REFERENCE[start..end];
            // The heading of the next chapter is no part of the section before it.
            let section = section.find("\n# ").map_or(section, |at| &section[..at]).trim_end();
            let title = section.lines().next().unwrap_or_default().trim_start_matches("## ");
            (title, section)
        })
        .collect()
});

/// Returns the section about a code, a kind of gap or another word, as Markdown that begins with its `##` heading.
pub fn section(code: &str) -> Option<&'static str> {
    SECTIONS.iter().find(|(title, _)| *title == code).map(|&(_, section)| section)
}

/// Returns the title of every section, in the order of the reference.
pub fn titles() -> Vec<&'static str> {
    SECTIONS.iter().map(|&(title, _)| title).collect()
}
