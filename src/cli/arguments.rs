//! The command line: commands and their options.

use super::choke::ChokeOptions;
use super::owners::OwnersOptions;
use super::unknowns::UnknownsOptions;
use super::why_not::WhyNotOptions;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// What else is exposed when one layer of one system is not covered.
///
/// Cloud security is split: the provider secures some layers, you secure others, some are shared. weaklink reads a
/// model of systems, connections and owners per layer, finds the coverage gaps, and tells how far each would reach.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "Exit status: 0 fine, 1 a gate failed, 2 wrong usage or bad input, 3 could not finish."
)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// When to use colour; `NO_COLOR` is obeyed.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Report every fault and warning of a model.
    Check(CheckOptions),
    /// Show who claims each layer, who the responsibility matrix expects, and what is in place.
    Matrix(MatrixOptions),
    /// List the coverage gaps, worst first.
    Gaps(GapsOptions),
    /// Show what is exposed if TARGET fails.
    Blast(QueryOptions),
    /// Show the reverse: what would reach TARGET if it failed.
    Exposed(QueryOptions),
    /// Show the best paths between two targets, every factor explained.
    Why(WhyOptions),
    /// Show what holds where FROM does not expose TO, and what of it is load-bearing.
    WhyNot(WhyNotOptions),
    /// Show where all exposure of targets passes, and what each fix would remove.
    Choke(ChokeOptions),
    /// Show which fact to find out next: the unknowns by what each takes away if it turns out well.
    Unknowns(UnknownsOptions),
    /// Show what each party's gaps do to the systems of each other party.
    Owners(OwnersOptions),
    /// Show how probable it is that systems are exposed, over all paths together.
    Percolate(super::percolate::PercolateOptions),
    /// Score an estate: posture, systems, gaps, parties.
    Score(ScoreOptions),
    /// Compare a model with itself after edits that are not made.
    WhatIf(super::what_if::WhatIfOptions),
    /// Plan fixes: the best within a budget, or what protects a target; each with its certificate.
    Fix(super::fix::FixOptions),
    /// Check what an earlier run claims: paths, cuts and plans, by other means than they were found.
    Verify(super::verify::VerifyOptions),
    /// Compare two models, and give the verdict that a reviewer acts on.
    Review(ReviewOptions),
    /// Accept a finding until a date, with a reason and a name.
    Accept(AcceptOptions),
    /// Draw a diagram that answers one question.
    Dot(DotOptions),
    /// Make a model of files of other tools.
    Import(ImportOptions),
    /// Write the estate in a format of other tools: a threat model or a responsibility matrix.
    ///
    /// `otm` is an Open Threat Model 0.2.0, JSON: systems are its components, connections its data flows, coverage gaps
    /// its threats. `weaklink import otm` reads it back: systems, owners, and connections with kind, certainty and
    /// controls; claims about layers it cannot hold.
    ///
    /// `crm` is a customer responsibility matrix, CSV: a row for each system, layer and control, with who is responsible
    /// and who owns it, OSCAL's words for status and origination, and the identifiers of NIST SP 800-53, CSA CCM and CIS.
    Export(ExportOptions),
    /// Read a model once, and keep what reading came to: a cache, which every command takes in place of MODEL.
    ///
    /// A cache answers without the files that it was made from, and is refused where one of them is there and has changed, where
    /// another version wrote it, and where it is damaged.
    Compile(super::cache::CompileOptions),
    /// Explain a gap kind, a diagnostic code, a layer, a control, a service or a word on the screen.
    Explain {
        /// What to explain; without it, what there is to explain.
        #[arg(value_name = "WORD")]
        what: Vec<String>,
        /// The form of the answer.
        #[arg(long, short, value_name = "FORM", default_value = "table")]
        format: PlainFormat,
        #[command(flatten)]
        out: OutOption,
    },
    /// Write a model to start from.
    Init(InitOptions),
    /// Print the JSON Schema of the model file, or of a command's JSON output.
    Schema {
        /// `model`, or the command whose output is meant.
        #[arg(default_value = "model", value_parser = schema_names())]
        of: String,
        #[command(flatten)]
        out: OutOption,
    },
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write all pages into a folder.
    Man {
        /// A folder for one page per command.
        directory: Option<PathBuf>,
    },
}

fn schema_names() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(std::iter::once("model").chain(weaklink::report::json::OUTPUTS.iter().copied()))
}

/// Where the answer goes.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct OutOption {
    /// Write to FILE instead of standard output, which `-` means too; an old file is kept until the new one is whole.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

