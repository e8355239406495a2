//! Where files come from: standard input, the disk, or a commit; and which of them make up a project.

use super::git::{self, Found};
use super::input::drawn;
use super::output::Failure;
use std::path::{Component, Path, PathBuf};
use weaklink::project::{SETTINGS_FILE, Settings};
use weaklink::source::{ReadError, Source, visible};

/// The file of waivers where a project names no other.
pub(super) const WAIVERS_FILE: &str = "weaklink-waivers.toml";

/// Where a file or a folder is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// Standard input.
    Stdin,
    /// On the disk.
    Path(PathBuf),
    /// In a commit.
    Git(git::Object),
}

/// The files that a model argument means, before what options add.
#[derive(Debug)]
pub(crate) struct Project {
    /// The file that names the others, and its text; none: the argument is the model itself.
    pub(crate) file: Option<(Place, Source)>,
    /// The model.
    pub(crate) model: Place,
    /// The overlays.
    pub(crate) overlays: Vec<Place>,
    /// The policy; none: the one that ships.
    pub(crate) policy: Option<Place>,
    /// The waivers.
    pub(crate) waivers: Option<Place>,
    /// What else the project states; without a file of its own what ships.
    pub(crate) settings: Settings,
}

impl Place {
    /// The place that an argument names.
    ///
    /// # Errors
    /// An object of git that is not written right.
    pub(crate) fn parse(argument: &Path) -> Result<Self, Failure> {
        if argument.as_os_str() == "-" {
            return Ok(Self::Stdin);
        }
        match git::Object::parse(argument) {
            Some(object) => object.map(Self::Git),
            None => Ok(Self::Path(argument.to_owned())),
        }
    }

    /// The name, as an argument gives it; not yet fit to be shown.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => "standard input".to_owned(),
            Self::Path(path) => path.to_string_lossy().into_owned(),
            Self::Git(object) => object.name(),
        }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// It cannot be read: of a commit, in words.
    pub(crate) fn read(&self, index: u16, limit: u64) -> Result<Result<Source, ReadError>, Failure> {
        Ok(match self {
            Self::Stdin => Source::read_from(std::io::stdin().lock(), self.name(), index, limit),
            Self::Path(path) => Source::read(path, index, limit),
            Self::Git(object) => match git::read(object, limit)? {
                Found::File(bytes) => Source::from_bytes(self.name(), bytes, index),
                Found::Folder => return Err(Failure::bad_input(format!("`{}` is a folder", visible(&self.name())))),
            },
        })
    }

    /// What the file is called from the root of its repository, or from where the program runs: a relative path with `/`.
    pub(crate) fn below_root(&self) -> String {
        let here = std::env::current_dir().and_then(|folder| folder.canonicalize()).unwrap_or_default();
        let (named, whole) = match self {
            Self::Stdin => return self.name(),
            Self::Git(object) if !object.is_relative() => return object.path().to_owned(),
            // Seen from the working folder of this very repository; the file need not be there any more.
            Self::Git(object) => (Path::new(object.path()), lexical(&here.join(object.path()))),
            Self::Path(path) => (path.as_path(), path.canonicalize().unwrap_or_else(|_| lexical(&here.join(path)))),
        };
        let root = whole.ancestors().skip(1).find(|folder| folder.join(".git").exists()).unwrap_or(&here);
        let inside = whole.strip_prefix(root).unwrap_or(named);
        // Of a file that lies elsewhere the readers of findings know nothing; its name still has to be a relative one.
        let segments = inside.components().filter_map(|component| match component {
            Component::Normal(segment) => Some(segment.to_string_lossy()),
            _ => None,
        });
        segments.collect::<Vec<_>>().join("/")
    }

    /// The place of a file in this folder.
    fn join(&self, relative: &str) -> Self {
        match self {
            Self::Stdin => Self::Stdin,
            // What lies where the program runs is known by its name alone.
            Self::Path(folder) if folder.as_os_str() == "." => Self::Path(PathBuf::from(relative)),
            Self::Path(folder) => Self::Path(folder.join(relative)),
            Self::Git(folder) => Self::Git(folder.join(relative)),
        }
    }

    fn is_folder(&self, limit: u64) -> Result<bool, Failure> {
        match self {
            Self::Stdin => Ok(false),
            Self::Path(path) => Ok(path.is_dir()),
            Self::Git(object) => Ok(matches!(git::read(object, limit)?, Found::Folder)),
        }
    }

    /// Whether the file is there.
    fn exists(&self, limit: u64) -> bool {
        match self {
            Self::Stdin => true,
            Self::Path(path) => path.symlink_metadata().is_ok(),
            Self::Git(object) => git::read(object, limit).is_ok(),
        }
    }
}

