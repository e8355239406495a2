//! The cheapest fixes after which no path whose every step is at or above a threshold reaches a target.
//!
//! A minimum cut: a fix is a gate before the layer or behind the connection that it is about, and lets through at its
//! cost. A fix cuts an arc if it alone takes the arc below the threshold; the arcs that a stronger fix of the same thing
//! cuts too stand before that fix's gate. A connection of several ways in has a gate for each of them and its cost once:
//! where a cut takes some of its gates only, both answers for the connection are tried.

use super::Watch;
use super::candidate::{Candidate, Fix, ratio, severity_after};
use super::survey::{Path, PathArc};
use crate::catalog::{BasisPoints, End};
use crate::graph::{Arc, ExposureGraph, FlowNetwork, State};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// How a target is protected.
#[derive(Clone, Debug)]
pub struct Protection {
    /// The layers to protect.
    pub goals: Vec<State>,
    /// Paths count whose severity and every factor are at or above this.
    pub threshold: BasisPoints,
    /// The fixes, in order; empty where nothing reaches the target.
    pub fixes: Vec<Candidate>,
    /// What they cost together.
    pub cost: u64,
    /// No set of fixes does it for less than this.
    pub bound: u64,
    /// Paths and what each costs to cut. They share no more of a fix than it costs, so that no set of fixes costs less than
    /// all of them; where it took no search, they cost as much as the fixes.
    pub paths: Vec<(Path, u64)>,
    /// Whether it took a search beyond the paths to prove the cost.
    pub is_searched: bool,
    /// Whether the search was ended before its time.
    pub is_interrupted: bool,
}

/// A target that no fixes protect.
#[derive(Clone, Debug, PartialEq)]
pub struct Uncut {
    /// A path into it that no fix cuts.
    pub path: Path,
}

/// Costs are counted in parts, so that a connection's cost divides among its gates.
const PARTS: u64 = 27_720;

/// Searches of both answers for a connection before the best so far has to do.
const MOST_BRANCHES: usize = 2_000;

/// Returns the cheapest fixes after which nothing at or above the threshold reaches `goals`.
///
/// # Errors
/// A path that none of the fixes cuts.
///
/// # Complexity
/// A maximum flow; one more for every connection of which a cut takes a part.
///
/// # Source
/// Specification, section 8. Menger, *Zur allgemeinen Kurventheorie* (1927); Dinic, *Algorithm for solution of a problem
/// of maximum flow in networks with power estimation* (1970).
pub fn protect(
    graph: &ExposureGraph<'_>,
    goals: &[State],
    candidates: &[Candidate],
    threshold: BasisPoints,
    watch: Watch<'_>,
) -> Result<Protection, Uncut> {
    let field = Field::new(graph, goals, candidates, threshold);
    let nothing = Protection {
        goals: goals.to_vec(),
        threshold,
        fixes: Vec::new(),
        cost: 0,
        bound: 0,
        paths: Vec::new(),
        is_searched: false,
        is_interrupted: false,
    };
    if field.entries.is_empty() {
        return Ok(nothing);
    }
    let mut best: Option<(u64, BTreeSet<usize>)> = None;
    let mut root: Option<Cut> = None;
    let mut open: Vec<(BTreeSet<usize>, BTreeSet<usize>)> = vec![(BTreeSet::new(), BTreeSet::new())];
    let (mut branches, mut is_whole) = (0, true);
    while let Some((taken, refused)) = open.pop() {
        if branches >= MOST_BRANCHES || (watch.is_stopped)() {
            is_whole = false;
            break;
        }
        branches += 1;
        (watch.progress)(branches, branches + open.len());
        let paid: u64 = taken.iter().map(|&ix| u64::from(candidates[ix].cost)).sum();
        let cut = match field.cut(&taken, &refused) {
            Ok(cut) => cut,
            Err(path) if root.is_none() => return Err(Uncut { path }),
            Err(_) => continue,
        };
        let bound = paid * PARTS + cut.flow;
        let fixes: BTreeSet<usize> = taken.iter().copied().chain(cut.fixes.keys().copied()).collect();
        let cost: u64 = fixes.iter().map(|&ix| u64::from(candidates[ix].cost)).sum();
        let part = cut.fixes.iter().find(|(ix, cut)| **cut < field.gates_of(**ix)).map(|(&ix, _)| ix);
        root.get_or_insert(cut);
        if best.as_ref().is_some_and(|(least, _)| bound >= least * PARTS) {
            continue;
        }
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, fixes));
        }
        if let (Some(part), true) = (part, bound < cost * PARTS) {
            let with = |set: &BTreeSet<usize>| set.iter().copied().chain([part]).collect::<BTreeSet<usize>>();
            open.push((taken.clone(), with(&refused)));
            open.push((with(&taken), refused));
        }
    }
    let (Some((cost, fixes)), Some(root)) = (best, root) else { return Ok(nothing) };
    let proved = root.flow.div_ceil(PARTS);
    let is_in_parts = root.flow < cost * PARTS || root.paths.iter().any(|(_, units)| units % PARTS > 0);
    Ok(Protection {
        fixes: fixes.into_iter().map(|ix| candidates[ix]).collect(),
        cost,
        bound: if is_whole { cost } else { proved },
        paths: root.paths.into_iter().map(|(path, units)| (path, units / PARTS)).filter(|(_, units)| *units > 0).collect(),
        is_searched: is_whole && is_in_parts,
        is_interrupted: !is_whole,
        ..nothing
    })
}