impl OutOption {
    /// Takes the names of standard output for what they mean, and gives the file to write, if one remains.
    pub(crate) fn settle(&mut self) -> Option<PathBuf> {
        self.output.take_if(|path| path.as_os_str() == "-" || path.as_os_str() == "/dev/stdout");
        self.output.clone()
    }
}

/// The model and what it is read with.
#[derive(Clone, Debug, Args)]
pub(crate) struct ModelOptions {
    /// The model file, JSON or YAML; `-` is standard input. A folder with a `weaklink.toml` stands for the files that it
    /// names, `git:REV:PATH` for a file or folder of a commit, and a cache that `compile` wrote for the model that it was made of.
    #[arg(value_name = "MODEL")]
    pub(crate) model: PathBuf,
    #[command(flatten)]
    pub(crate) reading: ReadingOptions,
}

/// What models are read with.
#[derive(Clone, Debug, Args)]
pub(crate) struct ReadingOptions {
    /// Add an overlay: more parties, systems, connections and rules. May be repeated; later ones win.
    #[arg(long = "with", value_name = "FILE")]
    pub(crate) overlays: Vec<PathBuf>,
    /// Use this policy instead of the one that ships (`weaklink init --policy` writes it out).
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Switch on these profiles of climb rules, instead of the policy's choice.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(crate) profiles: Option<Vec<ProfileName>>,
    /// The date on which evidence is judged; default today (UTC).
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub(crate) as_of: Option<jiff::civil::Date>,
    /// Read files of up to this many MiB.
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..=4095))]
    pub(crate) max_size: u64,
}

/// The forms of an answer that is rows.
#[derive(Clone, Debug, Args)]
pub(crate) struct RowsOptions {
    /// The form of the answer.
    #[arg(long, short, value_name = "FORM", default_value = "table")]
    pub(crate) format: Format,
    /// Show this many rows per table (JSON and CSV are always whole).
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) top: u32,
    /// Show every row.
    #[arg(long, conflicts_with = "top")]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) out: OutOption,
}

#[derive(Debug, Args)]
pub(crate) struct CheckOptions {
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    /// Hold the model's gaps against limits, and exit with 1 where one is not kept.
    #[arg(long)]
    pub(crate) gate: bool,
    /// No system's risk may be at or above this many points (80); `off` switches the rule off.
    #[arg(long, value_name = "POINTS", value_parser = parse_share, requires = "gate")]
    pub(crate) critical: Option<Points>,
    /// The posture may not be below this, 0 to 100, in the worst case (off).
    #[arg(long, value_name = "POSTURE", value_parser = parse_share, requires = "gate")]
    pub(crate) posture: Option<Points>,
    /// Gaps of these kinds may not be there at all (none).
    #[arg(long, value_name = "KINDS", value_delimiter = ',', value_parser = gap_kinds(), requires = "gate")]
    pub(crate) deny: Option<Vec<String>>,
    #[command(flatten)]
    pub(crate) gating: GatingOptions,
    #[command(flatten)]
    pub(crate) findings: FindingsOptions,
}

/// The forms of an answer that is findings.
#[derive(Clone, Debug, Args)]
pub(crate) struct FindingsOptions {
    /// The form of the answer; of `check` those for other programs need `--gate`.
    #[arg(long, short, value_name = "FORM", default_value = "table")]
    pub(crate) format: FindingsFormat,
    /// Show this many rows per table.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) top: u32,
    /// Show every row.
    #[arg(long, conflicts_with = "top")]
    pub(crate) all: bool,
    /// Show the file and line of each gap or change.
    #[arg(long)]
    pub(crate) lines: bool,
    #[command(flatten)]
    pub(crate) out: OutOption,
}

