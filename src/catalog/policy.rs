//! The policy: every number and transfer rule that the analysis uses, as versioned data.

use super::{ConnectionKind, ControlStatus, Criticality, Facing, Interval, Layer, Strength, Verdict};
use crate::source::decode::{self, Fields};
use crate::source::{At, Diagnostics, Fault, Limits, Node, Noun, Source, Value, parse_tree};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The policy of an analysis.
///
/// Expert judgement on the qualitative scale of NIST SP 800-30, calibrated against nothing. Every report prints
/// its version and hash.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Version of the file.
    pub version: String,
    /// SHA-256 of the file's bytes, in hexadecimal.
    pub hash: String,
    /// Levels of transfer, by name.
    pub levels: BTreeMap<String, f64>,
    /// Rules inside a system, in file order.
    pub climb: Vec<ClimbRule>,
    /// Rules between systems, in file order.
    pub cross: Vec<CrossRule>,
    /// Profiles of climb rules that are switched on, in ascending order; without a call of
    /// [`Policy::switch_profiles`] those of the file.
    pub profiles: Vec<Profile>,
    /// Whether these are other profiles than the file switches on.
    pub is_switched: bool,
    /// Classes of controls on connections, ascending.
    pub classes: Vec<String>,
    /// Coverage that a provider's layer counts as when nobody attests it.
    pub provider_unattested: Interval,
    /// How much of an attack a wholly covered layer stops, 0 to 1.
    pub resist: f64,
    /// How much of an attack a wholly covered monitoring layer stops on its way out, 0 to 1.
    pub detect: f64,
    /// The least that a live connection lets through, 0 to 1.
    pub floor: f64,
    /// Exposure at or above which a state is reported, 0 to 1.
    pub threshold: f64,
    /// Age in days above which evidence no longer counts.
    pub evidence_max_age_days: i32,
    status: BTreeMap<ControlStatus, Interval>,
    strengths: BTreeMap<Strength, f64>,
    accountability: BTreeMap<Verdict, Interval>,
    threat: BTreeMap<Facing, f64>,
    criticality: BTreeMap<Criticality, f64>,
}

/// A level of transfer.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    /// Its name, such as `likely`.
    pub name: String,
    /// Its number, 0 to 1.
    pub value: f64,
}

impl Level {
    /// Whether control of the source *is* control of the destination, so that the destination's resistance does not
    /// count. Decided by the name, as the specification says.
    pub fn is_certain(&self) -> bool {
        self.name == "certain"
    }
}

/// A rule that moves exposure inside a system.
#[derive(Clone, Debug)]
pub struct ClimbRule {
    /// From this layer.
    pub from: Layer,
    /// To this layer.
    pub to: Layer,
    /// How likely.
    pub level: Level,
    /// Which profile it belongs to.
    pub profile: Profile,
    /// The reason, for people.
    pub why: String,
}

/// A rule that moves exposure along a connection.
#[derive(Clone, Debug)]
pub struct CrossRule {
    /// For connections of this kind.
    pub kind: ConnectionKind,
    /// From this layer of the source.
    pub from: Layer,
    /// To this layer of the destination.
    pub to: Layer,
    /// How likely.
    pub level: Level,
    /// Along the connection or against it.
    pub direction: Direction,
    /// The reason, for people.
    pub why: String,
}

/// A family of climb rules that is switched on or off as a whole.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// Strictly bottom to top.
    Up,
    /// The control plane acts sideways and down.
    Govern,
    /// Break-out downwards.
    Escape,
}

impl Profile {
    /// Every profile.
    pub const IDS: &'static [&'static str] = &["up", "govern", "escape"];

    /// The word for it in a policy.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Govern => "govern",
            Self::Escape => "escape",
        }
    }

    fn from_id(id: &str) -> Option<Self> {
        match id {
            "up" => Some(Self::Up),
            "govern" => Some(Self::Govern),
            "escape" => Some(Self::Escape),
            _ => None,
        }
    }
}

/// The direction of a cross rule.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the connection's `from` to its `to`.
    Forward,
    /// From the connection's `to` back to its `from`.
    Reverse,
}

impl Direction {
    const IDS: &'static [&'static str] = &["forward", "reverse"];

    fn from_id(id: &str) -> Option<Self> {
        match id {
            "forward" => Some(Self::Forward),
            "reverse" => Some(Self::Reverse),
            _ => None,
        }
    }
}