/// The part of the graph by which the target is reached, and what cuts it.
struct Field<'c> {
    candidates: &'c [Candidate],
    /// Where exposure comes in: gaps and arcs, each with the gates that it passes.
    entries: Vec<Entry>,
    goals: BTreeSet<State>,
    /// The places of gates, each by its fix and what comes behind it.
    gates: BTreeMap<usize, BTreeSet<Vec<usize>>>,
}

/// A gap, or an arc, and the gates that stand in its way, outermost first.
struct Entry {
    arc: Option<Arc>,
    into: State,
    gates: Vec<usize>,
}

/// A minimum cut.
struct Cut {
    /// In parts.
    flow: u64,
    /// The fixes in it, and how many of their gates.
    fixes: BTreeMap<usize, usize>,
    paths: Vec<(Path, u64)>,
}

impl<'c> Field<'c> {
    fn new(graph: &ExposureGraph<'_>, goals: &[State], candidates: &'c [Candidate], threshold: BasisPoints) -> Self {
        let counts = |value: f64| value > 0.0 && BasisPoints::of(value) >= threshold;
        let mut of_state: BTreeMap<State, Vec<usize>> = BTreeMap::new();
        let mut of_connection: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (ix, candidate) in candidates.iter().enumerate() {
            match candidate.fix {
                Fix::Close(state) | Fix::Own(state) => of_state.entry(state).or_default().push(ix),
                Fix::Control(connection_ix, _) | Fix::Remove(connection_ix) => of_connection.entry(connection_ix).or_default().push(ix),
            }
        }
        let backwards = reached(goals.iter().copied(), |state, next: &mut dyn FnMut(State)| {
            graph.weighted_arcs_to(state, End::High).filter(|(_, factor)| counts(*factor)).for_each(|(arc, _)| next(arc.from));
        });
        let gaps: Vec<State> = backwards.iter().copied().filter(|&state| counts(graph.severity(state, End::High))).collect();
        let both = reached(gaps.iter().copied(), |state, next: &mut dyn FnMut(State)| {
            let arcs = graph.weighted_arcs_from(state, End::High).filter(|(arc, factor)| counts(*factor) && backwards.contains(&arc.to));
            arcs.for_each(|(arc, _)| next(arc.to));
        });
        let mut field = Self { candidates, entries: Vec::new(), goals: goals.iter().copied().collect(), gates: BTreeMap::new() };
        for &state in &gaps {
            let mut gates: Vec<usize> = of_state.get(&state).cloned().unwrap_or_default();
            gates.retain(|&ix| !counts(severity_after(graph, candidates[ix].fix, End::High)));
            field.enter(None, state, gates);
        }
        for &state in &both {
            for (arc, factor) in graph.weighted_arcs_from(state, End::High) {
                if !counts(factor) || !both.contains(&arc.to) {
                    continue;
                }
                let connection = arc.connection.and_then(|connection_ix| of_connection.get(&connection_ix)).into_iter().flatten();
                let about = connection.chain(of_state.get(&arc.to).into_iter().flatten()).copied();
                let gates = about.filter(|&ix| !counts(factor * ratio(graph, &arc, candidates[ix].fix, End::High))).collect();
                field.enter(Some(arc), arc.to, gates);
            }
        }
        field
    }

