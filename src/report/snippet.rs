//! A fault drawn against an excerpt of its source, in the manner of rustc.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet as Excerpt};

use crate::source::{Severity, Source, Span, masked, visible};

/// Characters of a long line that are shown before a place, and from its start on.
const BEFORE: usize = 60;
const AFTER: usize = 140;

/// Lines between two places of a file up to which one excerpt holds both.
const NEAR: usize = 12;

/// Where lines end, for annotate-snippets; ours are cut before, so that it never cuts again.
const TERMINAL_WIDTH: usize = 1000;

/// What to draw; all texts may come from a model, for they are filtered here.
#[derive(Copy, Clone, Debug)]
pub struct Snippet<'a> {
    /// How bad it is.
    pub severity: Severity,
    /// The kebab-case code, shown in brackets.
    pub code: &'a str,
    /// What is wrong, in one line.
    pub message: &'a str,
    /// Where it is.
    pub at: Option<Span>,
    /// What stands under the place; may be empty.
    pub label: &'a str,
    /// Other places that matter, each with what stands under it.
    pub also: &'a [(Span, &'a str)],
    /// What to do about it.
    pub help: Option<&'a str>,
}

/// Returns the drawing of a snippet, with a line feed at its end.
///
/// Only the lines around the places are looked at, cut to 200 characters; a span over several lines is drawn on its
/// first. A place in a file that is not among `sources` is left out. Whatever the texts hold, no control character
/// but the line feed and, with `color`, our own escape sequences comes out, and no bidirectional control.
///
/// # Complexity
/// *O*(lines shown), after one pass over each named source for its line starts.
#[must_use]
pub fn render(snippet: &Snippet<'_>, sources: &[Source], color: bool) -> String {
    let level = match snippet.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(visible(snippet.message)).id(visible(snippet.code));
    let mut group = Group::with_title(title);
    for window in windows(snippet, sources) {
        let path = visible(window.source.name());
        if !window.source.is_ours() {
            // Of what others wrote the places are named, and nothing is shown.
            for place in &window.places {
                let (line, column) = window.source.line_column(place.span.start);
                group = group.element(Origin::path(path.clone()).line(line).char_column(column));
                if !place.label.is_empty() {
                    group = group.element(Level::NOTE.no_name().message(visible(place.label)));
                }
            }
            continue;
        }
        let (line, column) = window.source.line_column(window.places[0].span.start);
        group = group.element(Origin::path(path).line(line).char_column(column)).element(window.excerpt());
    }
    if let Some(help) = snippet.help {
        group = group.element(Level::HELP.message(visible(help)));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let drawing = renderer.term_width(TERMINAL_WIDTH).render(&[group]);
    let mut shown = String::with_capacity(drawing.len() + 1);
    for line in drawing.lines().filter(|line| !is_empty_heading(line)) {
        shown.push_str(line);
        shown.push('\n');
    }
    shown
}

/// Returns whether a line is the heading that annotate-snippets draws for an excerpt without a path.
///
/// A heading of its own would name the column within a line that was cut, so an `Origin` names the true one and the
/// excerpt stays without; what remains of its heading is this.
fn is_empty_heading(line: &str) -> bool {
    let mut rest = line;
    loop {
        rest = rest.trim_start_matches(' ');
        if let Some(sequence) = rest.strip_prefix("\u{1b}[") {
            // Our own escape sequences all end in `m`; texts hold none.
            rest = sequence.split_once('m').map_or("", |(_, rest)| rest);
        } else if let Some(after) = rest.strip_prefix(":::") {
            rest = after;
        } else {
            return rest.is_empty() && line.contains(":::");
        }
    }
}

/// A place with what stands under it, and the number of its line.
struct Place<'a> {
    span: Span,
    line: usize,
    label: &'a str,
    kind: AnnotationKind,
}

/// The places of one file that lie near one another; the first is the one its heading names.
struct Window<'a> {
    source: &'a Source,
    places: Vec<Place<'a>>,
    first_line: usize,
    last_line: usize,
}

fn windows<'a>(snippet: &Snippet<'a>, sources: &'a [Source]) -> Vec<Window<'a>> {
    let primary = snippet.at.map(|span| (span, snippet.label, AnnotationKind::Primary));
    let others = snippet.also.iter().map(|&(span, label)| (span, label, AnnotationKind::Context));
    let mut windows: Vec<Window<'a>> = Vec::new();
    for (span, label, kind) in primary.into_iter().chain(others) {
        let Some(source) = sources.iter().find(|source| source.index() == span.source) else {
            continue;
        };
        let line = source.line_column(span.start).0;
        let place = Place { span, line, label, kind };
        let near = windows
            .iter_mut()
            .find(|window| window.source.index() == span.source && line + NEAR >= window.first_line && line <= window.last_line + NEAR);
        match near {
            Some(window) => {
                window.first_line = window.first_line.min(line);
                window.last_line = window.last_line.max(line);
                window.places.push(place);
            }
            None => windows.push(Window { source, places: vec![place], first_line: line, last_line: line }),
        }
    }
    windows
}

