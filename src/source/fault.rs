//! Faults of an input file as facts: what is wrong and where. Their wording lives in `report`.

use super::suggest::effort;
use super::{Span, SyntaxFaultKind, nearest};

/// A fault or an oddity of an input file, at a place in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Whether it stops the run.
    pub severity: Severity,
    /// What is wrong.
    pub fault: Fault,
    /// Where; a fault of a whole file points at its beginning.
    pub span: Span,
    /// The other place that takes part, such as the first use of a repeated id.
    pub other: Option<Span>,
}

/// Whether a diagnostic stops the run.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The input is refused.
    Error,
    /// Legal, but odd.
    Warning,
}

/// What kind of name a fault is about.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Noun {
    /// A system.
    System,
    /// A party.
    Party,
    /// A connection.
    Connection,
    /// A layer.
    Layer,
    /// A service model.
    ServiceModel,
    /// A catalogued service.
    Service,
    /// A control of the catalogue.
    Control,
    /// A status.
    Status,
    /// A connection kind.
    ConnectionKind,
    /// A party kind.
    PartyKind,
    /// A criticality.
    Criticality,
    /// A facing.
    Facing,
    /// A strength.
    Strength,
    /// A certainty.
    Certainty,
    /// A control class of the policy.
    Class,
    /// A level of the policy.
    Level,
    /// A profile of climb rules.
    Profile,
    /// A direction of a cross rule.
    Direction,
    /// A verdict on an owner, in the policy.
    Verdict,
    /// A kind of coverage gap.
    GapKind,
    /// A kind of fix.
    FixKind,
    /// A waiver.
    Waiver,
}

/// What is wrong with an input file, without its wording.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The text is not JSON, YAML or TOML, or passes a limit.
    Syntax(SyntaxFaultKind),
    /// The file is another kind of document: it lacks the key that marks a file of the expected kind.
    NotOurs {
        /// The key that is missing.
        key: &'static str,
        /// The keys of the expected kind.
        known: &'static [&'static str],
    },
    /// The file is of a version that this program does not read.
    Version {
        /// What was found.
        found: String,
    },
    /// A value of another type.
    WrongType {
        /// What was found.
        found: &'static str,
        /// What was expected.
        expected: &'static str,
    },
    /// A key that nothing reads.
    UnknownKey {
        /// The key.
        key: String,
        /// What the mapping describes.
        place: &'static str,
        /// The keys that are read.
        known: &'static [&'static str],
    },
    /// A key that must be there.
    MissingKey {
        /// The key.
        key: &'static str,
        /// What the mapping describes.
        place: &'static str,
    },
    /// A word outside a closed vocabulary.
    UnknownWord {
        /// What the word should name.
        noun: Noun,
        /// The word.
        word: String,
        /// The nearest valid word.
        nearest: Option<String>,
        /// The whole vocabulary, where it is short.
        known: &'static [&'static str],
    },
    /// A reference to something that no file defines.
    Undefined {
        /// What is referred to.
        noun: Noun,
        /// The identifier.
        id: String,
        /// The nearest identifier that is defined.
        nearest: Option<String>,
        /// All that are defined, where they are few.
        known: Vec<String>,
    },
    /// An identifier used twice.
    RepeatedId {
        /// What it names.
        noun: Noun,
        /// The identifier.
        id: String,
    },
    /// An identifier that is empty, too long or has characters outside printable ASCII.
    BadId {
        /// The identifier.
        id: String,
    },
    /// An identifier that has a meaning of its own.
    ReservedId {
        /// The identifier.
        id: String,
    },
    /// A name with control characters.
    BadName {
        /// The name.
        name: String,
    },
    /// A date that is not `YYYY-MM-DD` or not in the calendar.
    BadDate {
        /// The text.
        text: String,
    },
    /// A number outside its range.
    OutOfRange {
        /// The text.
        text: String,
        /// The range, such as `0 to 1`.
        range: &'static str,
    },
    /// An interval whose low end is above its high end.
    Inverted,
    /// A connection from a system to itself.
    SelfConnection {
        /// The system.
        id: String,
    },
    /// A control listed under another layer than its own.
    MisplacedControl {
        /// The control.
        control: String,
        /// The layer it stands under.
        layer: &'static str,
        /// The layer it belongs to, or `connection`.
        belongs: String,
    },
    /// `not-applicable` where the matrix says that the layer exists.
    LayerExists {
        /// The layer.
        layer: &'static str,
        /// The service or model that has it.
        of: String,
        /// What the matrix says.
        cell: &'static str,
    },
    /// A split where the matrix gives the layer to one side.
    MisplacedSplit {
        /// The layer.
        layer: &'static str,
        /// The service or model whose layer it is.
        of: String,
        /// What the matrix says.
        cell: &'static str,
    },
    /// Warning: a claim about a layer that the matrix says does not exist.
    NoSuchLayer {
        /// The layer.
        layer: &'static str,
        /// The service or model that lacks it.
        of: String,
    },
    /// A service together with a model that is not its own.
    ModelConflict {
        /// The service.
        service: String,
        /// Its model.
        expected: &'static str,
    },
    /// `copy` on a connection that is not a feed.
    MisplacedCopy {
        /// The connection's kind.
        kind: &'static str,
    },
    /// An owner of a system that is `nobody`.
    NobodyOwner,
    /// A rule of the policy that climbs downwards in profile `up`, or from a layer to itself in any profile.
    DownwardClimb {
        /// The layer that it climbs from.
        from: &'static str,
        /// The layer that it climbs to.
        to: &'static str,
    },
    /// A policy without a level, status or layer that must be there.
    Incomplete {
        /// What is missing.
        key: String,
        /// From which table.
        table: &'static str,
    },
    /// A policy with more transfer rules than can be numbered.
    TooManyRules {
        /// The limit.
        limit: usize,
    },

    /// A file of a project that does not lie in the project's folder.
    OutsideFolder {
        /// The path.
        path: String,
    },
    /// A finding that cannot be told.
    BadFinding {
        /// The text.
        finding: String,
        /// What is expected of it.
        expected: String,
    },
    /// A file of another tool that looks like none of the formats that are read.
    UnknownFormat {
        /// The formats.
        known: &'static [&'static str],
    },
    /// A file that is not of the format that it was given as, or only half.
    NotThatFormat {
        /// What it should be.
        expected: &'static str,
        /// What it lacks, or has and should not.
        lacks: &'static str,
    },
    /// A version of another tool's format that this program does not read.
    ForeignVersion {
        /// The format.
        format: &'static str,
        /// The versions that are read.
        expected: &'static str,
    },
    /// A template that has not been filled in.
    NotRendered {
        /// What fills it in.
        remedy: &'static str,
    },
    /// Warning: two sources that name different owners of one thing.
    OwnersDiffer {
        /// The system.
        system: String,
        /// The layer; none: the system as a whole.
        layer: Option<&'static str>,
        /// The owners.
        owners: [String; 2],
    },
    /// Warning: a reference to what no file describes.
    Dangling {
        /// What is referred to.
        what: &'static str,
        /// How it is called there.
        name: String,
    },
    /// Warning: a responsibility that one side hands over and the other does not take up.
    Unmet {
        /// The responsibility.
        responsibility: String,
        /// The control it belongs to.
        control: String,
    },
    /// Warning: rights for a group that takes in nearly everybody.
    BroadGrant {
        /// The role.
        role: String,
        /// The group.
        group: String,
    },
    /// Warning: a party that nothing refers to.
    UnusedParty {
        /// The party.
        id: String,
    },
    /// Warning: a system without any connection.
    IsolatedSystem {
        /// The system.
        id: String,
    },
    /// Warning: a rule that matches no system.
    IdleRule,
    /// Warning: a setting that no rule of the service names.
    UnusedSetting {
        /// The setting.
        setting: String,
        /// The service, if the system has one.
        service: Option<String>,
        /// The nearest setting that decides something.
        nearest: Option<String>,
    },
    /// Warning: evidence dated after the analysis.
    FutureEvidence {
        /// The evidence's date.
        date: String,
        /// The analysis date.
        as_of: String,
    },
    /// Warning: a system's provider is declared as a party of the customer's side.
    OddProvider {
        /// The provider.
        id: String,
    },
    /// Warning: a name with invisible or direction-changing characters.
    HiddenCharacters {
        /// The name.
        name: String,
    },
}

