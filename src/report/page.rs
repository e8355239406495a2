//! A page of an answer: lines and rows, before any output's escaping. The screen, Markdown and CSV are made from it.

use crate::catalog::{BasisPoints, Published};

/// An answer for people: the first line answers the question, the rest proves it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The answer in one line.
    pub headline: Line,
    /// What else must be known to read it.
    pub remarks: Vec<Line>,
    /// The proof.
    pub sections: Vec<Section>,
    /// What to do next.
    pub closing: Vec<Line>,
}

/// A titled table with remarks.
#[derive(Clone, Debug, Default)]
pub struct Section {
    /// Its title, if it needs one.
    pub title: Option<Line>,
    /// What its title says of every row, as a column for forms that show all sections as one table.
    pub key: Option<(Column, Cell)>,
    /// What the columns are.
    pub columns: Vec<Column>,
    /// The rows, already in order and cut.
    pub rows: Vec<Vec<Cell>>,
    /// Lines below the table.
    pub notes: Vec<Line>,
}

/// A column of a table.
#[derive(Copy, Clone, Debug)]
pub struct Column {
    /// Its heading.
    pub title: &'static str,
    /// What its cells hold.
    pub holds: Holds,
}

/// What the cells of a column hold; decides alignment, and in CSV the number of columns.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Words and names that stay on one line where they can.
    Text,
    /// Sentences that wrap.
    Prose,
    /// A number.
    Number,
    /// An interval; two columns in CSV.
    Interval,
}

/// A cell of a table.
#[derive(Clone, Debug)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words and names.
    Line(Line),
    /// An interval of probabilities.
    Interval(Published<BasisPoints>),
    /// An interval of sums of risk.
    Sums(Published<u64>),
    /// A probability.
    Value(BasisPoints),
    /// A sum of risk.
    Points(u64),
    /// A count.
    Count(u64),
}

/// A line of words and names; names come from a model and are escaped by each output.
#[derive(Clone, Debug, Default)]
pub struct Line(pub Vec<Piece>);

/// A piece of a line.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Words of the program.
    Words(String),
    /// An id or a word of the format.
    Name(String),
    /// Free text of a model.
    Free(String),
    /// Words that should catch the eye.
    Strong(String),
    /// Words that may be overlooked.
    Faint(String),
}

impl Line {
    /// A line of words.
    pub fn words(words: impl Into<String>) -> Self {
        Self(vec![Piece::Words(words.into())])
    }

    /// A line of one name.
    pub fn name(name: impl Into<String>) -> Self {
        Self(vec![Piece::Name(name.into())])
    }

    /// The line with words added.
    #[must_use]
    pub fn and(mut self, words: impl Into<String>) -> Self {
        self.0.push(Piece::Words(words.into()));
        self
    }

    /// The line with a name added.
    #[must_use]
    pub fn and_name(mut self, name: impl Into<String>) -> Self {
        self.0.push(Piece::Name(name.into()));
        self
    }

    /// The line with free text added.
    #[must_use]
    pub fn and_free(mut self, text: impl Into<String>) -> Self {
        self.0.push(Piece::Free(text.into()));
        self
    }

    /// The line with words added that should catch the eye.
    #[must_use]
    pub fn and_strong(mut self, words: impl Into<String>) -> Self {
        self.0.push(Piece::Strong(words.into()));
        self
    }

    /// The line with words added that may be overlooked.
    #[must_use]
    pub fn and_faint(mut self, words: impl Into<String>) -> Self {
        self.0.push(Piece::Faint(words.into()));
        self
    }

    /// The line with another line added.
    #[must_use]
    pub fn and_line(mut self, line: Self) -> Self {
        self.0.extend(line.0);
        self
    }

    /// The line as bare text, not yet escaped.
    pub fn text(&self) -> String {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Words(text) | Piece::Name(text) | Piece::Free(text) | Piece::Strong(text) | Piece::Faint(text) => text.as_str(),
            })
            .collect()
    }

    /// Whether nothing stands on it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Section {
    /// Whether a reader would see nothing of it.
    pub fn is_bare(&self) -> bool {
        self.title.is_none() && self.rows.is_empty() && self.notes.is_empty()
    }
}

