//! Caches of models: `compile` writes one, and every command takes it in place of the model.

use super::arguments::{ModelOptions, OutOption};
use super::input::{self, Model};
use super::output::{self, Failure};
use super::place::{Place, Project};
use clap::Args;
use indicatif::DecimalBytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use weaklink::cache::{Cache, CacheFault, CacheFaultKind, CacheWriter};
use weaklink::catalog::{Policy, edition};
use weaklink::coverage::Coverage;
use weaklink::engine::Engine;
use weaklink::estate::Estate;
use weaklink::import;
use weaklink::project::Settings;
use weaklink::report::pages::count;
use weaklink::source::{Fault, Format, Severity, Source, visible};

#[derive(Debug, Args)]
pub(crate) struct CompileOptions {
    #[command(flatten)]
    pub(crate) model: ModelOptions,
    #[command(flatten)]
    pub(crate) out: OutOption,
}

/// The name of the section that holds this.
const FILES: &str = "files";

/// Bytes of a text that are kept together.
const TEXT_BLOCK: usize = 1024 * 1024;

/// A file that was changed later than so long before it was read may have other content than its time lets believe.
const RECENT: Duration = Duration::from_secs(2);

/// The files that a cache is made from, and what reading them had to say.
#[derive(Debug, Serialize, Deserialize)]
struct Contents {
    /// The model, its overlays, and its policy if it has one of its own.
    files: Vec<CachedFile>,
    overlays: usize,
    /// The project's settings, with their text.
    settings: Option<(CachedFile, String)>,
    waivers: Option<CachedPlace>,
    /// How many MiB a file was allowed to have.
    max_size: u64,
    /// How many warnings there were, without those that depend on the day.
    warnings: usize,
}

/// A file that a cache is made from.
#[derive(Debug, Serialize, Deserialize)]
struct CachedFile {
    place: CachedPlace,
    format: Format,
    /// Its size and when it was last changed, where that can be told.
    stamp: Option<(u64, SystemTime)>,
    /// SHA-256 of its text.
    digest: [u8; 32],
}

/// Where a file was.
#[derive(Clone, Debug, Serialize, Deserialize)]
enum CachedPlace {
    Stdin,
    /// Below the folder of the cache.
    Below(PathBuf),
    /// Somewhere else.
    Path(PathBuf),
    /// In a commit, as an argument names it.
    Git(String),
}

/// An open cache of a model.
pub(crate) struct CachedModel {
    cache: Arc<Cache>,
    path: PathBuf,
    files: Contents,
}

/// Writes the cache of a model.
pub(crate) fn compile(options: &CompileOptions) -> Result<(), Failure> {
    let begun = SystemTime::now();
    let output = options.out.output.as_deref();
    if output.is_none() && io::stdout().is_terminal() {
        return Err(Failure::bad_input_with_help("a cache is not for a terminal", "`-o FILE` says where it goes, `-o model.wlk` say"));
    }
    let model = input::read(&options.model)?.valid()?;
    refuse_secrets(&model)?;
    model.note_warnings("the model");
    let files = Contents::of(&model, options, output, begun);
    output::write(&options.out, |out| write(&model, &files, out))?;
    let Some(output) = output else { return Ok(()) };
    let size = output.metadata().map_or(0, |metadata| metadata.len());
    let told = format!(
        "compiled {} and {} into {}, {}\n",
        count(model.estate.systems().len(), "system", "systems"),
        count(model.estate.connections().len(), "connection", "connections"),
        visible(&output.to_string_lossy()),
        DecimalBytes(size)
    );
    output::write_page(&OutOption::default(), &told)
}

/// Refuses files of other tools: a cache holds the texts that it is made from, and these hold secrets.
fn refuse_secrets(model: &Model) -> Result<(), Failure> {
    let Some((source, format)) = model.sources.iter().find_map(|source| Some((source, import::Format::of(source)?))) else { return Ok(()) };
    let name = visible(source.name()).into_owned();
    Err(Failure::bad_input_with_help(
        format!("`{name}` is {}, and a cache would hold a copy of it, secrets included", format.title()),
        format!("make a model of it first: `weaklink import {} {name} -o model.yaml`", format.id()),
    ))
}

