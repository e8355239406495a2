//! Reading models, overlays and the policy.

use super::arguments::{ModelOptions, ProfileName};
use super::cache::CachedModel;
use super::output::Failure;
use super::place::{Place, Project};
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use weaklink::catalog::{Policy, Profile};
use weaklink::coverage::Coverage;
use weaklink::estate::document::Document;
use weaklink::estate::{Estate, read_document};
use weaklink::graph::ExposureGraph;
use weaklink::import::{self, FileReport, Format, Options};
use weaklink::report::faults;
use weaklink::source::{Diagnostics, Fault, FileKind, Limits, Noun, ReadError, Severity, Source, visible};

/// Diagnostics shown of one run; the rest is counted.
const MOST_SHOWN: usize = 50;

/// Overlays that one run reads.
const MOST_OVERLAYS: usize = 1_000;

/// A model that was read, and all that its questions need.
pub(crate) struct Model {
    pub(crate) sources: Vec<Source>,
    pub(crate) policy: Policy,
    pub(crate) estate: Estate,
    pub(crate) coverage: Coverage,
    /// What is odd about the model; a cache only has their number, see [`read`].
    pub(crate) warnings: Diagnostics,
    pub(crate) warning_count: usize,
    /// How much its files were allowed to hold.
    pub(crate) limits: Limits,
    /// The files that the model argument means, as the sources are numbered.
    pub(crate) places: Vec<Place>,
    /// What the project states beside its model.
    pub(crate) project: Project,
}

/// What reading came to, faults included, for `check`.
pub(crate) enum Reading {
    Valid(Box<Model>),
    Invalid(Vec<Source>, Diagnostics),
    Unreadable(Vec<ReadError>),
}

impl Model {
    /// Reads a model, or fails with all its faults drawn.
    pub(crate) fn read(options: &ModelOptions) -> Result<Self, Failure> {
        let model = Self::read_quietly(options)?;
        model.note_warnings("the model");
        Ok(model)
    }

    /// The same without a word about warnings: of a cache as it was compiled, where nothing else is asked for.
    pub(crate) fn read_quietly(options: &ModelOptions) -> Result<Self, Failure> {
        if options.reading.overlays.is_empty()
            && options.reading.policy.is_none()
            && let Some(cached) = CachedModel::open(&options.model)?
            && let Some(model) = cached.model(options)?
        {
            return Ok(model);
        }
        read(options)?.valid()
    }

    /// A model as it was compiled.
    pub(super) fn of_cache(
        sources: Vec<Source>,
        (policy, estate, coverage): (Policy, Estate, Coverage),
        warning_count: usize,
        max_size: u64,
        project: Project,
    ) -> Self {
        let (warnings, limits, places) = (Diagnostics::default(), Limits::for_files_of(max_size), project.read_places());
        Self { sources, policy, estate, coverage, warnings, warning_count, limits, places, project }
    }

    /// Says that there are warnings, and who shows them.
    pub(crate) fn note_warnings(&self, of: &str) {
        let warnings = self.warning_count;
        if warnings > 0 {
            let noun = if warnings == 1 { "warning" } else { "warnings" };
            let _ = writeln!(anstream::stderr(), "note: {warnings} {noun} about {of}; `weaklink check` shows them");
        }
    }

    /// The exposure graph of the model.
    pub(crate) fn graph(&self) -> ExposureGraph<'_> {
        ExposureGraph::build(&self.estate, &self.coverage, &self.policy)
    }
}

impl Reading {
    /// The model, or a failure with all its faults drawn.
    pub(crate) fn valid(self) -> Result<Model, Failure> {
        match self {
            Self::Valid(model) => Ok(*model),
            Self::Invalid(sources, diagnostics) => Err(Failure::BadInput(drawn(&diagnostics, &sources))),
            Self::Unreadable(errors) => Err(unreadable(&errors)),
        }
    }
}

/// Diagnostics as text for standard error.
pub(crate) fn drawn(diagnostics: &Diagnostics, sources: &[Source]) -> String {
    faults::render(diagnostics, sources, true, MOST_SHOWN)
}

/// What is said of files that cannot be read.
pub(crate) fn unreadable(errors: &[ReadError]) -> Failure {
    let told = |error: &ReadError| match remedy(error) {
        Some(help) => format!("error: {error}\n  help: {help}\n"),
        None => format!("error: {error}\n"),
    };
    Failure::BadInput(errors.iter().map(told).collect::<Vec<_>>().concat())
}

/// What to do about a file that cannot be read.
pub(crate) fn remedy(error: &ReadError) -> Option<&'static str> {
    match error {
        ReadError::TooLarge { .. } => Some("--max-size MIB raises the limit"),
        ReadError::NotAFile { found: FileKind::Pipe, .. } => Some("`-` reads standard input, so that a pipe can be given as `< PIPE`"),
        _ => None,
    }
}

/// Refuses arguments that name standard input twice, or a terminal as it.
pub(crate) fn read_stdin_once<'p>(paths: impl IntoIterator<Item = &'p PathBuf>) -> Result<(), Failure> {
    let from_stdin = paths.into_iter().filter(|path| path.as_os_str() == "-").count();
    if from_stdin > 1 {
        return Err(Failure::bad_input("standard input can be read once, and `-` is named more than once"));
    }
    if from_stdin == 1 && std::io::stdin().is_terminal() {
        return Err(Failure::bad_input_with_help("`-` reads standard input, and that is a terminal", "name a file, or pipe one in"));
    }
    Ok(())
}

