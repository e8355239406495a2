//! A picture before it is written: cards, links between them, groups around them, and the words of title and legend.
//!
//! Views make it from results; DOT, SVG and Mermaid are written from it. Strings are the model's own, not yet escaped:
//! every writer passes them through its filter.

use super::palette::{HEAT_STEPS, Role};
use crate::catalog::{BasisPoints, ConnectionKind, Layer};

/// A picture that answers one question.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// The question.
    pub question: String,
    /// The answer, in one line with numbers.
    pub answer: String,
    /// Boxes around cards.
    pub groups: Vec<Group>,
    /// The cards, in the order in which they are drawn.
    pub cards: Vec<Card>,
    /// The links between cards.
    pub links: Vec<Link>,
    /// What the picture needs explained below it, a paragraph each.
    pub notes: Vec<String>,
    /// What its figures rest on, in one line.
    pub basis: String,
    /// The signs that the picture uses, and what they mean.
    pub legend: Vec<Key>,
    /// Whether links go to the right or down.
    pub flow: Flow,
}

/// Where links go.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Flow {
    /// To the right.
    Right,
    /// Down.
    Down,
}

/// A box around cards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its title.
    pub title: String,
    /// Whether its place means something.
    pub meaning: Meaning,
}

/// What the place of a group means.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Groups follow each other in the direction of the flow, each at one distance.
    Distance,
    /// Its cards belong together; where they stand means nothing.
    Belonging,
}

/// A card: a system, a state, a group of systems, or what was left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Card {
    /// The group that it stands in.
    pub group: Option<usize>,
    /// A sign before the title.
    pub sign: Option<Sign>,
    /// What it is: an id or words.
    pub title: String,
    /// A name for people, free text.
    pub name: Option<String>,
    /// A line of words below.
    pub caption: String,
    /// A number at the right.
    pub badge: Option<Badge>,
    /// Exposure layer by layer, bottom to top; none where the layer does not exist.
    pub strip: Option<[Option<BasisPoints>; Layer::COUNT]>,
    /// How many systems stand on each step of the scale of exposure.
    pub bar: Option<[usize; HEAT_STEPS]>,
    /// The layers, top to bottom.
    pub rows: Vec<Row>,
    /// How it is framed.
    pub frame: Frame,
}

/// A sign before a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The number of a witness path.
    Number(usize),
    /// Was added.
    Added,
    /// Was removed.
    Removed,
    /// Is more exposed.
    Worse,
    /// Is less exposed.
    Better,
    /// Is as exposed as before.
    Same,
}

/// A number at the right of a card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    /// The number.
    pub text: String,
    /// Where it stands on the scale of exposure; none for words without a scale.
    pub heat: Option<u8>,
}

/// A row of a card: a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The layer.
    pub layer: Layer,
    /// Who owns it.
    pub owner: String,
    /// Whose it is, as a tint; none where the layer does not exist.
    pub tint: Option<Role>,
    /// Covered, or not.
    pub mark: Mark,
    /// The same as a word.
    pub status: String,
}

/// Whether a layer is covered.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Covered.
    Covered,
    /// A gap.
    Gap,
    /// A gap if the unknowns turn out badly.
    Doubt,
    /// The layer does not exist.
    Absent,
}

/// How a card is framed.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Frame {
    /// Like any other.
    #[default]
    Plain,
    /// It fails, or has a gap.
    Origin,
    /// It stands for what was left out.
    Rest,
    /// It was added.
    Added,
    /// It was removed.
    Removed,
    /// It is more exposed.
    Worse,
    /// It is less exposed.
    Better,
}

/// A link between two cards.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// The card that it leaves.
    pub from: usize,
    /// The row that it leaves, on a card with rows.
    pub from_row: Option<Layer>,
    /// The card that it enters.
    pub to: usize,
    /// The row that it enters.
    pub to_row: Option<Layer>,
    /// The kind of connection that it stands for; none for a step inside a system and for several connections.
    pub kind: Option<ConnectionKind>,
    /// What it means.
    pub tone: Tone,
    /// A label; strong where it is a number to be read first.
    pub label: String,
    /// More words for a label that has the room; only where the flow is down.
    pub detail: Vec<String>,
    /// Whether it acts both ways.
    pub both_ways: bool,
}

