//! The systems of an estate in groups: how exposed each is, and in which group the gap is that it comes from.

use super::posture::Posture;
use crate::catalog::Interval;
use crate::estate::SystemIx;
use crate::graph::ExposureGraph;
use std::collections::BTreeMap;

/// What systems are grouped by.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum GroupBy {
    /// Who runs them.
    Provider,
    /// Who is accountable for the customer's layers.
    Owner,
    /// Their tags; a system with several stands in a group of all of them.
    Tag,
}

/// The groups of an estate.
#[derive(Clone, Debug)]
pub struct Groups {
    /// What they are grouped by.
    pub by: GroupBy,
    /// The groups, in order of names; that without a name last.
    pub groups: Vec<Group>,
    /// From which group the exposure of which comes, in order of groups.
    pub flows: Vec<Flow>,
}

/// Systems that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What they share; none for systems of which it is not said.
    pub name: Option<String>,
    /// The systems, the most exposed first; of equal ones the smaller id.
    pub systems: Vec<(SystemIx, Interval)>,
    /// How many layers of them are gaps.
    pub gaps: usize,
}

/// Exposure of one group that comes from gaps of another, or of its own.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Flow {
    /// The group of the gaps.
    pub from: usize,
    /// The exposed group.
    pub to: usize,
    /// How many of its systems have their worst exposure from such a gap.
    pub systems: usize,
    /// The largest exposure among them, on the high end.
    pub exposure: f64,
}

/// Whether a group has no name, and its name: groups without one come last.
type GroupKey = (bool, Option<String>);

/// Returns the systems of an estate in groups.
///
/// # Complexity
/// *O*(V + E), and the systems sorted.
pub fn groups(graph: &ExposureGraph<'_>, posture: &Posture<'_>, by: GroupBy) -> Groups {
    let name_of = |system: SystemIx| {
        let system = graph.estate.system(system);
        match by {
            GroupBy::Provider => system.provider.clone(),
            GroupBy::Owner => system.owner.map(|party| graph.estate.party(party).id.clone()),
            GroupBy::Tag if system.tags.is_empty() => None,
            GroupBy::Tag => {
                let mut tags = system.tags.clone();
                tags.sort_unstable();
                tags.dedup();
                Some(tags.join(" + "))
            }
        }
    };
    let mut members: BTreeMap<GroupKey, Vec<(SystemIx, Interval)>> = BTreeMap::new();
    for system in &posture.systems {
        let name = name_of(system.system);
        members.entry((name.is_none(), name)).or_default().push((system.system, system.exposure));
    }
    let mut group_of = vec![0_usize; graph.estate.systems().len()];
    let mut found = Vec::new();
    for ((_, name), mut systems) in members {
        for (system, _) in &systems {
            group_of[system.index()] = found.len();
        }
        systems.sort_by(|left, right| right.1.high.total_cmp(&left.1.high).then(left.0.cmp(&right.0)));
        found.push(Group { name, systems, gaps: 0 });
    }
    for (system, ..) in graph.coverage.gaps() {
        found[group_of[system.index()]].gaps += 1;
    }
    let mut flows: BTreeMap<(usize, usize), Flow> = BTreeMap::new();
    for system in posture.systems.iter().filter(|system| system.exposure.high > 0.0) {
        let origin = posture.witness().origin(system.worst);
        let (from, to) = (group_of[origin.system().index()], group_of[system.system.index()]);
        let flow = flows.entry((from, to)).or_insert(Flow { from, to, systems: 0, exposure: 0.0 });
        flow.systems += 1;
        flow.exposure = flow.exposure.max(system.exposure.high);
    }
    Groups { by, groups: found, flows: flows.into_values().collect() }
}