impl Column {
    /// A column of words and names.
    pub const fn text(title: &'static str) -> Self {
        Self { title, holds: Holds::Text }
    }

    /// A column of sentences.
    pub const fn prose(title: &'static str) -> Self {
        Self { title, holds: Holds::Prose }
    }

    /// A column of numbers.
    pub const fn number(title: &'static str) -> Self {
        Self { title, holds: Holds::Number }
    }

    /// A column of intervals.
    pub const fn interval(title: &'static str) -> Self {
        Self { title, holds: Holds::Interval }
    }
}

impl Cell {
    /// A cell with a name.
    pub fn name(name: impl Into<String>) -> Self {
        Self::Line(Line::name(name))
    }

    /// A cell with words.
    pub fn words(words: impl Into<String>) -> Self {
        Self::Line(Line::words(words))
    }
}

/// How many rows are shown.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Rows {
    /// This many at most.
    Top(usize),
    /// All.
    All,
}

impl Rows {
    /// Cuts a list, and says what was cut.
    pub fn cut<T>(self, list: &mut Vec<T>, what: &str) -> Option<Line> {
        let Self::Top(most) = self else { return None };
        let all = list.len();
        (all > most).then(|| {
            list.truncate(most);
            Line::default().and_faint(format!("showing {most} of {all} {what}; --all shows every one"))
        })
    }
}

/// Both ends of a list that is longer than `most`, half of it each; of another one all, and nothing.
pub fn both_ends<T>(list: &[T], most: usize) -> (&[T], &[T]) {
    if list.len() <= most { (list, &[]) } else { (&list[..most / 2], &list[list.len() - most / 2..]) }
}

/// Arcs of a path that a form for machines writes out, half of them from either end.
pub const MOST_STEPS: usize = 100;

/// A value as two decimals without a leading zero. Never rounds up to certainty, nor down to nothing.
pub fn decimal(value: BasisPoints) -> String {
    match value.0 {
        0 => "0".to_owned(),
        1..=99 => "<.01".to_owned(),
        10_000.. => "1.00".to_owned(),
        value => format!(".{:02}", value / 100),
    }
}

/// An interval as two decimals, or one if both ends read alike.
pub fn interval(interval: Published<BasisPoints>) -> String {
    let (low, high) = (decimal(interval.low), decimal(interval.high));
    if low == high { high } else { format!("{low}–{high}") }
}

/// A sum of risk as points: 1 is one crown jewel wholly exposed.
pub fn sum(points: u64) -> String {
    let hundredths = points / 100;
    if points > 0 && hundredths == 0 {
        return "<.01".to_owned();
    }
    match (hundredths / 100, hundredths % 100) {
        (0, 0) => "0".to_owned(),
        (0, part) => format!(".{part:02}"),
        (whole, part) => format!("{whole}.{part:02}"),
    }
}

/// Basis points of risk as points of .01: `49`, `12.5`, `.07`.
pub fn points(basis_points: u64) -> String {
    let (whole, part) = (basis_points / 100, basis_points % 100);
    let whole = if whole == 0 && part > 0 { String::new() } else { whole.to_string() };
    match (part, part % 10) {
        (0, _) => whole,
        (_, 0) => format!("{whole}.{}", part / 10),
        _ => format!("{whole}.{part:02}"),
    }
}

/// An interval of sums.
pub fn sums(sums: Published<u64>) -> String {
    let (low, high) = (sum(sums.low), sum(sums.high));
    if low == high { high } else { format!("{low}–{high}") }
}

/// The band of an exposure or a risk.
///
/// # Source
/// NIST SP 800-30 r1, appendix: very low 0–4, low 5–20, moderate 21–79, high 80–95, very high 96–100.
pub fn band(value: BasisPoints) -> &'static str {
    match value.0 / 100 {
        0..=4 => "very low",
        5..=20 => "low",
        21..=79 => "moderate",
        80..=95 => "high",
        _ => "very high",
    }
}