    fn enter(&mut self, arc: Option<Arc>, into: State, mut gates: Vec<usize>) {
        // What the weaker of two fixes of one thing cuts, the stronger cuts too: the weaker stands before it.
        gates.sort_by_key(|&ix| match self.candidates[ix].fix {
            Fix::Control(..) => 0,
            Fix::Remove(_) => 1,
            Fix::Own(_) => 2,
            Fix::Close(_) => 3,
        });
        for at in 0..gates.len() {
            self.gates.entry(gates[at]).or_default().insert(gates[at + 1..].to_vec());
        }
        self.entries.push(Entry { arc, into, gates });
    }

    /// How many gates a fix has: one for each way that leads on behind it.
    fn gates_of(&self, ix: usize) -> usize {
        let per_state: BTreeSet<(State, &[usize])> = self
            .entries
            .iter()
            .filter_map(|entry| entry.gates.iter().position(|&gate| gate == ix).map(|at| (entry.into, &entry.gates[at + 1..])))
            .collect();
        per_state.len()
    }

    /// The cheapest cut where some fixes are done already, and others are out of the question.
    ///
    /// # Errors
    /// A path without gates.
    fn cut(&self, taken: &BTreeSet<usize>, refused: &BTreeSet<usize>) -> Result<Cut, Path> {
        let mut network = Network::default();
        let (source, sink) = (network.node(Node::Source), network.node(Node::Sink));
        let parts: BTreeMap<usize, u64> = self.gates.keys().map(|&ix| (ix, PARTS / self.gates_of(ix) as u64)).collect();
        for (entry_ix, entry) in self.entries.iter().enumerate() {
            if entry.gates.iter().any(|gate| taken.contains(gate)) {
                continue;
            }
            let mut at = entry.arc.map_or(source, |arc| network.node(Node::State(arc.from)));
            let mut is_first = true;
            for place in 0..entry.gates.len() {
                let gate = entry.gates[place];
                if refused.contains(&gate) {
                    continue;
                }
                let behind: Vec<usize> = entry.gates[place + 1..].to_vec();
                let (front, back) =
                    (network.node(Node::Front(gate, entry.into, behind.clone())), network.node(Node::Back(gate, entry.into, behind)));
                network.edge(at, front, None, is_first.then_some(entry_ix));
                let cost = u64::from(self.candidates[gate].cost) * parts[&gate];
                network.edge(front, back, Some((cost, gate)), None);
                (at, is_first) = (back, false);
            }
            let into = network.node(Node::State(entry.into));
            network.edge(at, into, None, is_first.then_some(entry_ix));
        }
        for &goal in &self.goals {
            let goal = network.node(Node::State(goal));
            network.edge(goal, sink, None, None);
        }
        network.cut(source, sink, &self.entries)
    }
}

