//! The product of systems and layers written out: every arc with its factor, for programs that need it so.

use petgraph::graph::{DiGraph, NodeIndex};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use weaklink::catalog::End;
use weaklink::graph::{ExposureGraph, State};

/// The product graph as petgraph holds it.
pub(crate) type Product = DiGraph<(), f64>;

/// The arcs of one end by the state that they leave; those of factor 0 are left out.
pub(crate) struct Explicit {
    start: Vec<usize>,
    to: Vec<u32>,
    factor: Vec<f64>,
}

/// Strongly connected components.
pub(crate) struct Components {
    pub(crate) count: usize,
    /// The number of nodes of the largest.
    pub(crate) largest: usize,
}

impl Explicit {
    pub(crate) fn of(graph: &ExposureGraph<'_>, end: End) -> Self {
        let mut explicit = Self { start: vec![0], to: Vec::new(), factor: Vec::new() };
        for from in (0..graph.state_bound()).map(State::from_index) {
            if graph.contains(from) {
                for arc in graph.arcs_from(from) {
                    let factor = graph.factor(&arc, end).value;
                    if factor > 0.0 {
                        explicit.to.push(arc.to.index() as u32);
                        explicit.factor.push(factor);
                    }
                }
            }
            explicit.start.push(explicit.to.len());
        }
        explicit
    }

    pub(crate) fn arcs(&self) -> usize {
        self.to.len()
    }

    fn nodes(&self) -> usize {
        self.start.len() - 1
    }

    /// The source of every arc, in the order of arcs.
    fn sources(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.nodes()).flat_map(|node| (self.start[node]..self.start[node + 1]).map(move |_| node as u32))
    }

    /// The graph as petgraph's own, with one more node, from which arcs of the seeds' values lead to the seeds.
    pub(crate) fn product(&self, seeds: &[(State, f64)]) -> Product {
        let mut product = Product::with_capacity(self.nodes() + 1, self.arcs() + seeds.len());
        for _ in 0..=self.nodes() {
            product.add_node(());
        }
        for ((from, &to), &factor) in self.sources().zip(&self.to).zip(&self.factor) {
            product.add_edge(NodeIndex::new(from as usize), NodeIndex::new(to as usize), factor);
        }
        for &(state, value) in seeds {
            product.add_edge(NodeIndex::new(self.nodes()), NodeIndex::new(state.index()), value);
        }
        product
    }

    /// The components of the graph in which every `together` nodes in a row are one; Tarjan's, without recursion.
    pub(crate) fn components(&self, together: usize) -> Components {
        const UNSEEN: u32 = u32::MAX;
        const DONE: u32 = u32::MAX - 1;
        let nodes = self.nodes() / together;
        // Position in the order of visits, then the lowest one that is reached on the stack.
        let (mut low, mut next_arc) = (vec![UNSEEN; nodes], vec![0_usize; nodes]);
        let (mut stack, mut path): (Vec<u32>, Vec<(u32, u32)>) = (Vec::new(), Vec::new());
        let (mut visited, mut components) = (0, Components { count: 0, largest: 0 });
        for root in 0..nodes as u32 {
            if low[root as usize] != UNSEEN {
                continue;
            }
            let mut entering = Some(root);
            loop {
                if let Some(node) = entering.take() {
                    low[node as usize] = visited;
                    next_arc[node as usize] = self.start[node as usize * together];
                    stack.push(node);
                    path.push((node, visited));
                    visited += 1;
                }
                let Some(&(node, position)) = path.last() else { break };
                let at = node as usize;
                if next_arc[at] < self.start[(at + 1) * together] {
                    let to = self.to[next_arc[at]] / together as u32;
                    next_arc[at] += 1;
                    match low[to as usize] {
                        UNSEEN => entering = Some(to),
                        DONE => {}
                        seen => low[at] = low[at].min(seen),
                    }
                    continue;
                }
                path.pop();
                let lowest = low[at];
                if lowest == position {
                    let mut size = 0;
                    while let Some(member) = stack.pop() {
                        low[member as usize] = DONE;
                        size += 1;
                        if member == node {
                            break;
                        }
                    }
                    components.count += 1;
                    components.largest = components.largest.max(size);
                }
                if let Some(&(before, _)) = path.last() {
                    // A node that is done is in no component of what comes before.
                    if low[at] != DONE {
                        low[before as usize] = low[before as usize].min(lowest);
                    }
                }
            }
        }
        components
    }

    /// Writes the arcs as raw little-endian arrays, the best values from the hub by node, and what else is known of them.
    pub(crate) fn export(&self, directory: &Path, best: &[f64], meta: &serde_json::Value) -> io::Result<()> {
        std::fs::create_dir_all(directory)?;
        write_array(directory, "from.u32", self.sources().map(u32::to_le_bytes))?;
        write_array(directory, "to.u32", self.to.iter().map(|node| node.to_le_bytes()))?;
        write_array(directory, "factor.f64", self.factor.iter().map(|factor| factor.to_le_bytes()))?;
        write_array(directory, "best.f64", best.iter().map(|value| value.to_le_bytes()))?;
        std::fs::write(directory.join("meta.json"), format!("{meta:#}\n"))
    }
}

fn write_array<const N: usize>(directory: &Path, name: &str, mut values: impl Iterator<Item = [u8; N]>) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(directory.join(name))?);
    values.try_for_each(|bytes| out.write_all(&bytes))?;
    out.flush()
}
