//! petgraph's visit traits over the exposure graph, so that its algorithms run on it unchanged.
//!
//! Nodes are [`State`]s, edges are [`Arc`]s, an edge's weight is its factor's high end. petgraph's own types stay
//! inside this file and that of flow networks.

use super::build::{Arc, ExposureGraph};
use super::state::State;
use crate::catalog::End;
use petgraph::Direction;
use petgraph::visit::{
    Data, EdgeCount, EdgeRef, GraphBase, GraphProp, IntoEdgeReferences, IntoEdges, IntoEdgesDirected, IntoNeighbors, IntoNeighborsDirected,
    IntoNodeIdentifiers, NodeCount, NodeIndexable, VisitMap, Visitable,
};

/// An arc with its weight, as petgraph's algorithms see it.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct ArcRef {
    /// The arc.
    pub arc: Arc,
    /// The high end of its factor, 0 to 1.
    pub factor: f64,
}

/// The set of states that an algorithm has visited.
#[derive(Clone, Debug)]
pub struct VisitedStates(Vec<bool>);

impl VisitMap<State> for VisitedStates {
    fn visit(&mut self, state: State) -> bool {
        !std::mem::replace(&mut self.0[state.index()], true)
    }

    fn is_visited(&self, state: &State) -> bool {
        self.0[state.index()]
    }

    fn unvisit(&mut self, state: State) -> bool {
        std::mem::replace(&mut self.0[state.index()], false)
    }
}

impl EdgeRef for ArcRef {
    type NodeId = State;
    type EdgeId = Arc;
    type Weight = f64;

    fn source(&self) -> State {
        self.arc.from
    }

    fn target(&self) -> State {
        self.arc.to
    }

    fn weight(&self) -> &f64 {
        &self.factor
    }

    fn id(&self) -> Arc {
        self.arc
    }
}

impl GraphBase for ExposureGraph<'_> {
    type NodeId = State;
    type EdgeId = Arc;
}

impl Data for ExposureGraph<'_> {
    type NodeWeight = ();
    type EdgeWeight = f64;
}

impl GraphProp for ExposureGraph<'_> {
    type EdgeType = petgraph::Directed;
}

impl Visitable for ExposureGraph<'_> {
    type Map = VisitedStates;

    fn visit_map(&self) -> VisitedStates {
        VisitedStates(vec![false; self.state_bound()])
    }

    fn reset_map(&self, map: &mut VisitedStates) {
        *map = self.visit_map();
    }
}

impl NodeIndexable for ExposureGraph<'_> {
    fn node_bound(&self) -> usize {
        self.state_bound()
    }

    fn to_index(&self, state: State) -> usize {
        state.index()
    }

    fn from_index(&self, index: usize) -> State {
        State::from_index(index)
    }
}

impl NodeCount for ExposureGraph<'_> {
    fn node_count(&self) -> usize {
        self.states().count()
    }
}

impl EdgeCount for ExposureGraph<'_> {
    fn edge_count(&self) -> usize {
        self.states().map(|state| self.arcs_from(state).count()).sum()
    }
}

impl<'a> IntoNodeIdentifiers for &'a ExposureGraph<'_> {
    type NodeIdentifiers = Box<dyn Iterator<Item = State> + 'a>;

    fn node_identifiers(self) -> Self::NodeIdentifiers {
        Box::new(self.states())
    }
}

impl<'a> IntoNeighbors for &'a ExposureGraph<'_> {
    type Neighbors = Box<dyn Iterator<Item = State> + 'a>;

    fn neighbors(self, state: State) -> Self::Neighbors {
        self.neighbors_directed(state, Direction::Outgoing)
    }
}

impl<'a> IntoNeighborsDirected for &'a ExposureGraph<'_> {
    type NeighborsDirected = Box<dyn Iterator<Item = State> + 'a>;

    fn neighbors_directed(self, state: State, direction: Direction) -> Self::NeighborsDirected {
        match direction {
            Direction::Outgoing => Box::new(self.arcs_from(state).map(|arc| arc.to)),
            Direction::Incoming => Box::new(self.arcs_to(state).map(|arc| arc.from)),
        }
    }
}

impl<'a> IntoEdgeReferences for &'a ExposureGraph<'_> {
    type EdgeRef = ArcRef;
    type EdgeReferences = Box<dyn Iterator<Item = ArcRef> + 'a>;

    fn edge_references(self) -> Self::EdgeReferences {
        Box::new(self.states().flat_map(move |state| self.edges(state)))
    }
}

impl<'a> IntoEdges for &'a ExposureGraph<'_> {
    type Edges = Box<dyn Iterator<Item = ArcRef> + 'a>;

    fn edges(self, state: State) -> Self::Edges {
        Box::new(self.arcs_from(state).map(|arc| ArcRef { arc, factor: self.factor(&arc, End::High).value }))
    }
}

impl<'a> IntoEdgesDirected for &'a ExposureGraph<'_> {
    type EdgesDirected = Box<dyn Iterator<Item = ArcRef> + 'a>;

    /// Incoming edges keep their own direction: `source` is still where exposure comes from.
    fn edges_directed(self, state: State, direction: Direction) -> Self::EdgesDirected {
        match direction {
            Direction::Outgoing => self.edges(state),
            Direction::Incoming => Box::new(self.arcs_to(state).map(|arc| ArcRef { arc, factor: self.factor(&arc, End::High).value })),
        }
    }
}