impl<'a> Window<'a> {
    fn excerpt(&self) -> Excerpt<'a, annotate_snippets::Annotation<'a>> {
        let mut text = String::new();
        let mut annotations = Vec::new();
        for line in self.first_line..=self.last_line {
            let mut places = self.places.iter().filter(|place| place.line == line).peekable();
            let whole = self.source.line_range(line);
            let anchor = places.peek().map_or(whole.start, |place| place.span.start as usize);
            let kept = cut(self.source.text(), &whole, anchor);
            if kept.start > whole.start {
                text.push('…');
            }
            let origin = text.len();
            let shown = &self.source.text()[kept.clone()];
            // The carriage return of a line's end is no more to see than its line feed.
            text.push_str(&masked(shown.strip_suffix('\r').unwrap_or(shown)));
            // A place beyond the cut is drawn at the edge, where the mark of the cut is.
            let moved = |offset: u32| {
                let offset = (offset as usize).clamp(kept.start, kept.end);
                origin + whole_character(self.source.text(), offset) - kept.start
            };
            for place in places {
                let start = moved(place.span.start);
                let range = start..moved(place.span.end).max(start);
                let label = (!place.label.is_empty()).then(|| visible(place.label));
                annotations.push(place.kind.span(range).label(label));
            }
            if kept.end < whole.end {
                text.push('…');
            }
            text.push('\n');
        }
        Excerpt::source(text).line_start(self.first_line).annotations(annotations)
    }
}

/// Returns the part of the line `whole` that is shown: all of it, or what lies around `anchor`.
fn cut(text: &str, whole: &Range<usize>, anchor: usize) -> Range<usize> {
    // Looking no further than what may be shown keeps a line of 100 MB as cheap as a short one.
    let anchor = whole_character(text, anchor.clamp(whole.start, whole.end));
    let mut before = text[whole.start..anchor].char_indices().rev();
    let mut after = text[anchor..whole.end].char_indices();
    let start = before.nth(BEFORE - 1).map_or(whole.start, |(at, _)| whole.start + at);
    let end = after.nth(AFTER).map_or(whole.end, |(at, _)| anchor + at);
    start..end
}

