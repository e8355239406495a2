//! The policy's transfer rules, indexed for traversal.

use crate::catalog::{ClimbRule, ConnectionKind, CrossRule, Direction, Layer, Level, Policy, Profile};
use sha2::{Digest, Sha256};

/// Number of a transfer rule: the climb table first, then the cross table, each in file order.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleIx(pub u16);

/// Whether a connection is travelled along its direction or against it.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Travel {
    /// From the connection's `from` to its `to`.
    Along,
    /// From the connection's `to` to its `from`.
    Against,
}

impl Travel {
    /// The other way.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Along => Self::Against,
            Self::Against => Self::Along,
        }
    }
}

/// A transfer rule of either table.
#[derive(Copy, Clone, Debug)]
pub enum TransferRule<'p> {
    /// Inside a system.
    Climb(&'p ClimbRule),
    /// Along a connection.
    Cross(&'p CrossRule),
}

impl<'p> TransferRule<'p> {
    /// How likely the transfer is.
    pub fn level(self) -> &'p Level {
        match self {
            Self::Climb(rule) => &rule.level,
            Self::Cross(rule) => &rule.level,
        }
    }

    /// The reason, for people.
    pub fn why(self) -> &'p str {
        match self {
            Self::Climb(rule) => &rule.why,
            Self::Cross(rule) => &rule.why,
        }
    }
}

/// What traversal needs to know of one rule.
#[derive(Copy, Clone, Debug)]
pub(super) struct Step {
    pub(super) rule: RuleIx,
    /// The layer at the other end.
    pub(super) layer: Layer,
    pub(super) level: f64,
    pub(super) is_certain: bool,
    /// Only within the provider's reach: what a `hosts` connection hands down of a layer that is the customer's own.
    pub(super) delegated_only: bool,
    pub(super) profile: Profile,
}

/// A transfer from one layer to another, with all that its factor needs of the rule.
#[derive(Copy, Clone, Debug)]
pub(crate) struct Way {
    pub(crate) from: Layer,
    pub(crate) to: Layer,
    pub(crate) level: f64,
    pub(crate) is_certain: bool,
}

impl Way {
    pub(super) fn of((from, step): (Layer, &Step)) -> Self {
        Self { from, to: step.layer, level: step.level, is_certain: step.is_certain }
    }
}

type ByLayer = [Vec<Step>; Layer::COUNT];

/// The rules of the switched-on profiles, by the layer that they leave and by the layer that they enter.
#[derive(Clone, Debug)]
pub(super) struct TransferTable {
    pub(super) climb_from: ByLayer,
    pub(super) climb_to: ByLayer,
    cross_from: Vec<ByLayer>,
    cross_to: Vec<ByLayer>,
}

impl TransferTable {
    pub(super) fn new(policy: &Policy) -> Self {
        let empty = || -> ByLayer { std::array::from_fn(|_| Vec::new()) };
        let mut table = Self {
            climb_from: empty(),
            climb_to: empty(),
            cross_from: (0..ConnectionKind::ALL.len() * 2).map(|_| empty()).collect(),
            cross_to: (0..ConnectionKind::ALL.len() * 2).map(|_| empty()).collect(),
        };
        for (rule_ix, rule) in policy.climb.iter().enumerate().filter(|(_, rule)| policy.profiles.contains(&rule.profile)) {
            let step = Step {
                rule: RuleIx(rule_ix as u16),
                layer: rule.to,
                level: rule.level.value,
                is_certain: rule.level.is_certain(),
                delegated_only: false,
                profile: rule.profile,
            };
            table.climb_from[rule.from.index()].push(step);
            table.climb_to[rule.to.index()].push(Step { layer: rule.from, ..step });
        }
        for (rule_ix, rule) in policy.cross.iter().enumerate() {
            let delegated_only = rule.kind == ConnectionKind::Hosts && matches!(rule.to, Layer::Os | Layer::Applications);
            let step = Step {
                rule: RuleIx((policy.climb.len() + rule_ix) as u16),
                layer: rule.to,
                level: rule.level.value,
                is_certain: rule.level.is_certain(),
                delegated_only,
                profile: Profile::Up,
            };
            let travels: &[Travel] = match rule.direction {
                Direction::Reverse => &[Travel::Against],
                Direction::Forward if rule.kind == ConnectionKind::Peers => &[Travel::Along, Travel::Against],
                Direction::Forward => &[Travel::Along],
            };
            for &travel in travels {
                table.cross_from[slot(rule.kind, travel)][rule.from.index()].push(step);
                table.cross_to[slot(rule.kind, travel)][rule.to.index()].push(Step { layer: rule.from, ..step });
            }
        }
        table
    }

    /// Adds every rule to a digest.
    pub(super) fn digest(&self, digest: &mut Sha256) {
        for (list, steps) in self.climb_from.iter().chain(self.cross_from.iter().flatten()).enumerate() {
            for Step { rule, layer, level, is_certain, delegated_only, profile } in steps {
                digest.update((list as u32).to_le_bytes());
                digest.update(rule.0.to_le_bytes());
                digest.update(level.to_bits().to_le_bytes());
                digest.update([*layer as u8, u8::from(*is_certain), u8::from(*delegated_only), *profile as u8]);
            }
        }
    }

    /// The rules that leave `layer` when a connection of this kind is travelled this way.
    pub(super) fn cross_from(&self, kind: ConnectionKind, travel: Travel, layer: Layer) -> &[Step] {
        &self.cross_from[slot(kind, travel)][layer.index()]
    }

    /// The rules that enter `layer` when a connection of this kind is travelled this way.
    pub(super) fn cross_to(&self, kind: ConnectionKind, travel: Travel, layer: Layer) -> &[Step] {
        &self.cross_to[slot(kind, travel)][layer.index()]
    }
}

fn slot(kind: ConnectionKind, travel: Travel) -> usize {
    kind as usize * 2 + travel as usize
}
