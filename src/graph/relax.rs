//! What holds exposure back on the arcs that there could be, let go piece by piece.

use super::build::{Arc, ExposureGraph};
use super::state::State;
use super::transfer::{RuleIx, TransferRule, TransferTable, Travel};
use crate::catalog::{ConnectionKind, ControlStatus, End, Interval, Layer, Profile};
use crate::estate::{Connection, ConnectionIx};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// One thing that holds exposure back.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hold {
    /// The coverage of a layer: what it keeps out, and if it is monitoring what it finds of all that leaves the system.
    Layer(State),
    /// A control of a connection, by its position.
    Control(ConnectionIx, usize),
    /// The ownership boundary, on one arc.
    Boundary(Arc),
    /// That a rule belongs to a profile which is switched off.
    Rule(RuleIx),
    /// That the consumer of a feed keeps no copy.
    Copy(ConnectionIx),
}

/// What is let go.
#[derive(Copy, Clone, Debug)]
pub enum LetGo<'h> {
    /// These.
    These(&'h [Hold]),
    /// Everything that holds anywhere.
    Everything,
}

impl LetGo<'_> {
    fn has(self, hold: Hold) -> bool {
        match self {
            Self::These(holds) => holds.contains(&hold),
            Self::Everything => true,
        }
    }
}

/// The arcs of an estate whether or not something keeps them away, on the high end.
#[derive(Clone, Debug)]
pub struct Relaxation<'g> {
    graph: &'g ExposureGraph<'g>,
    /// The rules of all profiles, switched on or off.
    table: TransferTable,
}

/// What total failures expose while some holds are let go.
#[derive(Clone, Debug)]
pub struct Freed {
    values: Vec<f64>,
    parents: BTreeMap<State, Arc>,
}

impl Freed {
    /// The exposure of a state; 0 where nothing leads, or what was asked to be left out.
    pub fn value(&self, state: State) -> f64 {
        self.values[state.index()]
    }

    /// The arcs of a best path into a state.
    pub fn path(&self, state: State) -> Vec<Arc> {
        let mut arcs: Vec<Arc> = std::iter::successors(self.parents.get(&state), |arc| self.parents.get(&arc.from)).copied().collect();
        arcs.reverse();
        arcs
    }
}

impl<'g> Relaxation<'g> {
    /// The arcs that a graph could have.
    pub fn new(graph: &'g ExposureGraph<'g>) -> Self {
        let mut policy = graph.policy.clone();
        policy.switch_profiles([Profile::Up, Profile::Govern, Profile::Escape]);
        Self { graph, table: TransferTable::new(&policy) }
    }

