//! Statements of the DOT language, built on graphviz-rust's syntax tree and printed by it. The only file that names it.
//!
//! The crate escapes nothing, so nothing reaches it unescaped: names of nodes, clusters and ports are generated here,
//! attributes are constants of this program, and text of a model enters only as a label, a tooltip or the text of an
//! HTML-like cell, each with the escapes that Graphviz reads there. No attribute that Graphviz takes for an address, a
//! file, a font or a style is ever made from a text.
//!
//! # Source
//! The DOT language, <https://graphviz.org/doc/info/lang.html>, and its HTML-like labels,
//! <https://graphviz.org/doc/info/shapes.html#html>.

use crate::report::diagram::text::shown;
use graphviz_rust::dot_structures as tree;
use graphviz_rust::printer::{DotPrinter, PrinterContext};
use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

/// A generated name; no text of a model is ever one.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// A card.
    Card(usize),
    /// A box around cards.
    Group(usize),
    /// Cards of one rank.
    Rank(usize),
}

/// The value of an attribute.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// A constant of this program.
    Word(&'static str),
    /// A number with two decimals at most.
    Number(f32),
    /// A label.
    Label(String),
    /// A tooltip.
    Tooltip(String),
    /// An HTML-like label.
    Cells(Html),
}

/// An attribute: a constant name and a value.
pub(super) type Attribute = (&'static str, Value);

/// An end of an edge: a card, and the port of a row with the side that it is on.
pub(super) type End = (usize, Option<(&'static str, &'static str)>);

/// A statement.
#[derive(Clone, Debug)]
pub(super) enum Statement {
    /// An attribute of what it stands in.
    Own(Attribute),
    /// The defaults of all nodes.
    Nodes(Vec<Attribute>),
    /// The defaults of all edges.
    Edges(Vec<Attribute>),
    /// A node.
    Node(usize, Vec<Attribute>),
    /// A node that stands here, its attributes said elsewhere.
    Member(usize),
    /// An edge.
    Edge(End, End, Vec<Attribute>),
    /// A subgraph.
    Within(Name, Vec<Self>),
}

/// A directed graph as text.
pub(super) fn digraph(statements: Vec<Statement>) -> String {
    let graph = tree::Graph::DiGraph {
        id: tree::Id::Plain("weaklink".to_owned()),
        strict: false,
        stmts: statements.into_iter().map(statement).collect(),
    };
    // A context keeps its indentation, and may glue statements without semicolons: a fresh one each time, with them.
    graph.print(PrinterContext::default().with_semi())
}

fn statement(statement: Statement) -> tree::Stmt {
    match statement {
        Statement::Own(own) => tree::Stmt::Attribute(attribute(own)),
        Statement::Nodes(all) => tree::Stmt::GAttribute(tree::GraphAttributes::Node(attributes(all))),
        Statement::Edges(all) => tree::Stmt::GAttribute(tree::GraphAttributes::Edge(attributes(all))),
        Statement::Node(card, own) => tree::Stmt::Node(tree::Node { id: vertex((card, None)), attributes: attributes(own) }),
        Statement::Member(card) => tree::Stmt::Node(tree::Node { id: vertex((card, None)), attributes: Vec::new() }),
        Statement::Edge(from, to, own) => tree::Stmt::Edge(tree::Edge {
            ty: tree::EdgeTy::Pair(tree::Vertex::N(vertex(from)), tree::Vertex::N(vertex(to))),
            attributes: attributes(own),
        }),
        Statement::Within(name, own) => {
            tree::Stmt::Subgraph(tree::Subgraph { id: id(name), stmts: own.into_iter().map(self::statement).collect() })
        }
    }
}

fn id(name: Name) -> tree::Id {
    tree::Id::Plain(match name {
        Name::Card(ix) => format!("s{ix}"),
        Name::Group(ix) => format!("cluster_{ix}"),
        Name::Rank(ix) => format!("rank_{ix}"),
    })
}

fn vertex((card, port): End) -> tree::NodeId {
    let port = port.map(|(row, side)| {
        let row = if side == "w" { format!("{row}_w") } else { row.to_owned() };
        tree::Port(Some(tree::Id::Plain(row)), Some(side.to_owned()))
    });
    tree::NodeId(id(Name::Card(card)), port)
}

fn attributes(all: Vec<Attribute>) -> Vec<tree::Attribute> {
    all.into_iter().map(attribute).collect()
}

fn attribute((name, value): Attribute) -> tree::Attribute {
    let value = match value {
        Value::Word(word) => tree::Id::Escaped(format!("\"{word}\"")),
        Value::Number(number) => tree::Id::Plain(decimal(number)),
        Value::Label(text) => tree::Id::Escaped(format!("\"{}\"", label(&text))),
        // Old versions read the escapes of a tooltip twice: a backslash is kept from what follows it.
        Value::Tooltip(text) => tree::Id::Escaped(format!("\"{}\"", label(&text).replace("\\\\", "\\\\\u{200B}"))),
        Value::Cells(cells) => tree::Id::Html(format!("<{}>", cells.finish())),
    };
    tree::Attribute(tree::Id::Plain(name.to_owned()), value)
}

/// A number as DOT knows them: no exponent, nothing that is not a number.
fn decimal(number: f32) -> String {
    let hundredths = if number.is_finite() { (number * 100.0).round() as i32 } else { 0 };
    format!("{}{}.{:02}", if hundredths < 0 { "-" } else { "" }, hundredths.abs() / 100, hundredths.abs() % 100)
}

/// A text between quotes. Graphviz decodes entities in labels, too.
fn label(text: &str) -> String {
    let text = shown(text).replace('\\', "\\\\").replace('"', "\\\"").replace('&', "&amp;");
    if text.is_empty() { " ".to_owned() } else { text }
}

/// An HTML-like label under construction: elements of this program, text of whoever.
#[derive(Clone, Debug)]
pub(super) struct Html {
    written: Vec<u8>,
    /// Names of the elements that are open.
    open: Vec<&'static str>,
}

impl Html {
    pub(super) fn new() -> Self {
        Self { written: Vec::new(), open: Vec::new() }
    }

    /// Opens an element.
    #[must_use]
    pub(super) fn open(mut self, name: &'static str, attributes: &[(&'static str, &str)]) -> Self {
        self.event(Event::Start(BytesStart::new(name).with_attributes(attributes.iter().copied())));
        self.open.push(name);
        self
    }

    /// Closes the element that was opened last.
    #[must_use]
    pub(super) fn close(mut self) -> Self {
        if let Some(name) = self.open.pop() {
            self.event(Event::End(BytesEnd::new(name)));
        }
        self
    }

    /// An element that holds nothing.
    #[must_use]
    pub(super) fn single(mut self, name: &'static str) -> Self {
        self.event(Event::Empty(BytesStart::new(name)));
        self
    }

    /// Text. An empty one would be a fault in a label, and a backslash an escape.
    #[must_use]
    pub(super) fn text(mut self, text: &str) -> Self {
        let text = shown(text).replace('\\', "\\\u{200B}");
        self.event(Event::Text(BytesText::new(if text.is_empty() { " " } else { &text })));
        self
    }

    /// A cell of colour only.
    #[must_use]
    pub(super) fn patch(self, cell: &[(&'static str, &str)]) -> Self {
        self.open("TD", cell).close()
    }

    /// A cell of text in a size and a colour.
    #[must_use]
    pub(super) fn cell(self, text: &str, face: Face, cell: &[(&'static str, &str)]) -> Self {
        self.open("TD", cell).font(text, face).close()
    }

    /// Text in a size and a colour.
    #[must_use]
    pub(super) fn font(self, text: &str, face: Face) -> Self {
        let opened = self.open("FONT", &[("POINT-SIZE", face.size), ("COLOR", face.colour)]);
        if face.is_bold { opened.open("B", &[]).text(text).close().close() } else { opened.text(text).close() }
    }

    fn event(&mut self, event: Event<'_>) {
        // Writing to memory cannot fail.
        let _ = Writer::new(&mut self.written).write_event(event);
    }

    fn finish(self) -> String {
        String::from_utf8(self.written).unwrap_or_default()
    }
}

/// How text in a cell is set.
#[derive(Copy, Clone, Debug)]
pub(super) struct Face {
    pub(super) size: &'static str,
    pub(super) colour: &'static str,
    pub(super) is_bold: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_inside_its_quotes() {
        let hostile = r#"a"]; b [URL="javascript:alert(1)"]; \"#;
        let dot = digraph(vec![Statement::Node(0, vec![("label", Value::Label(hostile.to_owned()))])]);
        assert_eq!(dot, "digraph weaklink {\n  s0[label=\"a\\\"]; b [URL=\\\"javascript:alert(1)\\\"]; \\\\\"];\n}");
    }

    #[test]
    fn numbers_are_plain_and_finite() {
        assert_eq!([1.5, -0.25, f32::NAN, f32::INFINITY, 1e-9].map(decimal), ["1.50", "-0.25", "0.00", "0.00", "0.00"]);
    }

    #[test]
    fn a_cell_holds_text_and_no_element_of_it() {
        let cells = Html::new().open("TD", &[]).text("</TD><TD HREF=\"x\">\\N &amp;").close().finish();
        assert_eq!(cells, "<TD>&lt;/TD&gt;&lt;TD HREF=&quot;x&quot;&gt;\\\u{200B}N &amp;amp;</TD>");
    }
}