fn write(model: &Model, files: &Contents, out: &mut dyn Write) -> io::Result<()> {
    let mut cache = CacheWriter::new(out, program())?;
    cache.value(FILES, files)?;
    model.estate.store(&mut cache)?;
    Engine::store(&model.graph(), &mut cache)?;
    for (source, number) in model.sources.iter().zip(0..) {
        cache.blocks(&text_name(number), blocks_of(source.text()))?;
    }
    cache.finish()
}

/// What writes caches: those of other programs, or of another catalogue, say other things.
fn program() -> String {
    format!("weaklink {} with catalogue {}", env!("CARGO_PKG_VERSION"), edition())
}

fn text_name(number: usize) -> String {
    format!("text {number}")
}

/// A text in pieces that are texts themselves.
fn blocks_of(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let mut end = text.len().min(TEXT_BLOCK);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let (block, rest) = text.split_at(end);
        text = rest;
        (!block.is_empty()).then_some(block)
    })
}

impl Contents {
    fn of(model: &Model, options: &CompileOptions, output: Option<&Path>, begun: SystemTime) -> Self {
        let folder = output.and_then(folder_of);
        let file = |(place, source): (&Place, &Source)| CachedFile {
            place: CachedPlace::of(place, folder.as_deref()),
            format: source.format(),
            stamp: stamp(place).filter(|(_, changed)| begun.duration_since(*changed).is_ok_and(|age| age > RECENT)),
            digest: Sha256::digest(source.text()).into(),
        };
        let settings = model.project.file.as_ref().map(|(place, source)| (file((place, source)), source.text().to_owned()));
        let depends_on_day = |fault: &Fault| matches!(fault, Fault::FutureEvidence { .. });
        let warnings = model.warnings.iter().filter(|told| told.severity == Severity::Warning && !depends_on_day(&told.fault)).count();
        Self {
            files: model.places.iter().zip(&model.sources).map(file).collect(),
            overlays: model.project.overlays.len(),
            settings,
            waivers: model.project.waivers.as_ref().map(|place| CachedPlace::of(place, folder.as_deref())),
            max_size: options.model.reading.max_size,
            warnings,
        }
    }
}

/// The whole path of the folder that a file is, or will be, in.
fn folder_of(file: &Path) -> Option<PathBuf> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    folder.canonicalize().ok()
}

/// How large a file is, and when it was changed.
fn stamp(place: &Place) -> Option<(u64, SystemTime)> {
    let Place::Path(path) = place else { return None };
    let metadata = path.metadata().ok()?;
    Some((metadata.len(), metadata.modified().ok()?))
}

/// A path as text, which it nearly always is.
fn written(path: &Path) -> PathBuf {
    PathBuf::from(path.to_string_lossy().into_owned())
}

impl CachedPlace {
    fn of(place: &Place, folder: Option<&Path>) -> Self {
        match place {
            Place::Stdin => Self::Stdin,
            Place::Git(_) => Self::Git(place.name()),
            Place::Path(path) => {
                let whole = path.canonicalize().unwrap_or_else(|_| path.clone());
                match folder.and_then(|folder| whole.strip_prefix(folder).ok()) {
                    Some(below) => Self::Below(written(below)),
                    None => Self::Path(written(&whole)),
                }
            }
        }
    }

    /// The place, seen from the folder in which the cache is now.
    fn found_from(&self, cache: &Path) -> Result<Place, Failure> {
        Ok(match self {
            Self::Stdin => Place::Stdin,
            Self::Below(below) => Place::Path(cache.parent().map_or_else(|| below.clone(), |folder| folder.join(below))),
            Self::Path(path) => Place::Path(path.clone()),
            Self::Git(object) => Place::parse(Path::new(object))?,
        })
    }
}

impl CachedModel {
    /// The cache that a model argument names; none if it names something else.
    ///
    /// # Errors
    /// The cache cannot be used: it is damaged, of another version, or stale.
    pub(crate) fn open(argument: &Path) -> Result<Option<Self>, Failure> {
        if !Cache::is_at(argument) {
            return Ok(None);
        }
        let cache = Cache::open(argument, &program()).map_err(|fault| refused(&fault))?;
        let files: Contents = cache.value(FILES).map_err(|fault| refused(&fault))?;
        let cached = Self { cache, path: argument.to_owned(), files };
        cached.refuse_stale()?;
        Ok(Some(cached))
    }