    /// Every arc that leaves a state if nothing keeps it away: between layers that exist, by a rule of any profile.
    pub fn arcs_from(&self, from: State) -> impl Iterator<Item = Arc> + '_ {
        let climbs = self.table.climb_from[from.layer().index()].iter().map(move |step| Arc {
            from,
            to: State::new(from.system(), step.layer),
            rule: step.rule,
            connection: None,
        });
        let crossings = self.graph.incident(from.system()).flat_map(move |incidence| {
            let kind = self.graph.estate.connection(incidence.connection).kind;
            let steps = self.table.cross_from(kind, incidence.outward, from.layer()).iter();
            steps.map(move |step| Arc {
                from,
                to: State::new(incidence.other, step.layer),
                rule: step.rule,
                connection: Some(incidence.connection),
            })
        });
        climbs.chain(crossings).filter(move |arc| self.graph.contains(from) && self.graph.contains(arc.to))
    }

    /// What keeps an arc away altogether; nothing of an arc that is there.
    fn obstacles(&self, arc: &Arc) -> impl Iterator<Item = Hold> + use<> {
        let graph = self.graph;
        let (first, second) = match (graph.rule(arc.rule), arc.connection) {
            (TransferRule::Climb(rule), _) => {
                let is_off = !graph.policy.profiles.contains(&rule.profile);
                let is_bound = !graph.allows_climb(arc.from, arc.to, rule.profile);
                (is_off.then_some(Hold::Rule(arc.rule)), is_bound.then_some(Hold::Boundary(*arc)))
            }
            (TransferRule::Cross(rule), Some(connection_ix)) => {
                let connection = graph.estate.connection(connection_ix);
                let travel = if arc.from.system() == connection.from { Travel::Along } else { Travel::Against };
                let keeps_no_copy = rule.kind == ConnectionKind::Feeds && !connection.copy && travel == Travel::Against;
                let is_delegated = rule.kind == ConnectionKind::Hosts && matches!(rule.to, Layer::Os | Layer::Applications);
                let is_bound = is_delegated && graph.is_customers(arc.to);
                (keeps_no_copy.then_some(Hold::Copy(connection_ix)), is_bound.then_some(Hold::Boundary(*arc)))
            }
            (TransferRule::Cross(_), None) => (None, None),
        };
        first.into_iter().chain(second)
    }

    /// What alone may be all that holds on an arc: what keeps it away, or else what makes its factor less than its level.
    pub fn sole_holds(&self, arc: &Arc) -> Vec<Hold> {
        let mut holds = self.holds(arc);
        match self.obstacles(arc).count() {
            0 => {}
            1 => holds.truncate(1),
            _ => holds.clear(),
        }
        holds
    }

    /// Everything that holds on an arc: what keeps it away, then what makes its factor less than its rule's level.
    pub fn holds(&self, arc: &Arc) -> Vec<Hold> {
        let factor = self.graph.factor(arc, End::High);
        let mut holds: Vec<Hold> = self.obstacles(arc).collect();
        if factor.resistance < 1.0 {
            holds.push(Hold::Layer(arc.to));
        }
        if let Some(connection_ix) = arc.connection {
            let controls = &self.graph.estate.connection(connection_ix).controls;
            let counts = controls.iter().enumerate().filter(|(_, control)| {
                let policy = self.graph.policy;
                let is_class = policy.classes.contains(&control.class);
                let applies = control.status != ControlStatus::NotApplicable && is_class;
                applies && policy.strength(control.strength) * policy.status(control.status).low > 0.0
            });
            holds.extend(counts.map(|(control, _)| Hold::Control(connection_ix, control)));
            if factor.detection < 1.0 {
                holds.push(Hold::Layer(State::new(arc.from.system(), Layer::Monitoring)));
            }
        }
        holds
    }

    /// The factor of an arc while something is let go; 0 where it is still kept away.
    ///
    /// # Source
    /// Specification, section 4, rounded as written.
    pub fn factor(&self, arc: &Arc, let_go: LetGo<'_>) -> f64 {
        if self.obstacles(arc).any(|hold| !let_go.has(hold)) {
            return 0.0;
        }
        let uncovered = |state: State| let_go.has(Hold::Layer(state)).then_some(Interval::ZERO);
        let watched = State::new(arc.from.system(), Layer::Monitoring);
        let connection = arc.connection.and_then(|connection_ix| self.without_controls(connection_ix, let_go));
        self.graph.factor_with(arc, End::High, uncovered(arc.to), uncovered(watched), connection.as_ref())
    }

    /// A connection without the controls that are let go; none where it has all of its own.
    fn without_controls(&self, connection_ix: ConnectionIx, let_go: LetGo<'_>) -> Option<Connection> {
        let connection = self.graph.estate.connection(connection_ix);
        let is_gone = |control: usize| let_go.has(Hold::Control(connection_ix, control));
        (0..connection.controls.len()).any(is_gone).then(|| {
            let left = connection.controls.iter().enumerate().filter(|(control, _)| !is_gone(*control));
            Connection { controls: left.map(|(_, control)| control.clone()).collect(), ..connection.clone() }
        })
    }

    /// What a total failure of `starts` exposes while something is let go; where `is_worth` says no to a state with a
    /// value, that way is not followed, nor told.
    ///
    /// # Complexity
    /// *O*((V + E) log V), of the part that is followed.
    pub fn search(&self, starts: &[State], let_go: LetGo<'_>, is_worth: impl Fn(State, f64) -> bool) -> Freed {
        let mut freed = Freed { values: vec![0.0; self.graph.state_bound()], parents: BTreeMap::new() };
        let mut heap: BinaryHeap<(u64, Reverse<State>)> = BinaryHeap::new();
        for &start in starts.iter().filter(|&&start| is_worth(start, 1.0)) {
            freed.values[start.index()] = 1.0;
            heap.push((1.0_f64.to_bits(), Reverse(start)));
        }
        while let Some((popped, Reverse(state))) = heap.pop() {
            let value = freed.values[state.index()];
            if popped != value.to_bits() {
                continue;
            }
            for arc in self.arcs_from(state) {
                let extended = value * self.factor(&arc, let_go);
                if extended > freed.values[arc.to.index()] && is_worth(arc.to, extended) {
                    freed.values[arc.to.index()] = extended;
                    freed.parents.insert(arc.to, arc);
                    heap.push((extended.to_bits(), Reverse(arc.to)));
                }
            }
        }
        freed
    }
}
