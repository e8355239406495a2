//! From the words of DOT to graphs: nodes with their attributes, edges, and the boxes that nodes are drawn in.

use super::token::{BadToken, Token, Tokens};
use crate::source::{Source, Span};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// Edges of one file at most: `{a b} -> {c d}` writes four in one line, and a line of 100 kB could write billions.
const MOST_EDGES: usize = 20_000_000;

/// Braces inside one another at most.
const DEEPEST: usize = 1_000;

/// Attributes, by name.
pub(super) type Attributes<'s> = BTreeMap<Cow<'s, str>, Cow<'s, str>>;

/// A graph of a file.
#[derive(Debug, Default)]
pub(super) struct Graph<'s> {
    /// Whether its edges have a direction.
    pub(super) directed: bool,
    /// Its nodes, in the order in which they are first named.
    pub(super) nodes: Vec<GraphNode<'s>>,
    /// Its edges, in the order of the text.
    pub(super) edges: Vec<GraphEdge<'s>>,
    /// How many edges the text writes, whatever is drawn of them.
    pub(super) written: usize,
}

/// A node.
#[derive(Debug)]
pub(super) struct GraphNode<'s> {
    pub(super) id: Cow<'s, str>,
    pub(super) attributes: Attributes<'s>,
    /// The labels of the boxes that it lies in, the outermost first.
    pub(super) boxes: Vec<Cow<'s, str>>,
    pub(super) span: Span,
}

/// An edge between two nodes, by position.
#[derive(Debug)]
pub(super) struct GraphEdge<'s> {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) attributes: Attributes<'s>,
    pub(super) span: Span,
}

/// The graphs of a file.
pub(super) fn graphs(source: &Source) -> Result<Vec<Graph<'_>>, BadToken> {
    let mut tokens = Tokens::of(source);
    let mut graphs = Vec::new();
    loop {
        let (token, span) = tokens.next()?;
        if token == Token::End && !graphs.is_empty() {
            return Ok(graphs);
        }
        let wrong = BadToken { at: span.start as usize, message: "expected `graph` or `digraph`" };
        let mut word = keyword(&token).ok_or(wrong)?;
        if word == "strict" {
            word = keyword(&tokens.next()?.0).ok_or(wrong)?;
        }
        if word != "graph" && word != "digraph" {
            return Err(wrong);
        }
        if matches!(tokens.peek()?, Token::Name { .. }) {
            tokens.next()?;
        }
        let (token, span) = tokens.next()?;
        if token != Token::Mark(b'{') {
            return Err(BadToken { at: span.start as usize, message: "expected `{`" });
        }
        let graph = Graph { directed: word == "digraph", ..Graph::default() };
        let reader = Reader { tokens, graph, by_id: HashMap::new(), open: vec![Scope::default()], drawn: 0 };
        let read = reader.read()?;
        graphs.push(read.0);
        tokens = read.1;
    }
}

fn keyword(token: &Token<'_>) -> Option<&'static str> {
    let Token::Name { text, bare: true } = token else { return None };
    ["strict", "graph", "digraph", "subgraph", "node", "edge"].into_iter().find(|word| text.eq_ignore_ascii_case(word))
}

/// What holds between two braces.
#[derive(Default)]
struct Scope<'s> {
    /// What nodes and edges have by default.
    node: Attributes<'s>,
    edge: Attributes<'s>,
    /// The label, or else the name, of a box that is drawn.
    label: Option<Cow<'s, str>>,
    is_box: bool,
    /// The nodes named in here.
    members: Vec<usize>,
    /// The nodes and groups of nodes of the statement at hand, between which arrows stand.
    chain: Vec<(Vec<usize>, Span)>,
    /// Whether the last word was an arrow.
    after_arrow: bool,
    attributes: Attributes<'s>,
}

struct Reader<'s> {
    tokens: Tokens<'s>,
    graph: Graph<'s>,
    by_id: HashMap<Cow<'s, str>, usize>,
    /// The braces that are open; never empty before the end.
    open: Vec<Scope<'s>>,
    drawn: usize,
}