impl Project {
    /// The files that a model argument means: itself, or what the `weaklink.toml` that it is, or that lies in it, names.
    ///
    /// # Errors
    /// The folder has no such file, or that has faults.
    pub(crate) fn find(argument: &Path, limit: u64) -> Result<Self, Failure> {
        let place = Place::parse(argument)?;
        let is_settings = argument.to_string_lossy().rsplit(['/', '\\', ':']).next() == Some(SETTINGS_FILE);
        let folder = if is_settings {
            parent(&place)
        } else if place.is_folder(limit)? {
            place.clone()
        } else {
            let settings = Settings::shipped().clone();
            return Ok(Self { file: None, model: place, overlays: Vec::new(), policy: None, waivers: None, settings });
        };
        let file = folder.join(SETTINGS_FILE);
        if !is_settings && !file.exists(limit) {
            let message = format!("the folder `{}` has no `{SETTINGS_FILE}`", visible(&place.name()));
            return Err(Failure::bad_input_with_help(
                message,
                format!("name a model file, or write a `{SETTINGS_FILE}` with `model = \"FILE\"`"),
            ));
        }
        let source = file.read(0, limit)?.map_err(|error| super::input::unreadable(&[error]))?;
        let settings = parse_settings(&source)?;
        for named in settings.files() {
            folder.keeps(&named.value)?;
        }
        let join = |named: &weaklink::source::At<String>| folder.join(&named.value);
        let by_default = folder.join(WAIVERS_FILE);
        let waivers = settings.waivers.as_ref().map(join).or_else(|| by_default.exists(limit).then_some(by_default));
        let overlays = settings.overlays.iter().map(join).collect();
        let (model, policy) = (join(&settings.model), settings.policy.as_ref().map(join));
        Ok(Self { file: Some((file, source)), model, overlays, policy, waivers, settings })
    }

    /// The places of model, overlays and policy, as their sources are numbered.
    pub(crate) fn read_places(&self) -> Vec<Place> {
        std::iter::once(&self.model).chain(&self.overlays).chain(&self.policy).cloned().collect()
    }

    /// Every file on the disk that the project is made of.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        let file = self.file.as_ref().map(|(file, _)| file);
        let places = std::iter::once(&self.model).chain(file).chain(&self.overlays).chain(&self.policy).chain(&self.waivers);
        places.filter_map(|place| if let Place::Path(path) = place { Some(path.as_path()) } else { None })
    }
}

impl Place {
    /// Refuses a file that a link leads out of this folder.
    fn keeps(&self, relative: &str) -> Result<(), Failure> {
        let Self::Path(folder) = self else { return Ok(()) };
        let (Ok(root), Ok(whole)) = (folder.canonicalize(), folder.join(relative).canonicalize()) else { return Ok(()) };
        if whole.starts_with(&root) {
            return Ok(());
        }
        let message = format!("`{}` in `{SETTINGS_FILE}` leads out of its folder over a link", visible(relative));
        Err(Failure::bad_input_with_help(message, "put the file itself into the folder"))
    }
}

/// What a settings file states.
///
/// # Errors
/// Its faults, drawn.
pub(super) fn parse_settings(source: &Source) -> Result<Settings, Failure> {
    Settings::parse(source).map_err(|faults| Failure::BadInput(drawn(&faults, std::slice::from_ref(source))))
}

/// A whole path without `.` and `..`.
fn lexical(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut whole, component| {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(whole.pop()),
            other => whole.push(other),
        }
        whole
    })
}

/// The folder of a settings file.
fn parent(place: &Place) -> Place {
    match place {
        Place::Path(path) => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            Place::Path(folder.unwrap_or(Path::new(".")).to_owned())
        }
        Place::Git(object) => Place::Git(object.parent()),
        Place::Stdin => Place::Stdin,
    }
}