/// All states that a walk comes to.
fn reached(starts: impl Iterator<Item = State>, step: impl Fn(State, &mut dyn FnMut(State))) -> BTreeSet<State> {
    let mut reached: BTreeSet<State> = starts.collect();
    let mut open: Vec<State> = reached.iter().copied().collect();
    while let Some(state) = open.pop() {
        step(state, &mut |next| {
            if reached.insert(next) {
                open.push(next);
            }
        });
    }
    reached
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Node {
    Source,
    Sink,
    State(State),
    Front(usize, State, Vec<usize>),
    Back(usize, State, Vec<usize>),
}

/// An edge: its ends, what it costs to cut it and the fix that does; and the entry that it begins.
#[derive(Clone, Debug)]
struct Edge {
    from: u32,
    to: u32,
    gate: Option<(u64, usize)>,
    entry: Option<usize>,
}

#[derive(Default)]
struct Network {
    nodes: BTreeMap<Node, u32>,
    edges: Vec<Edge>,
    known: BTreeSet<(u32, u32)>,
}

impl Network {
    fn node(&mut self, node: Node) -> u32 {
        let next = self.nodes.len() as u32;
        *self.nodes.entry(node).or_insert(next)
    }

    /// Adds an edge once; those that begin different entries stay apart, so that a path tells its arcs.
    fn edge(&mut self, from: u32, to: u32, gate: Option<(u64, usize)>, entry: Option<usize>) {
        if entry.is_some() || self.known.insert((from, to)) {
            self.edges.push(Edge { from, to, gate, entry });
        }
    }

    fn cut(&self, source: u32, sink: u32, entries: &[Entry]) -> Result<Cut, Path> {
        if let Some(edges) = self.walk(source, sink, |edge, _| edge.gate.is_none()) {
            return Err(self.path(&edges, entries));
        }
        // A cut of all gates costs less than this.
        let endless: u64 = 1 + self.edges.iter().filter_map(|edge| edge.gate).map(|(cost, _)| cost).sum::<u64>();
        let capacity = |edge: &Edge| edge.gate.map_or(endless, |(cost, _)| cost);
        let capacities: Vec<(usize, usize, u64)> =
            self.edges.iter().map(|edge| (edge.from as usize, edge.to as usize, capacity(edge))).collect();
        let (flow, mut flows) = FlowNetwork::new(self.nodes.len(), &capacities).max_flow(source as usize, sink as usize);
        // What the source still reaches where no more fits: the cut is nearest to it, and there is only one such.
        let mut is_reached = vec![false; self.nodes.len()];
        is_reached[source as usize] = true;
        let (out, back) = self.incidence();
        let mut open = vec![source];
        while let Some(node) = open.pop() {
            let onward = out[node as usize].iter().filter(|&&ix| flows[ix] < capacities[ix].2).map(|&ix| self.edges[ix].to);
            let backward = back[node as usize].iter().filter(|&&ix| flows[ix] > 0).map(|&ix| self.edges[ix].from);
            for next in onward.chain(backward) {
                if !std::mem::replace(&mut is_reached[next as usize], true) {
                    open.push(next);
                }
            }
        }
        let mut fixes: BTreeMap<usize, usize> = BTreeMap::new();
        for edge in &self.edges {
            if let (Some((_, gate)), true, false) = (edge.gate, is_reached[edge.from as usize], is_reached[edge.to as usize]) {
                *fixes.entry(gate).or_default() += 1;
            }
        }
        let mut paths = Vec::new();
        while let Some(edges) = self.walk(source, sink, |_, ix| flows[ix] > 0) {
            let units = edges.iter().map(|&ix| flows[ix]).min().unwrap_or(0);
            for &ix in &edges {
                flows[ix] -= units;
            }
            paths.push((self.path(&edges, entries), units));
        }
        Ok(Cut { flow, fixes, paths })
    }

    fn incidence(&self) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
        let (mut out, mut back) = (vec![Vec::new(); self.nodes.len()], vec![Vec::new(); self.nodes.len()]);
        for (ix, edge) in self.edges.iter().enumerate() {
            out[edge.from as usize].push(ix);
            back[edge.to as usize].push(ix);
        }
        (out, back)
    }

    /// The edges of a shortest way over edges that hold.
    fn walk(&self, source: u32, sink: u32, holds: impl Fn(&Edge, usize) -> bool) -> Option<Vec<usize>> {
        let (out, _) = self.incidence();
        let mut parent: Vec<Option<usize>> = vec![None; self.nodes.len()];
        let mut queue = VecDeque::from([source]);
        while let Some(node) = queue.pop_front() {
            for &ix in &out[node as usize] {
                let to = self.edges[ix].to;
                if to != source && parent[to as usize].is_none() && holds(&self.edges[ix], ix) {
                    parent[to as usize] = Some(ix);
                    queue.push_back(to);
                }
            }
        }
        let mut edges: Vec<usize> = std::iter::successors(parent[sink as usize], |&ix| parent[self.edges[ix].from as usize]).collect();
        edges.reverse();
        (!edges.is_empty()).then_some(edges)
    }

    fn path(&self, edges: &[usize], entries: &[Entry]) -> Path {
        let entered: Vec<&Entry> = edges.iter().filter_map(|&ix| self.edges[ix].entry).map(|entry| &entries[entry]).collect();
        let arcs: Vec<PathArc> = entered.iter().filter_map(|entry| entry.arc).map(PathArc::from).collect();
        let start = entered[0].into;
        Path { start, end: arcs.last().map_or(start, |arc| arc.arc().to), arcs }
    }
}
