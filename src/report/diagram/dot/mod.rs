//! A picture in the DOT language, for Graphviz to lay out.

mod cards;
mod syntax;

use super::legend;
use super::palette::{Page, Role};
use super::picture::{Family, Flow, Key, Link, Meaning, Picture, Tone};
use super::text::wrap;
use cards::{face, table};
use std::io;
use syntax::{Attribute, End, Face, Html, Name, Statement, Value};

/// Writes a picture.
///
/// The same picture gives the same bytes.
///
/// # Errors
/// What the writer refuses.
pub fn write(picture: &Picture, page: Page, out: &mut dyn io::Write) -> io::Result<()> {
    out.write_all(text(picture, page).as_bytes())?;
    out.write_all(b"\n")
}

/// The faces of all text, as Graphviz looks for them.
const FONTS: Value = Value::Word("Helvetica,Arial,sans-serif");

/// The picture as text.
pub fn text(picture: &Picture, page: Page) -> String {
    let colour = |role: Role| Value::Word(role.hex(page));
    // A tooltip of one blank keeps generated names from being shown as one.
    let mut statements = vec![
        Statement::Own(("rankdir", Value::Word(if picture.flow == Flow::Down { "TB" } else { "LR" }))),
        Statement::Own(("newrank", Value::Word("true"))),
        Statement::Own(("bgcolor", colour(Role::Paper))),
        Statement::Own(("pad", Value::Number(0.2))),
        Statement::Own(("nodesep", Value::Number(0.25))),
        Statement::Own(("ranksep", Value::Number(if picture.flow == Flow::Down { 0.4 } else { 0.9 }))),
        Statement::Own(("tooltip", Value::Word(" "))),
        Statement::Own(("fontname", FONTS)),
        Statement::Own(("labelloc", Value::Word("t"))),
        Statement::Own(("labeljust", Value::Word("l"))),
        Statement::Own(("label", Value::Cells(heading(picture, page)))),
        Statement::Nodes(vec![
            ("shape", Value::Word("plain")),
            ("fontname", FONTS),
            ("fontcolor", colour(Role::Ink)),
            ("tooltip", Value::Word(" ")),
        ]),
        Statement::Edges(vec![
            ("fontname", FONTS),
            ("fontsize", Value::Number(9.0)),
            ("arrowsize", Value::Number(0.7)),
            ("tooltip", Value::Word(" ")),
        ]),
    ];
    for (group_ix, group) in picture.groups.iter().enumerate() {
        let members: Vec<usize> = (0..picture.cards.len()).filter(|&card| picture.cards[card].group == Some(group_ix)).collect();
        let mut inside = vec![
            Statement::Own(("label", Value::Cells(Html::new().font(&group.title, face(Role::Muted, page, "11", true))))),
            Statement::Own(("style", Value::Word("rounded,filled"))),
            Statement::Own(("fillcolor", colour(Role::Ground))),
            Statement::Own(("color", colour(Role::GroundLine))),
            Statement::Own(("margin", Value::Number(12.0))),
        ];
        inside.extend(members.iter().map(|&card| node(picture, card, page)));
        if group.meaning == Meaning::Distance {
            let same = [Statement::Own(("rank", Value::Word("same")))];
            let same = same.into_iter().chain(members.iter().map(|&card| Statement::Member(card))).collect();
            inside.push(Statement::Within(Name::Rank(group_ix), same));
        }
        statements.push(Statement::Within(Name::Group(group_ix), inside));
    }
    let alone = (0..picture.cards.len()).filter(|&card| picture.cards[card].group.is_none());
    statements.extend(alone.map(|card| node(picture, card, page)));
    statements.extend(picture.links.iter().map(|link| edge(picture, link, page)));
    syntax::digraph(statements)
}

fn node(picture: &Picture, card: usize, page: Page) -> Statement {
    let of = &picture.cards[card];
    let mut words = of.title.clone();
    for more in of.name.iter().chain([&of.caption]).filter(|more| !more.is_empty()) {
        words.push_str(" · ");
        words.push_str(more);
    }
    Statement::Node(card, vec![("label", Value::Cells(table(of, page))), ("tooltip", Value::Tooltip(words))])
}

