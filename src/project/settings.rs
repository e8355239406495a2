//! `weaklink.toml`: the files of a project, and the limits of its gates.

use crate::catalog::{BasisPoints, GapKind};
use crate::source::decode::{self, Fields};
use crate::source::{At, Diagnostics, Fault, Limits, Node, Noun, Source, Value, parse_tree};
use std::sync::LazyLock;

/// The name of the file.
pub const SETTINGS_FILE: &str = "weaklink.toml";

/// What a project states about itself.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The model file.
    pub model: At<String>,
    /// The overlays, in order.
    pub overlays: Vec<At<String>>,
    /// The policy; none: the one that ships.
    pub policy: Option<At<String>>,
    /// The file of waivers.
    pub waivers: Option<At<String>>,
    /// The limits of the review's gate.
    pub review: ReviewLimits,
    /// The limits of the check's gate.
    pub check: CheckLimits,
}

/// The limits of the review's gate; a rule without a limit is off. All of risk, in basis points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewLimits {
    /// A system at or above this must not rise.
    pub critical: Option<BasisPoints>,
    /// No system may rise by more.
    pub ratchet: Option<u64>,
    /// All rises together may not be more.
    pub budget: Option<u64>,
    /// Whether weakenings fail.
    pub weakening: bool,
    /// Whether touched systems that are less well known fail.
    pub unknown: bool,
}

/// The limits of the check's gate; a rule without a limit is off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckLimits {
    /// No system's risk may be at or above this.
    pub critical: Option<BasisPoints>,
    /// The posture may not be below this, 0 to 100, on its low end.
    pub posture: Option<u8>,
    /// Kinds of gaps that may not be there.
    pub deny: Vec<GapKind>,
}

mod keys {
    pub(super) const SETTINGS: &[&str] = &["weaklink", "model", "with", "policy", "waivers", "review", "check"];
    pub(super) const REVIEW: &[&str] = &["critical", "ratchet", "budget", "weakening", "unknown"];
    pub(super) const CHECK: &[&str] = &["critical", "posture", "deny"];
}

/// Points that no sum of risk reaches.
const MOST_POINTS: f64 = 1e9;

impl Settings {
    /// What holds where a project states nothing else.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Settings> = LazyLock::new(|| {
            let source = Source::from_bytes(SETTINGS_FILE.to_owned(), include_bytes!("default.toml").to_vec(), 0);
            let nothing = Settings {
                model: At { value: String::new(), span: crate::source::Span::new(0, 0, 0) },
                overlays: Vec::new(),
                policy: None,
                waivers: None,
                review: ReviewLimits { critical: None, ratchet: None, budget: None, weakening: false, unknown: false },
                check: CheckLimits { critical: None, posture: None, deny: Vec::new() },
            };
            read(&source.expect("the shipped settings are text"), &nothing).expect("the shipped settings are valid")
        });
        &SHIPPED
    }

    /// Reads a project's settings; limits that it does not state are those that ship.
    ///
    /// # Errors
    /// Every fault of the file, each with its place.
    pub fn parse(source: &Source) -> Result<Self, Diagnostics> {
        read(source, Self::shipped())
    }

    /// Every file that the settings name.
    pub fn files(&self) -> impl Iterator<Item = &At<String>> {
        std::iter::once(&self.model).chain(&self.overlays).chain(&self.policy).chain(&self.waivers)
    }
}

fn read(source: &Source, unstated: &Settings) -> Result<Settings, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let settings = match parse_tree(source, &Limits::default()) {
        Ok(node) => Reader { diagnostics: &mut diagnostics }.settings(&node, unstated),
        Err(faults) => {
            for fault in faults {
                diagnostics.error(fault.span, Fault::Syntax(fault.kind));
            }
            None
        }
    };
    match settings {
        Some(settings) if !diagnostics.has_errors() => Ok(settings),
        _ => {
            diagnostics.sort();
            Err(diagnostics)
        }
    }
}

struct Reader<'d> {
    diagnostics: &'d mut Diagnostics,
}