/// What gates have in common.
#[derive(Clone, Debug, Args)]
pub(crate) struct GatingOptions {
    /// Use this file of waivers instead of the project's.
    #[arg(long, value_name = "FILE")]
    pub(crate) waivers: Option<PathBuf>,
    /// Exit with 0 where the gate fails; bad input and faults of the program still show.
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ReviewOptions {
    /// The model before the change: a file, a folder with a `weaklink.toml`, or `git:REV:PATH`. Limits, waivers, policy
    /// and criticality are its.
    #[arg(value_name = "BASE")]
    pub(crate) base: PathBuf,
    /// The model after the change, named likewise.
    #[arg(value_name = "HEAD")]
    pub(crate) head: PathBuf,
    #[command(flatten)]
    pub(crate) reading: ReadingOptions,
    /// A system whose risk is at or above this many points must not rise (80); `off` switches the rule off.
    #[arg(long, value_name = "POINTS", value_parser = parse_share)]
    pub(crate) critical: Option<Points>,
    /// No system may rise by more points than this (1), or `off`.
    #[arg(long, value_name = "POINTS", value_parser = parse_share)]
    pub(crate) ratchet: Option<Points>,
    /// All rises together may not be more points than this (5), or `off`.
    #[arg(long, value_name = "POINTS", value_parser = parse_points)]
    pub(crate) budget: Option<Points>,
    /// Whether to fail on what lowers risk by word alone (on).
    #[arg(long, value_name = "ON|OFF")]
    pub(crate) weakening: Option<Switch>,
    /// Whether to fail on touched systems that are less well known (on).
    #[arg(long, value_name = "ON|OFF")]
    pub(crate) unknown: Option<Switch>,
    #[command(flatten)]
    pub(crate) gating: GatingOptions,
    #[command(flatten)]
    pub(crate) findings: FindingsOptions,
}

#[derive(Debug, Args)]
pub(crate) struct AcceptOptions {
    /// The finding, `KIND@SUBJECT`, as a review or `check --gate` names it.
    #[arg(value_name = "FINDING", value_parser = weaklink::project::FindingId::parse)]
    pub(crate) finding: weaklink::project::FindingId,
    /// The last day on which it is accepted.
    #[arg(long, value_name = "DATE", value_parser = parse_date)]
    pub(crate) until: jiff::civil::Date,
    /// Why it is accepted.
    #[arg(long, value_name = "TEXT", value_parser = parse_stated)]
    pub(crate) reason: String,
    /// Who accepts it.
    #[arg(long, value_name = "NAME", value_parser = parse_stated)]
    pub(crate) by: String,
    /// For a rise: accept no more than this many points.
    #[arg(long, value_name = "POINTS", value_parser = parse_share)]
    pub(crate) up_to: Option<Points>,
    /// Write into this file of waivers instead of the project's.
    #[arg(long, value_name = "FILE")]
    pub(crate) waivers: Option<PathBuf>,
}

/// The forms of findings.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FindingsFormat {
    /// A page for people.
    Table,
    /// The page as a comment on a pull request, cut to what fits into one.
    Markdown,
    /// The versioned contract for machines.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// A test report, one test per rule.
    Junit,
    /// Annotations of GitHub Actions.
    Github,
    /// A code quality report of GitLab.
    Gitlab,
}

/// A limit in basis points of risk; none: off.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(crate) struct Points(pub(crate) Option<u64>);

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// The rule counts.
    On,
    /// It does not.
    Off,
}

#[derive(Debug, Args)]
pub(crate) struct MatrixOptions {
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    /// One system; without it, all.
    #[arg(value_name = "SYSTEM")]
    pub(crate) system: Option<String>,
    #[command(flatten)]
    pub(crate) rows: RowsOptions,
}

#[derive(Debug, Args)]
pub(crate) struct GapsOptions {
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    /// Show the file and line of each claim; lines are all that follows the order of the file.
    #[arg(long)]
    pub(crate) lines: bool,
    #[command(flatten)]
    pub(crate) rows: RowsOptions,
}

#[derive(Debug, Args)]
pub(crate) struct QueryOptions {
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    /// `SYSTEM`, `SYSTEM:LAYER`, a party, a control, a connection or a gap kind; `party:`, `control:`, `connection:`
    /// and `gap:` before a name say which is meant.
    #[arg(value_name = "TARGET")]
    pub(crate) target: String,
    /// List what is exposed at or above this, 0 to 1; default: the policy's.
    #[arg(long, value_name = "X", value_parser = parse_threshold)]
    pub(crate) threshold: Option<f64>,
    /// How a path's value grows.
    #[arg(long, value_name = "NAME", default_value = "product")]
    pub(crate) semiring: SemiringName,
    #[command(flatten)]
    pub(crate) rows: RowsOptions,
}

