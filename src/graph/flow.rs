//! Flow networks: how much gets from one node to another, at most.

use petgraph::graph::{DiGraph, NodeIndex};

/// A network of nodes and of arcs that let so much through; petgraph's graph inside.
#[derive(Clone, Debug)]
pub struct FlowNetwork(DiGraph<(), u64>);

impl FlowNetwork {
    /// A network of so many nodes with arcs (from, to, capacity).
    ///
    /// # Panics
    /// An arc names a node that is not there.
    pub fn new(nodes: usize, arcs: &[(usize, usize, u64)]) -> Self {
        let mut graph = DiGraph::with_capacity(nodes, arcs.len());
        for _ in 0..nodes {
            graph.add_node(());
        }
        for &(from, to, capacity) in arcs {
            graph.add_edge(NodeIndex::new(from), NodeIndex::new(to), capacity);
        }
        Self(graph)
    }

    /// The greatest flow between two nodes, and how much of it every arc carries. Capacities whose sum does not fit are the
    /// caller's fault.
    ///
    /// # Complexity
    /// *O*(V² E) at worst; far from that where the flow is small.
    ///
    /// # Source
    /// Dinic, *Algorithm for solution of a problem of maximum flow in networks with power estimation* (1970), by petgraph.
    pub fn max_flow(&self, source: usize, sink: usize) -> (u64, Vec<u64>) {
        petgraph::algo::dinics(&self.0, NodeIndex::new(source), NodeIndex::new(sink))
    }
}