/// Reads a model with its overlays and policy; of a cache the texts that it was made from.
pub(crate) fn read(options: &ModelOptions) -> Result<Reading, Failure> {
    let given = std::iter::once(&options.model).chain(&options.reading.overlays).chain(&options.reading.policy);
    read_stdin_once(given)?;
    let cached = CachedModel::open(&options.model)?;
    let max_size = options.reading.max_size.max(cached.as_ref().map_or(0, CachedModel::max_size));
    let limit = max_size * 1024 * 1024;
    let limits = Limits::for_files_of(max_size);
    let mut project = match &cached {
        Some(cached) => cached.project()?,
        None => Project::find(&options.model, limit)?,
    };
    let own_overlays = project.overlays.len();
    for overlay in &options.reading.overlays {
        project.overlays.push(Place::parse(overlay)?);
    }
    if let Some(policy) = &options.reading.policy {
        project.policy = Some(Place::parse(policy)?);
    }
    if project.overlays.len() > MOST_OVERLAYS {
        return Err(Failure::bad_input(format!("there are {} overlays, and at most {MOST_OVERLAYS} are read", project.overlays.len())));
    }
    let places = project.read_places();
    let last = places.len() - 1;
    let mut known = match &cached {
        // Its own policy, unless another is given, comes behind overlays that are added now.
        Some(cached) => {
            let policy = options.reading.policy.is_none().then_some(last as u16);
            cached.sources((0..=own_overlays as u16).chain(policy))?
        }
        None => Vec::new(),
    };
    let mut sources = Vec::new();
    let mut errors = Vec::new();
    for (place, number) in places.iter().zip(0..) {
        let known = known.iter().position(|source| source.index() == number).map(|at| known.swap_remove(at));
        match known.map_or_else(|| place.read(number, limit), |source| Ok(Ok(source)))? {
            Ok(source) => sources.push(source),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Ok(Reading::Unreadable(errors));
    }
    let models: Vec<&Source> = sources.iter().take(1 + project.overlays.len()).collect();
    let as_of = options.reading.as_of.unwrap_or_else(today);
    let mut policy = match &project.policy {
        None => Policy::shipped().clone(),
        Some(_) => match Policy::parse(&sources[sources.len() - 1]) {
            Ok(policy) => policy,
            Err(mut faults) => {
                // The model's own faults are told in the same run; which control classes there are only the policy knows.
                let of_model = estate(&models, Policy::shipped(), as_of, &limits);
                let mut of_model = of_model.map_or_else(|faults| faults, |(_, warnings)| warnings);
                of_model.retain(|diagnostic| {
                    !matches!(diagnostic.fault, Fault::UnknownWord { noun: Noun::Class, .. } | Fault::Undefined { noun: Noun::Class, .. })
                });
                faults.extend(of_model);
                faults.sort();
                return Ok(Reading::Invalid(sources, faults));
            }
        },
    };
    switch_profiles(&mut policy, options);
    match estate(&models, &policy, as_of, &limits) {
        Ok((estate, warnings)) => {
            let coverage = Coverage::of(&estate, &policy, as_of);
            let warning_count = warnings.count(Severity::Warning);
            Ok(Reading::Valid(Box::new(Model { sources, policy, estate, coverage, warnings, warning_count, limits, places, project })))
        }
        Err(diagnostics) => Ok(Reading::Invalid(sources, diagnostics)),
    }
}

/// Switches on the profiles that are asked for.
pub(crate) fn switch_profiles(policy: &mut Policy, options: &ModelOptions) {
    if let Some(names) = &options.reading.profiles {
        policy.switch_profiles(names.iter().copied().map(profile));
    }
}

/// The estate of a model and its overlays.
fn estate(sources: &[&Source], policy: &Policy, as_of: jiff::civil::Date, limits: &Limits) -> Result<(Estate, Diagnostics), Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    if sources.iter().all(|source| Format::of(source).is_none()) {
        return Estate::load(sources, policy, as_of, limits);
    }
    let documents = documents(sources, limits, &mut diagnostics, note_import)?;
    Estate::of(documents, policy, as_of, diagnostics)
}

/// The documents of a model and its overlays; those that other tools wrote are imported, together, and stand where the first
/// of them does. `note` is told what each of these gave.
pub(crate) fn documents(
    sources: &[&Source],
    limits: &Limits,
    diagnostics: &mut Diagnostics,
    note: impl FnOnce(&[FileReport]),
) -> Result<Vec<Document>, Diagnostics> {
    let formats: Vec<Option<Format>> = sources.iter().map(|source| Format::of(source)).collect();
    let foreign: Vec<(&Source, Option<Format>)> =
        sources.iter().zip(&formats).filter(|(_, format)| format.is_some()).map(|(source, format)| (*source, *format)).collect();
    let mut imported = None;
    if !foreign.is_empty() {
        let import = import::import(&foreign, &Options::default())?;
        note(&import.files);
        diagnostics.extend(import.warnings);
        imported = Some(import.document);
    }
    let mut documents = Vec::new();
    for (source, format) in sources.iter().zip(formats) {
        match format {
            Some(_) => documents.extend(imported.take()),
            None => match read_document(source, limits, diagnostics) {
                Some(document) => documents.push(document),
                None => {
                    diagnostics.sort();
                    return Err(std::mem::take(diagnostics));
                }
            },
        }
    }
    Ok(documents)
}

/// Says which format each file was taken for.
fn note_import(files: &[FileReport]) {
    for file in files {
        let name = visible(&file.name).into_owned();
        let _ = writeln!(anstream::stderr(), "note: took {name} for {}; `weaklink import` makes a model file of it", file.format.title());
    }
}

fn profile(name: ProfileName) -> Profile {
    match name {
        ProfileName::Up => Profile::Up,
        ProfileName::Govern => Profile::Govern,
        ProfileName::Escape => Profile::Escape,
    }
}

/// Today in UTC, so that the same command gives the same answer in every time zone.
pub(crate) fn today() -> jiff::civil::Date {
    jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date()
}