const UNIT: &str = "0 to 1";
const KEYS: &[&str] = &[
    "weaklink_policy",
    "version",
    "note",
    "layers",
    "levels",
    "strengths",
    "status",
    "accountability",
    "provider_unattested",
    "threat",
    "criticality",
    "resist",
    "detect",
    "floor",
    "threshold",
    "evidence_max_age_days",
    "profiles",
    "climb",
    "cross",
    "classes",
];

impl Policy {
    /// The policy that ships with the product.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Policy> = LazyLock::new(|| {
            let source = Source::from_bytes("policy.json".to_owned(), include_bytes!("policy.json").to_vec(), 0);
            Policy::parse(&source.expect("the shipped policy is text")).expect("the shipped policy is valid")
        });
        &SHIPPED
    }

    /// The text of the policy that ships with the product, to start an own one from.
    pub const SHIPPED_TEXT: &'static str = include_str!("policy.json");

    /// Transfer rules that a policy may have; arcs number them in 16 bits.
    pub const MOST_RULES: usize = 10_000;

    /// Reads a policy.
    ///
    /// # Errors
    /// Every fault of the file, each with its place.
    pub fn parse(source: &Source) -> Result<Self, Diagnostics> {
        let mut diagnostics = Diagnostics::default();
        let policy = match parse_tree(source, &Limits::default()) {
            Ok(node) => Reader { diagnostics: &mut diagnostics }.policy(&node, source),
            Err(faults) => {
                for fault in faults {
                    diagnostics.error(fault.span, Fault::Syntax(fault.kind));
                }
                None
            }
        };
        match policy {
            Some(policy) if !diagnostics.has_errors() => Ok(policy),
            _ => Err(diagnostics),
        }
    }

    /// Switches on these profiles of climb rules and no others.
    pub fn switch_profiles(&mut self, profiles: impl IntoIterator<Item = Profile>) {
        let own = std::mem::replace(&mut self.profiles, in_order(profiles));
        self.is_switched = self.is_switched || own != self.profiles;
    }

    /// What a status says about how far a control is in place.
    pub fn status(&self, status: ControlStatus) -> Interval {
        self.status[&status]
    }

    /// What share of attacks a control of this strength stops, 0 to 1.
    pub fn strength(&self, strength: Strength) -> f64 {
        self.strengths[&strength]
    }

    /// What a verdict says about whether anybody acts.
    pub fn accountability(&self, verdict: Verdict) -> Interval {
        self.accountability[&verdict]
    }

    /// The threat factor; where the facing is not stated, the hull of all of them.
    pub fn threat(&self, facing: Option<Facing>) -> Interval {
        stated_or_hull(&self.threat, facing)
    }

    /// The weight of a system; where the criticality is not stated, the hull of all weights.
    pub fn criticality(&self, criticality: Option<Criticality>) -> Interval {
        stated_or_hull(&self.criticality, criticality)
    }
}

