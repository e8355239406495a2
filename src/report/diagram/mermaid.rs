//! A picture as a Mermaid flowchart, for Markdown.
//!
//! Small on purpose: the sites that draw Mermaid refuse long texts and many links, and some of them cut at a few
//! thousand characters. What does not fit is counted.
//!
//! # Source
//! <https://mermaid.js.org/syntax/flowchart.html>; entity codes: "Entity codes to escape characters" there.

use super::picture::{Card, Family, Flow, Picture, Tone};
use super::text::cut;
use std::io;

/// Cards that are drawn.
const MOST_CARDS: usize = 15;
/// Characters of the whole.
const MOST_CHARACTERS: usize = 2_000;
/// Characters of a text.
const MOST_OF_TEXT: usize = 40;

/// Writes a picture, cut to 15 cards and 2,000 characters.
///
/// # Errors
/// What the writer refuses.
pub fn write(picture: &Picture, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(text(picture).as_bytes())
}

/// The picture as text.
pub fn text(picture: &Picture) -> String {
    // The cards are in the order in which they matter: as many of them as fit.
    (0..=picture.cards.len().min(MOST_CARDS))
        .rev()
        .map(|cards| chart(picture, cards))
        .find(|chart| chart.chars().count() <= MOST_CHARACTERS)
        .unwrap_or_default()
}

fn chart(picture: &Picture, cards: usize) -> String {
    let direction = if picture.flow == Flow::Down { "TB" } else { "LR" };
    let question = code(&cut(&picture.question, 2 * MOST_OF_TEXT));
    let mut chart = format!("flowchart {direction}\n  subgraph question[\"{question}\"]\n    direction {direction}\n");
    for (ix, card) in picture.cards.iter().take(cards).enumerate() {
        chart.push_str(&format!("    s{ix}[\"{}\"]\n", words(card)));
    }
    if cards < picture.cards.len() {
        chart.push_str(&format!("    more[\"{}\"]\n", code(&format!("+ {} more", picture.cards.len() - cards))));
    }
    chart.push_str("  end\n");
    for link in picture.links.iter().filter(|link| link.from < cards && link.to < cards) {
        let arrow = match (link.tone, link.kind.map(Family::of)) {
            (Tone::Removed, _) | (_, Some(Family::Delivery | Family::Identity | Family::Control)) => "-.->",
            (Tone::Path(_) | Tone::Added, _) | (_, Some(Family::Data | Family::Hosting)) => "==>",
            (Tone::Plain, _) => "-->",
        };
        let arrow = if link.both_ways { format!("<{arrow}") } else { arrow.to_owned() };
        let label = match (link.label.as_str(), link.kind) {
            ("", Some(kind)) => kind.id(),
            (label, _) => label,
        };
        if label.is_empty() {
            chart.push_str(&format!("  s{} {arrow} s{}\n", link.from, link.to));
        } else {
            chart.push_str(&format!("  s{} {arrow}|\"{}\"| s{}\n", link.from, code(&cut(label, MOST_OF_TEXT)), link.to));
        }
    }
    chart
}

fn words(card: &Card) -> String {
    let gaps = card.rows.iter().filter(|row| matches!(row.mark, super::picture::Mark::Gap | super::picture::Mark::Doubt)).count();
    let gaps = (gaps > 0).then(|| format!("! {}", crate::report::pages::count(gaps, "gap", "gaps")));
    let sign = card.sign.as_ref().map(super::picture::Sign::text);
    let badge = card.badge.as_ref().map(|badge| badge.text.clone());
    let parts = [sign, Some(card.title.clone()), card.name.clone(), badge, gaps];
    parts.into_iter().flatten().map(|part| code(&cut(&part, MOST_OF_TEXT))).collect::<Vec<_>>().join(" · ")
}

/// Text as entity codes where it is not plain. A colon is coded too: without that, a text that begins like a style
/// statement loses its semicolons.
fn code(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " .,_/-".contains(c) || !c.is_ascii();
    let coded: String = text.chars().map(|c| if is_plain(c) { c.to_string() } else { format!("#{};", c as u32) }).collect();
    if coded.is_empty() { " ".to_owned() } else { coded }
}