/// The diagnostics of a run, in the order found; sorted by place before they are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    suggestion_effort: u64,
}

/// A suggestion compares a word with every name; past this many pairs of characters, which take about a second, the
/// rest of a hopeless file goes without.
const SUGGESTION_EFFORT: u64 = 500_000_000;

impl Diagnostics {
    /// The name that a mistyped word was probably meant to be, while there is effort left for it.
    ///
    /// # Complexity
    /// All calls together compare a fixed number of characters at most, and those of one word more.
    pub fn nearest<'n>(&mut self, word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
        if self.suggestion_effort >= SUGGESTION_EFFORT {
            return None;
        }
        let counted = names.into_iter().inspect(|name| self.suggestion_effort += effort(word, name));
        nearest(word, counted).map(str::to_owned)
    }

    /// Adds an error.
    pub fn error(&mut self, span: Span, fault: Fault) {
        self.list.push(Diagnostic { severity: Severity::Error, fault, span, other: None });
    }

    /// Adds an error that has two places.
    pub fn error_with(&mut self, span: Span, fault: Fault, other: Span) {
        self.list.push(Diagnostic { severity: Severity::Error, fault, span, other: Some(other) });
    }

    /// Adds a warning.
    pub fn warning(&mut self, span: Span, fault: Fault) {
        self.list.push(Diagnostic { severity: Severity::Warning, fault, span, other: None });
    }

    /// Adds a warning that has two places.
    pub fn warning_with(&mut self, span: Span, fault: Fault, other: Span) {
        self.list.push(Diagnostic { severity: Severity::Warning, fault, span, other: Some(other) });
    }

    /// None yet, with as much effort left for suggestions as here.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self { list: Vec::new(), suggestion_effort: self.suggestion_effort }
    }

    /// Adds those that were found [`beside`](Self::beside) these, with the effort that their suggestions took.
    pub fn take_up(&mut self, others: Self) {
        self.suggestion_effort = self.suggestion_effort.max(others.suggestion_effort);
        self.list.extend(others.list);
    }

    /// Adds those of another run.
    pub fn extend(&mut self, others: Self) {
        self.list.extend(others.list);
    }

    /// Leaves out those that do not pass.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.list.retain(keep);
    }

    /// Whether any diagnostic stops the run.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// How many diagnostics there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }

    /// Puts the diagnostics in the order of their places and drops repeats.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.severity));
        self.list.dedup();
    }

    /// The diagnostics.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