impl<'s> Reader<'s> {
    /// Reads up to the brace that closes the graph.
    fn read(mut self) -> Result<(Graph<'s>, Tokens<'s>), BadToken> {
        loop {
            let (token, span) = self.tokens.next()?;
            match token {
                Token::End => return Err(BadToken { at: span.start as usize, message: "the text ends inside a graph" }),
                Token::Mark(b'}') => {
                    self.finish()?;
                    if self.close(span) {
                        return Ok((self.graph, self.tokens));
                    }
                }
                Token::Mark(b'{') => self.enter(Scope::default())?,
                Token::Mark(b';' | b',') => self.finish()?,
                Token::Mark(b'[') => self.attribute_list()?,
                Token::Arrow => {
                    let scope = self.scope();
                    if scope.chain.is_empty() || scope.after_arrow {
                        return Err(BadToken { at: span.start as usize, message: "an arrow without a node before it" });
                    }
                    scope.after_arrow = true;
                }
                Token::Name { .. } => self.name(&token, span)?,
                Token::Mark(_) => return Err(BadToken { at: span.start as usize, message: "expected a node, an edge or `}`" }),
            }
        }
    }

    fn scope(&mut self) -> &mut Scope<'s> {
        let last = self.open.len() - 1;
        &mut self.open[last]
    }

    /// A statement that begins, or goes on, with a name.
    fn name(&mut self, token: &Token<'s>, span: Span) -> Result<(), BadToken> {
        if keyword(token) == Some("subgraph") {
            let mut scope = Scope::default();
            if let Token::Name { text, .. } = self.tokens.peek()?.clone() {
                self.tokens.next()?;
                scope.is_box = text.starts_with("cluster");
                scope.label = Some(text);
            }
            return if self.tokens.take(b'{')? {
                self.enter(scope)
            } else {
                Err(BadToken { at: span.start as usize, message: "expected `{` after `subgraph`" })
            };
        }
        let word = keyword(token).filter(|word| ["graph", "node", "edge"].contains(word));
        if let Some(word) = word {
            return self.defaults(word, span);
        }
        let Token::Name { text, .. } = token.clone() else { return Ok(()) };
        if self.tokens.take(b'=')? {
            self.finish()?;
            let (value, _) = self.attribute_value()?;
            if text == "label" {
                self.scope().label = Some(value);
            }
            return Ok(());
        }
        // The port of a record, and the side of it.
        for _ in 0..2 {
            if self.tokens.take(b':')? {
                self.attribute_value()?;
            }
        }
        let node_ix = self.node(text, span);
        self.operand(vec![node_ix], span)
    }

    /// Attributes that nodes or edges have from here on.
    fn defaults(&mut self, word: &str, span: Span) -> Result<(), BadToken> {
        self.finish()?;
        let mut attributes = Attributes::new();
        if !self.tokens.take(b'[')? {
            return Err(BadToken {
                at: span.start as usize,
                message: "expected `[` after this word; a node of that name stands in quotes",
            });
        }
        self.list_into(&mut attributes)?;
        while self.tokens.take(b'[')? {
            self.list_into(&mut attributes)?;
        }
        let scope = self.scope();
        match word {
            "node" => scope.node.extend(attributes),
            "edge" => scope.edge.extend(attributes),
            _ => {
                if let Some(label) = attributes.remove("label") {
                    scope.label = Some(label);
                }
            }
        }
        Ok(())
    }

    fn attribute_value(&mut self) -> Result<(Cow<'s, str>, Span), BadToken> {
        match self.tokens.next()? {
            (Token::Name { text, .. }, span) => Ok((text, span)),
            (_, span) => Err(BadToken { at: span.start as usize, message: "expected a name or a value" }),
        }
    }

    /// The attributes of the statement at hand.
    fn attribute_list(&mut self) -> Result<(), BadToken> {
        let mut attributes = std::mem::take(&mut self.scope().attributes);
        self.list_into(&mut attributes)?;
        self.scope().attributes = attributes;
        Ok(())
    }

    /// Reads attributes up to `]`.
    fn list_into(&mut self, attributes: &mut Attributes<'s>) -> Result<(), BadToken> {
        loop {
            if self.tokens.take(b']')? {
                return Ok(());
            }
            if self.tokens.take(b',')? || self.tokens.take(b';')? {
                continue;
            }
            let (name, _) = self.attribute_value()?;
            let value = if self.tokens.take(b'=')? { self.attribute_value()?.0 } else { Cow::Borrowed("true") };
            attributes.insert(name, value);
        }
    }

    fn enter(&mut self, scope: Scope<'s>) -> Result<(), BadToken> {
        if !self.scope().after_arrow {
            self.finish()?;
        }
        if self.open.len() > DEEPEST {
            return Err(BadToken { at: self.tokens.at(), message: "more than 1,000 braces lie inside one another" });
        }
        let outer = self.scope();
        let (node, edge) = (outer.node.clone(), outer.edge.clone());
        self.open.push(Scope { node, edge, ..scope });
        Ok(())
    }

    /// Closes a brace; tells whether it was the graph's own.
    fn close(&mut self, span: Span) -> bool {
        let Some(mut scope) = self.open.pop() else { return true };
        scope.members.sort_unstable();
        scope.members.dedup();
        if let (true, Some(label)) = (scope.is_box, &scope.label) {
            for &node_ix in &scope.members {
                self.graph.nodes[node_ix].boxes.insert(0, label.clone());
            }
        }
        let Some(outer) = self.open.last_mut() else { return true };
        outer.members.extend(&scope.members);
        outer.chain.push((scope.members, span));
        outer.after_arrow = false;
        false
    }

    fn node(&mut self, id: Cow<'s, str>, span: Span) -> usize {
        let known = self.by_id.get(&id).copied();
        let node_ix = known.unwrap_or_else(|| {
            let attributes = self.scope().node.clone();
            self.graph.nodes.push(GraphNode { id: id.clone(), attributes, boxes: Vec::new(), span });
            let node_ix = self.graph.nodes.len() - 1;
            self.by_id.insert(id, node_ix);
            node_ix
        });
        self.scope().members.push(node_ix);
        node_ix
    }

    /// Adds nodes to the statement at hand, or begins another one.
    fn operand(&mut self, nodes: Vec<usize>, span: Span) -> Result<(), BadToken> {
        if !self.scope().after_arrow {
            self.finish()?;
        }
        let scope = self.scope();
        scope.after_arrow = false;
        scope.chain.push((nodes, span));
        Ok(())
    }

    /// Ends a statement: its edges are drawn, or its node has its attributes.
    fn finish(&mut self) -> Result<(), BadToken> {
        let scope = self.scope();
        let chain = std::mem::take(&mut scope.chain);
        let attributes = std::mem::take(&mut scope.attributes);
        if std::mem::take(&mut scope.after_arrow) {
            let at = chain.last().map_or(0, |(_, span)| span.end as usize);
            return Err(BadToken { at, message: "an arrow that leads nowhere" });
        }
        if let [(nodes, _)] = chain.as_slice() {
            for &node_ix in nodes.iter().filter(|_| !attributes.is_empty()) {
                self.graph.nodes[node_ix].attributes.extend(attributes.clone());
            }
            return Ok(());
        }
        for pair in chain.windows(2) {
            let [(from, span), (to, _)] = pair else { continue };
            self.drawn += from.len().saturating_mul(to.len());
            if self.drawn > MOST_EDGES {
                return Err(BadToken { at: span.start as usize, message: "this graph has more than 20,000,000 edges" });
            }
            self.graph.written += from.len() * to.len();
            let mut all = self.open[self.open.len() - 1].edge.clone();
            all.extend(attributes.clone());
            for &from in from {
                for &to in to {
                    self.graph.edges.push(GraphEdge { from, to, attributes: all.clone(), span: *span });
                }
            }
        }
        Ok(())
    }
}