fn edge(picture: &Picture, link: &Link, page: Page) -> Statement {
    let role = link.tone.role();
    let colour = Value::Word(role.hex(page));
    let (mut style, mut width, head) = match link.kind.map(Family::of) {
        None => ("solid", 1.5, "normal"),
        Some(Family::Network) => ("solid", 1.2, "normal"),
        Some(Family::Data) => ("solid", 2.6, "normal"),
        Some(Family::Identity) => ("dashed", 1.2, "onormal"),
        Some(Family::Delivery) => ("dotted", 1.6, "vee"),
        Some(Family::Control) => ("dashed", 1.2, "vee"),
        Some(Family::Hosting) => ("solid", 4.0, "normal"),
    };
    match link.tone {
        Tone::Path(exposure) => width = f32::max(width, 0.8 + 2.4 * f32::from(exposure.0) / 10_000.0),
        Tone::Added => width = f32::max(width, 2.2),
        Tone::Removed => style = "dotted",
        Tone::Plain => {}
    }
    let mut attributes: Vec<Attribute> = vec![
        ("color", colour.clone()),
        ("style", Value::Word(style)),
        ("penwidth", Value::Number(width)),
        ("arrowhead", Value::Word(head)),
    ];
    if link.both_ways {
        attributes.extend([("dir", Value::Word("both")), ("arrowtail", Value::Word(head))]);
    }
    if !link.label.is_empty() {
        attributes.push(("fontcolor", colour));
        attributes.push(("label", label(link, page)));
    }
    let group = |card: usize| picture.cards[card].group.filter(|&group| picture.groups[group].meaning == Meaning::Distance);
    if let (Some(from), Some(to)) = (group(link.from), group(link.to))
        && from >= to
    {
        attributes.push(("constraint", Value::Word("false")));
    }
    let port = |row: Option<crate::catalog::Layer>, side: &'static str| row.map(|layer| (layer.id(), side));
    let end = |card: usize, port: Option<(&'static str, &'static str)>| -> End { (card, port) };
    Statement::Edge(end(link.from, port(link.from_row, "e")), end(link.to, port(link.to_row, "w")), attributes)
}

fn label(link: &Link, page: Page) -> Value {
    if link.detail.is_empty() {
        return Value::Label(link.label.clone());
    }
    let left = [("ALIGN", "LEFT")];
    let mut html = Html::new().open("TABLE", &[("BORDER", "0"), ("CELLSPACING", "0"), ("CELLPADDING", "1")]);
    html = html.open("TR", &[]).cell(&link.label, face(link.tone.role(), page, "9", true), &left).close();
    for line in &link.detail {
        html = html.open("TR", &[]).cell(line, face(Role::Muted, page, "9", false), &left).close();
    }
    Value::Cells(html.close())
}

/// Question, answer, legend and notes: the label of the graph.
fn heading(picture: &Picture, page: Page) -> Html {
    const LINE: f32 = 760.0;
    let left = [("ALIGN", "LEFT")];
    let mut html = Html::new().open("TABLE", &[("BORDER", "0"), ("CELLBORDER", "0"), ("CELLSPACING", "0"), ("CELLPADDING", "2")]);
    html = html.open("TR", &[]).cell(&picture.question, face(Role::Ink, page, "16", true), &left).close();
    for line in wrap(&picture.answer, 11.0, LINE) {
        html = html.open("TR", &[]).cell(&line, face(Role::Muted, page, "11", false), &left).close();
    }
    for &key in &picture.legend {
        html = html.open("TR", &[]).open("TD", &left);
        html = html.open("TABLE", &[("BORDER", "0"), ("CELLBORDER", "0"), ("CELLSPACING", "2"), ("CELLPADDING", "2")]);
        html = legend_row(html.open("TR", &[]), key, page).close();
        html = html.close().close().close();
    }
    for line in picture.notes.iter().flat_map(|note| wrap(note, 10.0, LINE)) {
        html = html.open("TR", &[]).cell(&line, face(Role::Ink, page, "10", false), &left).close();
    }
    for line in wrap(&picture.basis, 9.0, LINE) {
        html = html.open("TR", &[]).cell(&line, face(Role::Muted, page, "9", false), &left).close();
    }
    html.close()
}

fn legend_row(html: Html, key: Key, page: Page) -> Html {
    let heading = face(Role::Muted, page, "9", true);
    let words = face(Role::Muted, page, "9", false);
    match key {
        Key::Heat => (0_u8..).zip(legend::HEAT).fold(html.cell("exposure", heading, &[]), |html, (step, label)| {
            html.cell(label, face(Role::OnHeat(step), page, "9", false), &[("BGCOLOR", Role::Heat(step).hex(page))])
        }),
        Key::Strip => sentence(html, "digits", &legend::DIGITS.join(" "), heading, words),
        Key::Bar => sentence(html, "bar", legend::BAR, heading, words),
        Key::Rows => {
            let html = legend::OWNERS.iter().fold(html.cell("owner", heading, &[]), |html, (tint, word)| {
                html.cell(word, face(Role::Ink, page, "9", false), &[("BGCOLOR", tint.hex(page))])
            });
            legend::MARKS.iter().fold(html.cell("layer", heading, &[]), |html, (mark, role, text)| {
                html.cell(mark.sign(), face(*role, page, "9", true), &[]).cell(text, words, &[])
            })
        }
        Key::Changes => legend::CHANGES.iter().fold(html.cell("change", heading, &[]), |html, (sign, role, text)| {
            html.cell(sign, face(*role, page, "9", true), &[]).cell(text, words, &[])
        }),
        Key::Lines(used) => {
            let text: Vec<String> = Family::ALL
                .iter()
                .zip(used)
                .filter(|(_, used)| *used)
                .map(|(family, _)| format!("{}: {}", family.line(), family.verbs()))
                .collect();
            sentence(html, "line", &text.join(" · "), heading, words)
        }
    }
}

/// One cell, so that a row wider than its words does not tear them apart.
fn sentence(html: Html, title: &str, text: &str, heading: Face, words: Face) -> Html {
    html.open("TD", &[("ALIGN", "LEFT")]).font(title, heading).font(&format!("   {text}"), words).close()
}