#[derive(Debug, Args)]
pub(crate) struct WhyOptions {
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    /// Where paths start, named as a TARGET of `blast`.
    #[arg(value_name = "FROM")]
    pub(crate) from: String,
    /// Where paths end, named likewise.
    #[arg(value_name = "TO")]
    pub(crate) to: String,
    /// Show this many paths.
    #[arg(long, value_name = "K", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) paths: u32,
    /// How a path's value grows.
    #[arg(long, value_name = "NAME", default_value = "product")]
    pub(crate) semiring: SemiringName,
    /// For `reach`: arcs count at or above this, 0 to 1; default: the policy's.
    #[arg(long, value_name = "X", value_parser = parse_threshold)]
    pub(crate) threshold: Option<f64>,
    /// The form of the answer.
    #[arg(long, short, value_name = "FORM", default_value = "table")]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) out: OutOption,
}

#[derive(Debug, Args)]
pub(crate) struct ScoreOptions {
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    /// The threshold of the gaps' blast radii, 0 to 1; default: the policy's.
    #[arg(long, value_name = "X", value_parser = parse_threshold)]
    pub(crate) threshold: Option<f64>,
    /// Compute also above 1,000 systems what takes searches of its own for every system and gap: impact, downstream and blast
    /// radius of the rows that are shown; with `--all`, JSON or CSV of every row, and shares, which is quadratic in the estate.
    #[arg(long)]
    pub(crate) attribution: bool,
    /// Show only this table. CSV holds one: the systems, unless another is asked for; JSON always holds all.
    #[arg(long, value_name = "NAME")]
    pub(crate) table: Option<ScoreTableName>,
    /// Draw the posture as a badge, an SVG, instead.
    #[arg(long, conflicts_with_all = ["table", "format", "top", "all", "attribution"])]
    pub(crate) badge: bool,
    #[command(flatten)]
    pub(crate) rows: RowsOptions,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScoreTableName {
    /// The systems by risk.
    Systems,
    /// The gaps by their share of the risk.
    Gaps,
    /// What parties generate and suffer.
    Parties,
}

#[derive(Debug, Args)]
pub(crate) struct DotOptions {
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    /// The question: `estate`, `blast:TARGET`, `why:FROM..TO`, `fold` (by provider; `fold:owner`, `fold:tag`), or
    /// `diff:BASE`, what changes from the model file BASE. Default: the estate, folded above 40 systems.
    #[arg(long, value_name = "VIEW")]
    pub(crate) view: Option<String>,
    /// The form of the diagram; default: as FILE ends, else dot.
    #[arg(long, short, value_name = "FORM")]
    pub(crate) format: Option<DiagramFormat>,
    /// For a light or a dark page; auto is light, and in an SVG whichever the reader prefers.
    #[arg(long, value_name = "NAME", default_value = "auto")]
    pub(crate) theme: ThemeName,
    /// For `blast`: draw what is exposed at or above this, 0 to 1; default: the policy's.
    #[arg(long, value_name = "X", value_parser = parse_threshold)]
    pub(crate) threshold: Option<f64>,
    /// For `blast` and `why`: how a path's value grows.
    #[arg(long, value_name = "NAME", default_value = "product")]
    pub(crate) semiring: SemiringName,
    /// Have Graphviz lay out and draw an SVG or PNG; a PDF always needs it. Its program is `dot`, or what
    /// `WEAKLINK_DOT` names.
    #[arg(long)]
    pub(crate) graphviz: bool,
    /// Give Graphviz this long.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(crate) timeout: u64,
    #[command(flatten)]
    pub(crate) out: OutOption,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiagramFormat {
    /// Graphviz's language.
    Dot,
    /// A drawing that scales.
    Svg,
    /// A picture.
    Png,
    /// A page; needs Graphviz.
    Pdf,
    /// For Markdown; cut to what the sites that show it accept.
    Mermaid,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ThemeName {
    /// Light; in an SVG dark where the reader prefers that.
    Auto,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

#[derive(Debug, Args)]
pub(crate) struct ImportOptions {
    /// The format of the files; `auto` finds out, also where files of several formats are given together.
    #[arg(value_name = "FORMAT", value_parser = import_formats())]
    pub(crate) format: String,
    /// The files; `-` is standard input, `git:REV:PATH` a file of a commit. All of them make one model.
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Tell what was seen, inferred and not understood, file by file; with `-o` the model is written, too.
    #[arg(long)]
    pub(crate) report: bool,
    /// Show every row of the report.
    #[arg(long, requires = "report")]
    pub(crate) all: bool,
    /// The kind of connections whose kind a graph does not say (reaches).
    #[arg(long, value_name = "KIND", value_parser = connection_kinds())]
    pub(crate) kind: Option<String>,
    /// The edges of a graph say what needs what, `a -> b` that `a` needs `b`: exposure goes from `b` to `a`.
    #[arg(long)]
    pub(crate) reverse: bool,
    /// What an attribute of ours is called in a graph or a table: `from=caller`, `owner=team`. May be repeated.
    #[arg(long = "column", value_name = "OURS=THEIRS", value_parser = parse_column)]
    pub(crate) columns: Vec<(String, String)>,
    /// Write the model in this form (by the name of the file; YAML).
    #[arg(long, value_name = "FORM")]
    pub(crate) write: Option<ModelFormat>,
    /// Read files of up to this many MiB.
    #[arg(long, value_name = "MIB", default_value_t = 256, value_parser = clap::value_parser!(u64).range(1..=4095))]
    pub(crate) max_size: u64,
    #[command(flatten)]
    pub(crate) out: OutOption,
}

#[derive(Debug, Args)]
pub(crate) struct ExportOptions {
    /// The format to write.
    #[arg(value_name = "FORMAT")]
    pub(crate) format: ExportFormat,
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    #[command(flatten)]
    pub(crate) out: OutOption,
}

/// The formats of other tools that are written.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// An Open Threat Model 0.2.0, for threat modelling tools.
    Otm,
    /// A customer responsibility matrix as CSV, for reviewers and auditors.
    Crm,
}

/// The forms of a model file.
#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModelFormat {
    /// YAML.
    Yaml,
    /// JSON.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct InitOptions {
    /// The file to write; an existing one is never overwritten.
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Write the storefront example, ten systems, instead of the two-system start.
    #[arg(long, conflicts_with = "policy")]
    pub(crate) example: bool,
    /// Write the shipped policy, to start an own one from.
    #[arg(long)]
    pub(crate) policy: bool,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A page for people.
    Table,
    /// The versioned contract for machines.
    Json,
    /// The rows, for a spreadsheet.
    Csv,
    /// The page as Markdown.
    Markdown,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlainFormat {
    /// Text for people.
    Table,
    /// The versioned contract for machines.
    Json,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SemiringName {
    /// The most likely path, barriers failing independently.
    Product,
    /// The weakest barrier of the strongest path.
    Bottleneck,
    /// Whether a path exists whose every arc is at or above the threshold.
    Reach,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileName {
    /// Strictly bottom to top.
    Up,
    /// The control plane acts sideways and down.
    Govern,
    /// Break-out downwards.
    Escape,
}

#[derive(Copy, Clone, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal only.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    /// Tells the output streams.
    pub(crate) fn write_global(self) {
        match self {
            Self::Auto => {}
            Self::Always => anstream::ColorChoice::Always.write_global(),
            Self::Never => anstream::ColorChoice::Never.write_global(),
        }
    }
}

fn import_formats() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(std::iter::once("auto").chain(weaklink::import::Format::IDS.iter().copied()))
}

fn connection_kinds() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(weaklink::catalog::ConnectionKind::IDS)
}

fn parse_column(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((ours, theirs)) if !ours.is_empty() && !theirs.is_empty() => Ok((ours.to_owned(), theirs.to_owned())),
        _ => Err("expected OURS=THEIRS, such as `from=caller`".to_owned()),
    }
}

fn gap_kinds() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(weaklink::catalog::GapKind::IDS)
}

/// Points from 0 to 100.
fn parse_share(text: &str) -> Result<Points, String> {
    limit(text, 100.0).ok_or_else(|| "a number of points from 0 to 100, or `off`".to_owned())
}

/// Points of a sum.
fn parse_points(text: &str) -> Result<Points, String> {
    limit(text, 1e9).ok_or_else(|| "a number of points, or `off`".to_owned())
}

fn limit(text: &str, most: f64) -> Option<Points> {
    if text == "off" {
        return Some(Points(None));
    }
    let points: f64 = text.parse().ok().filter(|points| (0.0..=most).contains(points))?;
    Some(Points(Some((points * 100.0).round() as u64)))
}

fn parse_stated(text: &str) -> Result<String, String> {
    let is_stated = !text.trim().is_empty() && !text.chars().any(char::is_control);
    if is_stated { Ok(text.to_owned()) } else { Err("a text on one line".to_owned()) }
}

fn parse_date(text: &str) -> Result<jiff::civil::Date, String> {
    weaklink::source::decode::parse_date(text).ok_or_else(|| "a date is written YYYY-MM-DD".to_owned())
}

pub(crate) fn parse_threshold(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("a threshold is a number from 0 to 1".to_owned()),
    }
}