/// Returns where the character begins that `offset` lies in.
fn whole_character(text: &str, offset: usize) -> usize {
    (0..=offset).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    // A file of this ending is ours, whatever it holds.
    fn source(name: &str, text: &str, index: u16) -> Source {
        Source::from_bytes(name.to_owned(), text.as_bytes().to_vec(), index).expect("the sample is text")
    }

    fn snippet<'a>(at: Span, also: &'a [(Span, &'a str)]) -> Snippet<'a> {
        Snippet {
            severity: Severity::Error,
            code: "unknown-key",
            message: "unknown key `ownr`",
            at: Some(at),
            label: "no such key",
            also,
            help: Some("did you mean `owner`?"),
        }
    }

    /// What a terminal may get: no control but the line feed and our own colours, nothing hidden, no log command.
    fn assert_clean(drawing: &str, color: bool) {
        let mut rest = drawing.to_owned();
        if color {
            for (at, _) in drawing.match_indices('\u{1b}') {
                let sequence = drawing[at..].split_inclusive('m').next().unwrap_or_default();
                let inner = sequence.strip_prefix("\u{1b}[").and_then(|inner| inner.strip_suffix('m'));
                let inner = inner.expect("only colours are escape sequences");
                assert!(inner.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'), "{inner:?}");
                rest = rest.replacen(sequence, "", 1);
            }
        }
        assert!(rest.bytes().all(|byte| byte == b'\n' || (byte >= b' ' && byte != 0x7F)), "{rest:?}");
        assert!(!rest.chars().any(|c| c != '\n' && crate::source::is_hidden(c)), "{rest:?}");
        assert!(!rest.contains("##[") && !rest.contains("##vso["), "{rest:?}");
    }

    #[test]
    fn a_fault_is_drawn_as_rustc_draws_it() {
        let sources = [source("model.toml", "systems:\n  - id: web\n    ownr: payments\n", 0)];
        let drawing = render(&snippet(Span::new(0, 25, 29), &[]), &sources, false);
        assert_eq!(
            drawing,
            "\
error[unknown-key]: unknown key `ownr`
 --> model.toml:3:5
  |
3 |     ownr: payments
  |     ^^^^ no such key
  |
  = help: did you mean `owner`?
"
        );
    }

    #[test]
    fn other_places_are_drawn_beside_or_in_their_own_file() {
        let far = "#\n".repeat(40);
        let sources = [source("a.toml", &format!("a: 1\na: 2\n{far}a: 3\n"), 0), source("b.toml", "{\"a\": 4}", 1)];
        let also = [
            (Span::new(0, 0, 1), "first"),
            (Span::new(1, 1, 4), "and here"),
            (Span::new(0, 90, 91), "far away"),
            (Span::new(9, 0, 1), "in no file"),
        ];
        let drawing = render(&snippet(Span::new(0, 5, 6), &also), &sources, false);
        assert_eq!(
            drawing,
            "\
error[unknown-key]: unknown key `ownr`
  --> a.toml:2:1
   |
 1 | a: 1
   | - first
 2 | a: 2
   | ^ no such key
  ::: b.toml:1:2
   |
 1 | {\"a\": 4}
   |  --- and here
  ::: a.toml:43:1
   |
43 | a: 3
   | - far away
   |
   = help: did you mean `owner`?
"
        );
    }

    #[test]
    fn a_long_line_is_cut_and_its_column_is_not() {
        let sources = [source("m.toml", &format!("[{}7, {}8]", "1, ".repeat(500), "2, ".repeat(500)), 0)];
        let drawing = render(&snippet(Span::new(0, 1501, 1502), &[]), &sources, false);
        let lines: Vec<&str> = drawing.lines().collect();
        assert_eq!(lines[1], " --> m.toml:1:1502");
        assert!(lines[3].starts_with("1 | … 1, 1,") || lines[3].starts_with("1 | …1, "), "{}", lines[3]);
        assert!(lines[3].ends_with('…') && lines[3].chars().count() < 210, "{}", lines[3]);
        let caret = lines[4].find('^').expect("there is a caret");
        assert_eq!(lines[3].chars().nth(caret), Some('7'));
    }

    #[test]
    fn the_end_of_the_text_and_spans_outside_it_can_be_pointed_at() {
        let sources = [source("m.yaml", "a: 1\r\nb: é\r\n", 0)];
        for start in 0..30 {
            for end in start..30 {
                assert_clean(&render(&snippet(Span::new(0, start, end), &[]), &sources, false), false);
            }
        }
    }

    #[test]
    fn a_fault_without_a_place_has_its_help() {
        let drawing = render(&Snippet { at: None, severity: Severity::Warning, ..snippet(Span::new(0, 0, 0), &[]) }, &[], false);
        assert_eq!(drawing, "warning[unknown-key]: unknown key `ownr`\n |\n = help: did you mean `owner`?\n");
    }

    #[test]
    fn nothing_in_any_text_reaches_the_terminal_raw() {
        let hostile = "x\u{1b}[2J\u{7}\u{8}\r\t\u{7f}\u{9b}31m\u{202e}\u{2066}\u{200d}\u{e0041}\u{2028}##[add-mask]##vso[x]";
        let name = format!("{hostile}\n");
        let sources = [source(&name, &format!("a: {hostile}\nb: \u{85}\n"), 0)];
        for color in [false, true] {
            for place in 0..sources[0].text().len() {
                let snippet = Snippet {
                    severity: Severity::Error,
                    code: hostile,
                    message: &name,
                    at: Some(Span::new(0, place, place + 3)),
                    label: &name,
                    also: &[(Span::new(0, 1, 2), hostile)],
                    help: Some(&name),
                };
                assert_clean(&render(&snippet, &sources, color), color);
            }
        }
    }

    #[test]
    fn a_large_source_of_one_line_is_drawn() {
        let text = format!("[{}1]", "1,".repeat(8_000_000));
        let sources = [source("m.toml", &text, 0)];
        let drawing = render(&snippet(Span::new(0, 9_000_001, 9_000_002), &[]), &sources, false);
        assert!(drawing.contains("m.toml:1:9000002"));
    }

    #[test]
    fn naughty_strings_are_drawn_clean() {
        for line in &crate::source::naughty() {
            let text = format!("a: {line} z");
            let sources = [source(line, &text, 0)];
            let end = sources[0].text().len();
            let snippet = Snippet {
                severity: Severity::Warning,
                code: "naughty",
                message: line,
                at: Some(Span::new(0, 3, end)),
                label: line,
                also: &[],
                help: Some(line),
            };
            assert_clean(&render(&snippet, &sources, false), false);
        }
    }
}
