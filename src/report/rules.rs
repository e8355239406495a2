//! The rule reference: a section for every code, every kind of gap and every word on the screen.

use std::sync::LazyLock;

const REFERENCE: &str = include_str!("rules.md");

/// The sections in the order of the file, each with its words.
static SECTIONS: LazyLock<Vec<(Vec<&str>, &str)>> = LazyLock::new(|| {
    let starts: Vec<usize> = REFERENCE.match_indices("\n## ").map(|(at, _)| at + 1).collect();
    let ends = starts.iter().skip(1).copied().chain([REFERENCE.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| {
            let section = &REFERENCE[start..end];
            // The heading of the next chapter is no part of the section before it.
            let section = section.find("\n# ").map_or(section, |at| &section[..at]).trim_end();
            let heading = section.lines().next().unwrap_or_default().trim_start_matches("## ");
            // A phrase of the screen may hold a comma itself; it can be asked for as a whole, too.
            let words = if heading.contains(", ") { heading.split(", ").chain([heading]).collect() } else { vec![heading] };
            (words, section)
        })
        .collect()
});

/// Returns the first section about a code, a kind of gap or another word, as Markdown that begins with its `##`
/// heading.
pub fn section(word: &str) -> Option<&'static str> {
    sections(word).first().copied()
}

/// Returns every section about a word, in the order of the reference: `partial` is a kind of gap and a status. Upper
/// case, as in the titles of columns, is no other word.
pub fn sections(word: &str) -> Vec<&'static str> {
    let word = word.trim().to_lowercase();
    SECTIONS.iter().filter(|(words, _)| words.contains(&word.as_str())).map(|&(_, section)| section).collect()
}

/// Returns every word that has a section, once, in the order of the reference.
pub fn titles() -> Vec<&'static str> {
    let mut seen = std::collections::BTreeSet::new();
    let words = SECTIONS.iter().flat_map(|(words, _)| words.iter().copied().filter(|word| words.len() == 1 || !word.contains(", ")));
    words.filter(|word| seen.insert(*word)).collect()
}