    /// The files that the cache stands for.
    pub(crate) fn project(&self) -> Result<Project, Failure> {
        let place = |file: &CachedFile| file.place.found_from(&self.path);
        let places: Vec<Place> = self.files.files.iter().map(place).collect::<Result<_, _>>()?;
        let mut rest = places.into_iter();
        let model = rest.next().ok_or_else(|| refused(&self.cache.damaged(FILES)))?;
        let overlays = rest.by_ref().take(self.files.overlays).collect();
        let waivers = self.files.waivers.as_ref().map(|place| place.found_from(&self.path)).transpose()?;
        let mut file = None;
        let mut settings = Settings::shipped().clone();
        if let Some((cached, text)) = &self.files.settings {
            let place = cached.place.found_from(&self.path)?;
            let source = Source::from_bytes(place.name(), text.clone().into_bytes(), 0).map_err(|error| input::unreadable(&[error]))?;
            settings = super::place::parse_settings(&source)?;
            file = Some((place, source));
        }
        Ok(Project { file, model, overlays, policy: rest.next(), waivers, settings })
    }

    /// How many MiB a file was allowed to have.
    pub(crate) fn max_size(&self) -> u64 {
        self.files.max_size
    }

    /// The sources, whose texts are read when they are asked for; each with the number that it has in this run.
    pub(crate) fn sources(&self, numbers: impl Iterator<Item = u16>) -> Result<Vec<Source>, Failure> {
        let of = |((file, number), index): ((&CachedFile, usize), u16)| {
            let blocks = self.cache.blocks(&text_name(number))?;
            let name = file.place.found_from(&self.path).map(|place| place.name()).unwrap_or_default();
            let text = move || (0..blocks.len()).map(|block| blocks.read::<String>(block).unwrap_or_else(|fault| fault.unwind())).collect();
            Ok(Source::stored(name, file.format, index, Box::new(text)))
        };
        self.files.files.iter().zip(0..).zip(numbers).map(of).collect::<Result<_, CacheFault>>().map_err(|fault| refused(&fault))
    }

    /// The model as it was compiled; none where the day is so early that reading it again would say something else.
    pub(crate) fn model(&self, options: &ModelOptions) -> Result<Option<Model>, Failure> {
        let as_of = options.reading.as_of.unwrap_or_else(input::today);
        let estate = Estate::stored(&self.cache).map_err(|fault| refused(&fault))?;
        if estate.latest_evidence().is_some_and(|latest| latest > as_of) {
            return Ok(None);
        }
        let project = self.project()?;
        let sources = self.sources(0..)?;
        let mut policy = match &project.policy {
            None => Policy::shipped().clone(),
            Some(_) => Policy::parse(&sources[sources.len() - 1]).map_err(|_| refused(&self.cache.damaged(FILES)))?,
        };
        input::switch_profiles(&mut policy, options);
        let coverage = Coverage::of(&estate, &policy, as_of);
        Ok(Some(Model::of_cache(sources, (policy, estate, coverage), self.files.warnings, self.max_size(), project)))
    }

    /// Refuses the cache if a file that it is made from is there and says something else now.
    fn refuse_stale(&self) -> Result<(), Failure> {
        let settings = self.files.settings.as_ref().map(|(file, _)| file);
        for file in self.files.files.iter().chain(settings) {
            let place = file.place.found_from(&self.path)?;
            let Place::Path(path) = &place else { continue };
            let now = stamp(&place);
            if now.is_none() || (now == file.stamp && file.stamp.is_some()) {
                continue;
            }
            let is_same = Source::read(path, 0, u64::from(u32::MAX)).is_ok_and(|source| Sha256::digest(source.text())[..] == file.digest);
            if !is_same {
                let (cache, name) = (visible(&self.path.to_string_lossy()).into_owned(), visible(&place.name()).into_owned());
                let message = format!("the cache `{cache}` is stale: `{name}` is not what it was made from");
                return Err(Failure::bad_input_with_help(message, again(&cache)));
            }
        }
        Ok(())
    }
}

/// What to do about a cache that cannot be used.
fn again(cache: &str) -> String {
    format!("compile it again: `weaklink compile MODEL -o {cache}`")
}

/// What is said of a cache that cannot be used.
pub(crate) fn refused(fault: &CacheFault) -> Failure {
    match fault.kind {
        CacheFaultKind::Unreadable(_) => Failure::bad_input(fault),
        _ => Failure::bad_input_with_help(fault, again(&visible(&fault.name))),
    }
}