impl Reader<'_> {
    fn settings(&mut self, node: &Node<'_>, unstated: &Settings) -> Option<Settings> {
        let is_ours = decode::is_marked(node, "weaklink", keys::SETTINGS, self.diagnostics)?;
        let fields = Fields::open(node, "project", keys::SETTINGS, self.diagnostics)?;
        if is_ours {
            decode::version(fields.node("weaklink")?, self.diagnostics)?;
        }
        let model = fields.required("model", self.diagnostics).and_then(|node| self.file(node));
        let overlays = fields.node("with").and_then(|node| decode::sequence(node, self.diagnostics)).unwrap_or_default();
        let overlays = overlays.iter().filter_map(|node| self.file(node)).collect();
        let policy = fields.node("policy").and_then(|node| self.file(node));
        let waivers = fields.node("waivers").and_then(|node| self.file(node));
        let review = self.review(fields.node("review"), unstated.review.clone());
        let check = self.check(fields.node("check"), unstated.check.clone());
        Some(Settings { model: model?, overlays, policy, waivers, review, check })
    }

    /// A file of the project: its settings never lead out of their own folder.
    fn file(&mut self, node: &Node<'_>) -> Option<At<String>> {
        let path = decode::name(node, self.diagnostics)?;
        let parts = || path.value.split('/');
        let is_inside = !path.value.contains(['\\', ':']) && parts().all(|part| !part.is_empty() && part != "..");
        if !is_inside {
            self.diagnostics.error(node.span, Fault::OutsideFolder { path: path.value });
            return None;
        }
        Some(path)
    }

    fn review(&mut self, node: Option<&Node<'_>>, mut limits: ReviewLimits) -> ReviewLimits {
        let Some(fields) = node.and_then(|node| Fields::open(node, "review gate", keys::REVIEW, self.diagnostics)) else {
            return limits;
        };
        if let Some(critical) = fields.node("critical").and_then(|node| self.points(node, 100.0, "0 to 100")) {
            limits.critical = critical.map(|points| BasisPoints(points as u16));
        }
        if let Some(ratchet) = fields.node("ratchet").and_then(|node| self.points(node, 100.0, "0 to 100")) {
            limits.ratchet = ratchet;
        }
        if let Some(budget) = fields.node("budget").and_then(|node| self.points(node, MOST_POINTS, "0 to a thousand million")) {
            limits.budget = budget;
        }
        if let Some(weakening) = fields.node("weakening").and_then(|node| decode::boolean(node, self.diagnostics)) {
            limits.weakening = weakening.value;
        }
        if let Some(unknown) = fields.node("unknown").and_then(|node| decode::boolean(node, self.diagnostics)) {
            limits.unknown = unknown.value;
        }
        limits
    }

    fn check(&mut self, node: Option<&Node<'_>>, mut limits: CheckLimits) -> CheckLimits {
        let Some(fields) = node.and_then(|node| Fields::open(node, "check gate", keys::CHECK, self.diagnostics)) else { return limits };
        if let Some(critical) = fields.node("critical").and_then(|node| self.points(node, 100.0, "0 to 100")) {
            limits.critical = critical.map(|points| BasisPoints(points as u16));
        }
        if let Some(posture) = fields.node("posture").and_then(|node| self.points(node, 100.0, "0 to 100")) {
            limits.posture = posture.map(|points| points.div_ceil(100) as u8);
        }
        if let Some(kinds) = fields.node("deny").and_then(|node| decode::sequence(node, self.diagnostics)) {
            let kind = |node: &Node<'_>| decode::word(node, Noun::GapKind, GapKind::IDS, GapKind::from_id, self.diagnostics);
            limits.deny = kinds.iter().filter_map(kind).map(|kind| kind.value).collect();
        }
        limits
    }

    /// A number of points as basis points, or `false` for none.
    #[expect(clippy::option_option, reason = "a fault, a rule that is off, or its limit")]
    fn points(&mut self, node: &Node<'_>, most: f64, range: &'static str) -> Option<Option<u64>> {
        if node.value == Value::Bool(false) {
            return Some(None);
        }
        decode::number(node, 0.0, most, range, self.diagnostics).map(|points| Some(basis_points(points)))
    }
}

/// Points of risk as basis points.
fn basis_points(points: f64) -> u64 {
    (points * 100.0).round() as u64
}