fn in_order(profiles: impl IntoIterator<Item = Profile>) -> Vec<Profile> {
    profiles.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

fn stated_or_hull<K: Ord>(table: &BTreeMap<K, f64>, key: Option<K>) -> Interval {
    match key {
        Some(key) => Interval::exactly(table[&key]),
        None => table.values().map(|&value| Interval::exactly(value)).reduce(Interval::hull).unwrap_or(Interval::UNKNOWN),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Reads a policy from its tree; each method reports what it finds and gives nothing where it cannot go on.
struct Reader<'d> {
    diagnostics: &'d mut Diagnostics,
}

impl Reader<'_> {
    fn policy(&mut self, node: &Node<'_>, source: &Source) -> Option<Policy> {
        let is_ours = decode::is_marked(node, "weaklink_policy", KEYS, self.diagnostics)?;
        let fields = Fields::open(node, "policy", KEYS, self.diagnostics)?;
        if is_ours {
            decode::version(fields.node("weaklink_policy")?, self.diagnostics)?;
        }
        // Both are for people; a value of another kind there is a slip all the same.
        fields.node("note").and_then(|node| decode::text(node, self.diagnostics));
        if let Some(node) = fields.node("layers") {
            self.layer_list(node);
        }
        let version = fields.required("version", self.diagnostics).and_then(|node| self.version(node));
        let levels = fields.required("levels", self.diagnostics).and_then(|node| self.levels(node));
        let strengths = self.table(&fields, "strengths", Noun::Strength, Strength::IDS, Strength::from_id);
        let status = fields.required("status", self.diagnostics).and_then(|node| self.statuses(node));
        let accountability = fields.required("accountability", self.diagnostics).and_then(|node| self.accountability(node));
        let provider_unattested = fields.required("provider_unattested", self.diagnostics).and_then(|node| self.interval(node));
        let threat = self.table(&fields, "threat", Noun::Facing, Facing::IDS, Facing::from_id);
        let criticality = self.table(&fields, "criticality", Noun::Criticality, Criticality::IDS, Criticality::from_id);
        let mut unit = |key| fields.required(key, self.diagnostics).and_then(|node| decode::number(node, 0.0, 1.0, UNIT, self.diagnostics));
        let (resist, detect, floor, threshold) = (unit("resist"), unit("detect"), unit("floor"), unit("threshold"));
        let age = fields.required("evidence_max_age_days", self.diagnostics).and_then(|node| self.whole_days(node));
        let profiles = fields.required("profiles", self.diagnostics).and_then(|node| {
            let items = decode::sequence(node, self.diagnostics)?;
            let words = items.iter().filter_map(|item| decode::word(item, Noun::Profile, Profile::IDS, Profile::from_id, self.diagnostics));
            Some(in_order(words.map(|at| at.value)))
        });
        let levels = levels?;
        let climb = fields.required("climb", self.diagnostics).and_then(|node| self.climb_rules(node, &levels));
        let cross = fields.required("cross", self.diagnostics).and_then(|node| self.cross_rules(node, &levels));
        if climb.as_ref().map_or(0, Vec::len) + cross.as_ref().map_or(0, Vec::len) > Policy::MOST_RULES {
            self.diagnostics.error(fields.span(), Fault::TooManyRules { limit: Policy::MOST_RULES });
        }
        let classes = fields.required("classes", self.diagnostics).and_then(|node| {
            let items = decode::sequence(node, self.diagnostics)?;
            let mut classes: Vec<String> =
                items.iter().filter_map(|item| decode::identifier(item, self.diagnostics)).map(|at| at.value).collect();
            classes.sort_unstable();
            classes.dedup();
            Some(classes)
        });
        Some(Policy {
            version: version?.value,
            hash: hexadecimal(&Sha256::digest(source.text().as_bytes())),
            levels,
            climb: climb?,
            cross: cross?,
            profiles: profiles?,
            is_switched: false,
            classes: classes?,
            provider_unattested: provider_unattested?,
            resist: resist?,
            detect: detect?,
            floor: floor?,
            threshold: threshold?,
            evidence_max_age_days: age? as i32,
            status: status?,
            strengths: strengths?,
            accountability: accountability?,
            threat: threat?,
            criticality: criticality?,
        })
    }

    /// A version that a reader can see, since every report names it.
    fn version(&mut self, node: &Node<'_>) -> Option<At<String>> {
        let version = decode::name(node, self.diagnostics)?;
        if version.value.trim().is_empty() {
            self.diagnostics.error(node.span, Fault::WrongType { found: "an empty text", expected: "a version such as `2026.11.1`" });
            return None;
        }
        Some(version)
    }

    /// Evidence has an age in days; a part of one would be dropped without a word.
    fn whole_days(&mut self, node: &Node<'_>) -> Option<f64> {
        const RANGE: &str = "0 to 1000000, without a fraction";
        let days = decode::number(node, 0.0, 1_000_000.0, RANGE, self.diagnostics)?;
        if days.fract() != 0.0 {
            let text = if let Value::Number(text) = &node.value { text.to_string() } else { days.to_string() };
            self.diagnostics.error(node.span, Fault::OutOfRange { text, range: RANGE });
            return None;
        }
        Some(days)
    }

    /// The layers by name; their order is the program's, so the list can only say the same.
    fn layer_list(&mut self, node: &Node<'_>) {
        let Some(items) = decode::sequence(node, self.diagnostics) else { return };
        let words: Vec<Option<Layer>> = items
            .iter()
            .map(|item| decode::word(item, Noun::Layer, Layer::IDS, Layer::from_id, self.diagnostics).map(|at| at.value))
            .collect();
        if words.iter().all(Option::is_some) && !words.iter().flatten().eq(Layer::ALL) {
            self.diagnostics.error(node.span, Fault::WrongType { found: "another list", expected: "every layer once, bottom to top" });
        }
    }

    fn levels(&mut self, node: &Node<'_>) -> Option<BTreeMap<String, f64>> {
        let entries = decode::mapping(node, self.diagnostics)?;
        let mut levels = BTreeMap::new();
        for entry in entries {
            if let Some(value) = decode::number(&entry.node, 0.0, 1.0, UNIT, self.diagnostics) {
                levels.insert(entry.key.to_string(), value);
            }
        }
        Some(levels)
    }

    /// A number for every word of a vocabulary.
    fn table<K: Ord + Copy>(
        &mut self,
        fields: &Fields<'_, '_>,
        key: &'static str,
        noun: Noun,
        ids: &'static [&'static str],
        parse: fn(&str) -> Option<K>,
    ) -> Option<BTreeMap<K, f64>> {
        let node = fields.required(key, self.diagnostics)?;
        let mut table = BTreeMap::new();
        for entry in decode::mapping(node, self.diagnostics)? {
            let word = decode::known_word(&entry.key, entry.key_span, noun, ids, parse, self.diagnostics);
            let number = decode::number(&entry.node, 0.0, 1.0, UNIT, self.diagnostics);
            if let (Some(word), Some(number)) = (word, number) {
                table.insert(word, number);
            }
        }
        self.complete(node, key, ids, |id| parse(id).is_some_and(|word| table.contains_key(&word)));
        Some(table)
    }

    fn statuses(&mut self, node: &Node<'_>) -> Option<BTreeMap<ControlStatus, Interval>> {
        // `not-applicable` has no number: such a control is left out.
        const STATUSES: &[&str] = &["implemented", "alternative", "partial", "planned", "not-implemented", "unknown"];
        self.intervals(node, "status", Noun::Status, STATUSES, |id| STATUSES.contains(&id).then(|| ControlStatus::from_id(id)).flatten())
    }

    fn accountability(&mut self, node: &Node<'_>) -> Option<BTreeMap<Verdict, Interval>> {
        self.intervals(node, "accountability", Noun::Verdict, Verdict::IDS, Verdict::from_id)
    }

    fn intervals<K: Ord + Copy>(
        &mut self,
        node: &Node<'_>,
        table_name: &'static str,
        noun: Noun,
        ids: &'static [&'static str],
        parse: fn(&str) -> Option<K>,
    ) -> Option<BTreeMap<K, Interval>> {
        let mut table = BTreeMap::new();
        for entry in decode::mapping(node, self.diagnostics)? {
            let word = decode::known_word(&entry.key, entry.key_span, noun, ids, parse, self.diagnostics);
            let interval = self.interval(&entry.node);
            if let (Some(word), Some(interval)) = (word, interval) {
                table.insert(word, interval);
            }
        }
        self.complete(node, table_name, ids, |id| parse(id).is_some_and(|word| table.contains_key(&word)));
        Some(table)
    }

    fn complete(&mut self, node: &Node<'_>, table: &'static str, ids: &'static [&'static str], has: impl Fn(&str) -> bool) {
        for id in ids {
            if !has(id) {
                self.diagnostics.error(node.span, Fault::Incomplete { key: (*id).to_owned(), table });
            }
        }
    }

    fn interval(&mut self, node: &Node<'_>) -> Option<Interval> {
        let items = decode::sequence(node, self.diagnostics)?;
        let [low, high] = items else {
            self.diagnostics
                .error(node.span, Fault::WrongType { found: "a list of another length", expected: "two numbers, low and high" });
            return None;
        };
        let low = decode::number(low, 0.0, 1.0, UNIT, self.diagnostics)?;
        let high = decode::number(high, 0.0, 1.0, UNIT, self.diagnostics)?;
        if low > high {
            self.diagnostics.error(node.span, Fault::Inverted);
            return None;
        }
        Some(Interval::new(low, high))
    }

    fn level(&mut self, node: &Node<'_>, levels: &BTreeMap<String, f64>) -> Option<Level> {
        let name = decode::located_text(node, self.diagnostics)?;
        if let Some(&value) = levels.get(&name.value) {
            return Some(Level { name: name.value, value });
        }
        let nearest = crate::source::nearest(&name.value, levels.keys().map(String::as_str)).map(str::to_owned);
        self.diagnostics.error(name.span, Fault::UnknownWord { noun: Noun::Level, word: name.value, nearest, known: &[] });
        None
    }

    fn layer(&mut self, node: Option<&Node<'_>>) -> Option<At<Layer>> {
        decode::word(node?, Noun::Layer, Layer::IDS, Layer::from_id, self.diagnostics)
    }

    fn climb_rules(&mut self, node: &Node<'_>, levels: &BTreeMap<String, f64>) -> Option<Vec<ClimbRule>> {
        let items = decode::sequence(node, self.diagnostics)?;
        Some(items.iter().filter_map(|item| self.climb_rule(item, levels)).collect())
    }

    fn climb_rule(&mut self, node: &Node<'_>, levels: &BTreeMap<String, f64>) -> Option<ClimbRule> {
        let fields = Fields::open(node, "climb rule", &["from", "to", "level", "profile", "why"], self.diagnostics)?;
        let from = fields.required("from", self.diagnostics);
        let to = fields.required("to", self.diagnostics);
        let (from, to) = (self.layer(from), self.layer(to));
        let level = fields.required("level", self.diagnostics).and_then(|node| self.level(node, levels));
        let profile = fields
            .required("profile", self.diagnostics)
            .and_then(|node| decode::word(node, Noun::Profile, Profile::IDS, Profile::from_id, self.diagnostics));
        let why = fields.required("why", self.diagnostics).and_then(|node| decode::name(node, self.diagnostics));
        let (from, to, profile) = (from?, to?, profile?);
        if from.value == to.value || (profile.value == Profile::Up && from.value > to.value) {
            self.diagnostics.error(to.span, Fault::DownwardClimb { from: from.value.id(), to: to.value.id() });
            return None;
        }
        Some(ClimbRule { from: from.value, to: to.value, level: level?, profile: profile.value, why: why?.value })
    }

    fn cross_rules(&mut self, node: &Node<'_>, levels: &BTreeMap<String, f64>) -> Option<Vec<CrossRule>> {
        let items = decode::sequence(node, self.diagnostics)?;
        Some(items.iter().filter_map(|item| self.cross_rule(item, levels)).collect())
    }

    fn cross_rule(&mut self, node: &Node<'_>, levels: &BTreeMap<String, f64>) -> Option<CrossRule> {
        let fields = Fields::open(node, "cross rule", &["kind", "from", "to", "level", "direction", "why"], self.diagnostics)?;
        let kind = fields
            .required("kind", self.diagnostics)
            .and_then(|node| decode::word(node, Noun::ConnectionKind, ConnectionKind::IDS, ConnectionKind::from_id, self.diagnostics));
        let from = fields.required("from", self.diagnostics);
        let to = fields.required("to", self.diagnostics);
        let (from, to) = (self.layer(from), self.layer(to));
        let level = fields.required("level", self.diagnostics).and_then(|node| self.level(node, levels));
        let direction = fields
            .required("direction", self.diagnostics)
            .and_then(|node| decode::word(node, Noun::Direction, Direction::IDS, Direction::from_id, self.diagnostics));
        let why = fields.required("why", self.diagnostics).and_then(|node| decode::name(node, self.diagnostics));
        Some(CrossRule { kind: kind?.value, from: from?.value, to: to?.value, level: level?, direction: direction?.value, why: why?.value })
    }
}

#[cfg(test)]
mod tests {
    use super::Policy;
    use crate::source::{Diagnostic, Fault, Source};

    fn faults(change: impl FnOnce(&mut serde_json::Value)) -> Vec<Fault> {
        let mut policy: serde_json::Value = serde_json::from_str(Policy::SHIPPED_TEXT).expect("the shipped policy is JSON");
        change(&mut policy);
        let source = Source::from_bytes("policy.json".to_owned(), policy.to_string().into_bytes(), 0).expect("the policy is text");
        let diagnostics = Policy::parse(&source).err().unwrap_or_default();
        diagnostics.iter().map(|Diagnostic { fault, .. }| fault.clone()).collect()
    }

    #[test]
    fn the_shipped_policy_has_no_fault() {
        assert_eq!(faults(|_| {}), []);
    }

    #[test]
    fn more_rules_than_can_be_numbered_are_refused() {
        let many = |policy: &mut serde_json::Value| {
            let rule = policy["climb"][0].clone();
            policy["climb"] = vec![rule; Policy::MOST_RULES].into();
        };
        assert_eq!(faults(many), [Fault::TooManyRules { limit: Policy::MOST_RULES }]);
    }
}