/// What a link means.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Tone {
    /// A connection that exists.
    Plain,
    /// Part of a witness path, with the exposure that it carries.
    Path(BasisPoints),
    /// Was added.
    Added,
    /// Was removed.
    Removed,
}

/// A sign of the picture that the legend explains.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// The scale of exposure.
    Heat,
    /// The strip of layers.
    Strip,
    /// The bar of counts.
    Bar,
    /// Tints and marks of the rows.
    Rows,
    /// The signs of a comparison.
    Changes,
    /// The line styles of these families of connections, in this order.
    Lines([bool; Family::ALL.len()]),
}

/// Kinds of connection that are drawn alike.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Family {
    /// Thin: who can talk to whom.
    Network,
    /// Thick: data moves.
    Data,
    /// Dashed: identities and credentials.
    Identity,
    /// Dotted: code moves.
    Delivery,
    /// Dash and dot: control planes and agents.
    Control,
    /// Very thick: runs on it.
    Hosting,
}

impl Family {
    /// All, in the order of the legend.
    pub const ALL: [Self; 6] = [Self::Network, Self::Data, Self::Identity, Self::Delivery, Self::Control, Self::Hosting];

    /// The family of a kind.
    pub const fn of(kind: ConnectionKind) -> Self {
        match kind {
            ConnectionKind::Reaches | ConnectionKind::Peers => Self::Network,
            ConnectionKind::Feeds | ConnectionKind::Stores | ConnectionKind::BacksUp => Self::Data,
            ConnectionKind::Authenticates | ConnectionKind::HoldsCredentials | ConnectionKind::KeepsSecrets => Self::Identity,
            ConnectionKind::Deploys | ConnectionKind::Supplies => Self::Delivery,
            ConnectionKind::Manages | ConnectionKind::Monitors => Self::Control,
            ConnectionKind::Hosts => Self::Hosting,
        }
    }

    /// How its line looks, in words.
    pub const fn line(self) -> &'static str {
        match self {
            Self::Network => "thin",
            Self::Data => "thick",
            Self::Identity => "dashed with a hollow head",
            Self::Delivery => "dotted",
            Self::Control => "dashed with an open head",
            Self::Hosting => "very thick",
        }
    }

    /// The verbs of the family, for the legend.
    pub const fn verbs(self) -> &'static str {
        match self {
            Self::Network => "reaches, peers",
            Self::Data => "feeds, stores, backs-up",
            Self::Identity => "authenticates, holds-credentials, keeps-secrets",
            Self::Delivery => "deploys, supplies",
            Self::Control => "manages, monitors",
            Self::Hosting => "hosts",
        }
    }
}

impl Card {
    /// A card that stands for what was left out.
    pub fn rest(group: Option<usize>, title: String, caption: String) -> Self {
        Self { group, title, caption, frame: Frame::Rest, ..Self::default() }
    }
}

impl Key {
    /// The line styles that these links use; none where no link stands for one connection.
    pub fn lines(links: &[Link]) -> Option<Self> {
        let mut used = [false; Family::ALL.len()];
        for kind in links.iter().filter_map(|link| link.kind) {
            used[Family::of(kind) as usize] = true;
        }
        used.contains(&true).then_some(Self::Lines(used))
    }
}

impl Sign {
    /// The sign as text.
    pub fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Added => "+".to_owned(),
            Self::Removed => "−".to_owned(),
            Self::Worse => "▲".to_owned(),
            Self::Better => "▼".to_owned(),
            Self::Same => "=".to_owned(),
        }
    }
}

impl Mark {
    /// The mark as a sign that needs no colour.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Covered => "✓",
            Self::Gap => "!",
            Self::Doubt => "?",
            Self::Absent => "–",
        }
    }
}

impl Frame {
    /// The colour of the frame.
    pub const fn role(self) -> Role {
        match self {
            Self::Plain => Role::Line,
            Self::Origin => Role::Gap,
            Self::Rest => Role::Muted,
            Self::Added => Role::Added,
            Self::Removed => Role::Removed,
            Self::Worse => Role::Worse,
            Self::Better => Role::Better,
        }
    }
}

impl Tone {
    /// The colour of the link and of its label.
    pub const fn role(self) -> Role {
        match self {
            Self::Plain => Role::Line,
            Self::Path(_) => Role::Path,
            Self::Added => Role::Added,
            Self::Removed => Role::Removed,
        }
    }
}
