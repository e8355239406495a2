//! Files of a commit: `git:REV:PATH`, read by git's plumbing from a repository that nobody vouches for.
//!
//! What a user or a repository writes never becomes an argument: git gets one fixed list of them, and the names of
//! objects on its standard input, a line each. Its answers are checked for their form.

use super::output::Failure;
use super::program::{self, Problem};
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use weaklink::source::{nearest, visible};

/// How an argument begins that names an object of git.
const PREFIX: &str = "git:";
/// What such an argument looks like.
const SHAPE: &str = "git:REV:PATH names a file or folder of a commit; PATH may be empty for its root";
/// Bytes of a revision and of a path.
const MOST_NAMED: usize = 4 * 1024;
/// Bytes of the list of a folder's entries.
const MOST_LISTED: u64 = 16 * 1024 * 1024;
/// Bytes of git's answers about objects, which repeat the names of those that it does not find.
const MOST_ANSWERED: u64 = 32 * 1024 * 1024;
/// Bytes around an object's content: its id, its kind and its size, and the ends of lines.
const AROUND: u64 = 128;
/// How long git may think. Only a revision that searches all messages of a large history takes more than a moment.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Arguments before the command, which leave nothing of a hostile configuration that `cat-file` would run.
///
/// It reads no index, so there is no monitor to start; it filters and converts only when told to; it opens a pager only
/// for a terminal. What is left is the fetching of a missing object from a promisor remote, see [`ENVIRONMENT`].
const ARGUMENTS: [&str; 12] = [
    "--no-pager",
    "--no-replace-objects",
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "core.fsmonitor=false",
    "-c",
    "protocol.allow=never",
    // An older git, which fetches in spite of `GIT_NO_LAZY_FETCH`, would load this bundle before it asks for a protocol.
    "-c",
    "fetch.bundleURI=",
    "-c",
    "credential.helper=",
];

/// The environment, which forbids git to fetch, to write and to ask.
///
/// `GIT_ALLOW_PROTOCOL` counts before every `protocol.*.allow` of the repository, as `protocol.allow` does not.
const ENVIRONMENT: [(&str, &str); 8] = [
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_PROTOCOL_FROM_USER", "0"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_ASKPASS", ""),
    ("SSH_ASKPASS", ""),
    ("LC_ALL", "C"),
];

/// A file or folder of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    revision: String,
    /// Segments from the root of the repository; after a leading `.` or `..` from the working folder.
    path: String,
}

/// What an object turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// A regular file with its content.
    File(Vec<u8>),
    /// A folder.
    Folder,
}

impl Object {
    /// Takes an argument apart; none when it does not begin with `git:`. A file of such a name is `./git:…`.
    pub(crate) fn parse(argument: &Path) -> Option<Result<Self, Failure>> {
        if !argument.as_os_str().as_encoded_bytes().starts_with(PREFIX.as_bytes()) {
            return None;
        }
        Some(match argument.to_str() {
            Some(text) => Self::parse_text(text),
            None => Err(Failure::bad_input(cannot_read(&argument.to_string_lossy(), "its name is not UTF-8"))),
        })
    }

    fn parse_text(text: &str) -> Result<Self, Failure> {
        let refuse = |why: &str, help: &str| Err(Failure::bad_input_with_help(cannot_read(text, why), help));
        let named = text.strip_prefix(PREFIX).unwrap_or(text);
        let Some((revision, path)) = named.split_once(':') else { return refuse("it has no second colon", SHAPE) };
        if path.starts_with('/') && !path.trim_matches('/').is_empty() {
            return refuse("its path begins with `/`", "leave that out: PATH begins at the root of the repository");
        }
        let object = Self { revision: revision.to_owned(), path: tidy(path, is_relative(path)) };
        match object.fault() {
            Some(why) => refuse(why, SHAPE),
            None => Ok(object),
        }
    }

    /// A file in the folder that this is. It never leaves the repository: `..` above its root stays there.
    pub(crate) fn join(&self, relative: &str) -> Self {
        let path = format!("{}/{relative}", self.path);
        Self { revision: self.revision.clone(), path: tidy(&path, is_relative(&self.path)) }
    }

    /// The folder that the file lies in.
    pub(crate) fn parent(&self) -> Self {
        let path = self.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        Self { revision: self.revision.clone(), path: path.to_owned() }
    }

    /// The path within the commit.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Whether the path is seen from the working folder, and not from the root of the repository.
    pub(crate) fn is_relative(&self) -> bool {
        is_relative(&self.path)
    }

    /// The name as it is given on the command line.
    pub(crate) fn name(&self) -> String {
        self.name_of(&self.path)
    }

    /// The name of another path of the same revision.
    fn name_of(&self, path: &str) -> String {
        format!("{PREFIX}{}:{path}", self.revision)
    }

    /// What git must not be asked: its questions are lines, and a revision is no option.
    fn fault(&self) -> Option<&'static str> {
        if self.revision.is_empty() {
            Some("its revision is empty")
        } else if self.revision.starts_with('-') {
            Some("its revision begins with `-`")
        } else if self.revision.contains(|c: char| c.is_control() || c.is_whitespace() || c == ':') {
            Some("its revision holds white space or a control character")
        } else if self.path.contains(char::is_control) {
            Some("its path holds a control character")
        } else if self.revision.len().max(self.path.len()) > MOST_NAMED {
            Some("it is too long")
        } else {
            None
        }
    }

    /// The path's folders from the outermost on, and the path itself.
    fn steps(&self) -> Vec<&str> {
        let path = self.path.as_str();
        let mut start = 0;
        while let Some(dots) = ["./", "../"].into_iter().find(|dots| path[start..].starts_with(dots)) {
            start += dots.len();
        }
        let mut steps = vec![&path[..start]];
        steps.extend(path[start..].match_indices('/').map(|(at, _)| &path[..start + at]));
        if path.len() > start {
            steps.push(path);
        }
        steps
    }

    fn refuse(&self, why: impl std::fmt::Display) -> Failure {
        Failure::bad_input(cannot_read(&self.name(), why))
    }

    fn refuse_with_help(&self, why: impl std::fmt::Display, help: impl std::fmt::Display) -> Failure {
        Failure::bad_input_with_help(cannot_read(&self.name(), why), help)
    }
}

fn cannot_read(name: &str, why: impl std::fmt::Display) -> String {
    format!("cannot read `{}`: {why}", visible(name))
}

/// Whether git takes a path from the working folder on.
fn is_relative(path: &str) -> bool {
    matches!(path.split('/').next(), Some("." | ".."))
}

/// A path without empty segments and a slash at its end. Dots are resolved, unless they are for git to resolve, which
/// knows the working folder; a path that ends in them keeps a slash, for without one git would not see them.
fn tidy(path: &str, is_relative: bool) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/').filter(|segment| !segment.is_empty()) {
        match segment {
            "." if !is_relative => {}
            ".." if !is_relative => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    let ending = if matches!(segments.last(), Some(&("." | ".."))) { "/" } else { "" };
    segments.join("/") + ending
}

/// Reads a file of at most `limit_bytes`, or finds that the object is a folder.
///
/// # Errors
/// There is no such revision or path, it is neither a regular file nor a folder, or it is too large; git is not
/// installed, failed, or took too long.
pub(crate) fn read(object: &Object, limit_bytes: u64) -> Result<Found, Failure> {
    read_in(Path::new("."), object, limit_bytes)
}

/// The same from another working folder.
fn read_in(folder: &Path, object: &Object, limit_bytes: u64) -> Result<Found, Failure> {
    if let Some(why) = object.fault() {
        return Err(object.refuse_with_help(why, SHAPE));
    }
    let git = Git { folder, object };
    // From here on the commit is what is asked, so that a branch may move meanwhile.
    let commit = git.commit()?;
    let steps = object.steps();
    let names: Vec<String> = steps.iter().map(|step| format!("{commit}:{step}")).collect();
    let mut known = git.check(&names)?;
    let Some(deepest) = known.iter().rposition(|known| known.as_ref().is_some_and(|known| known.kind == "tree")) else {
        return Err(git.lacking(steps[0]));
    };
    if deepest + 1 == steps.len() {
        return Ok(Found::Folder);
    }
    // What git shows of a symbolic link is a file; only the folder that it stands in tells them apart.
    let file = known.pop().flatten().filter(|file| deepest + 2 == steps.len() && file.kind == "blob");
    let Some(tree) = known.swap_remove(deepest).filter(|tree| tree.size <= MOST_LISTED) else {
        return Err(object.refuse(format!("the list of its folder is larger than {MOST_LISTED} bytes")));
    };
    let fitting = file.as_ref().filter(|file| file.size <= limit_bytes);
    let mut contents = git.contents(std::iter::once(&tree).chain(fitting))?;
    let content = if contents.len() > 1 { contents.pop() } else { None };
    let listed = contents.pop().unwrap_or_default();
    let listing = Listing { bytes: &listed, id_bytes: tree.id.len() / 2 };
    let (place, step) = (steps[deepest], steps[deepest + 1]);
    let name = step.rsplit('/').next().unwrap_or(step);
    match listing.mode(name) {
        None => Err(git.missing(place, name, &listing)),
        Some(b"120000") => {
            let why = format!("`{}` is a symbolic link, and links of a commit are not followed", visible(step));
            Err(object.refuse_with_help(why, "name the file or folder that it points to"))
        }
        Some(b"160000") => {
            let why = format!("`{}` is a submodule, and its files are in another repository", visible(step));
            Err(object.refuse_with_help(why, "run it inside of the submodule, with a revision of that"))
        }
        Some(mode) if mode.starts_with(b"100") && deepest + 2 < steps.len() => {
            Err(object.refuse(format!("`{}` is a file, not a folder", visible(step))))
        }
        Some(mode) if mode.starts_with(b"100") => match (content, file) {
            (Some(content), _) => Ok(Found::File(content)),
            (None, Some(_)) => {
                let why = format!("it is larger than the limit of {limit_bytes} bytes");
                Err(object.refuse_with_help(why, "--max-size MIB raises the limit"))
            }
            (None, None) => Err(git.lacking(step)),
        },
        Some(_) => Err(git.lacking(step)),
    }
}

/// Git in one folder, asked about one object.
#[derive(Clone, Copy)]
struct Git<'a> {
    folder: &'a Path,
    object: &'a Object,
}

/// An object that is there.
struct Known {
    id: String,
    kind: &'static str,
    size: u64,
}

impl Known {
    /// Reads a line of `cat-file --batch-check`: `ID KIND SIZE`. Every other line says that there is no such object.
    fn parse(line: &str) -> Option<Self> {
        let words: Vec<&str> = line.split(' ').collect();
        let &[id, kind, size] = words.as_slice() else { return None };
        let kind = ["commit", "tree", "blob", "tag"].into_iter().find(|known| *known == kind)?;
        let is_id = matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        Some(Self { id: is_id.then(|| id.to_owned())?, kind, size: size.parse().ok()? })
    }
}

impl Git<'_> {
    /// The id of the commit that the revision names at this moment.
    fn commit(self) -> Result<String, Failure> {
        let revision = &self.object.revision;
        let names = [format!("{revision}^{{commit}}"), revision.clone(), format!("origin/{revision}^{{commit}}")];
        let mut known = self.check(&names)?.into_iter();
        let (commit, other, of_origin) = (known.next().flatten(), known.next().flatten(), known.next().flatten());
        if let Some(commit) = commit.filter(|commit| commit.kind == "commit") {
            return Ok(commit.id);
        }
        let shown = visible(revision);
        if let Some(other) = other.filter(|other| ["tree", "blob"].contains(&other.kind)) {
            return Err(self.object.refuse(format!("`{shown}` is a {}, not a commit", other.kind)));
        }
        let why = format!("there is no revision `{shown}`");
        if of_origin.is_some() {
            return Err(self.object.refuse_with_help(why, format!("did you mean `origin/{shown}`?")));
        }
        let is_shallow = self.run(&["rev-parse", "--is-shallow-repository"], String::new(), AROUND)?.starts_with(b"true");
        let help = if is_shallow {
            "fetch it first (`git fetch`), a shallow clone has only its last commits"
        } else {
            "a revision is a branch, a tag or the id of a commit"
        };
        Err(self.object.refuse_with_help(why, help))
    }

    /// What there is of objects, none for those that are missing.
    fn check(self, names: &[String]) -> Result<Vec<Option<Known>>, Failure> {
        let answers = self.run(&["cat-file", "--batch-check"], lines(names), MOST_ANSWERED)?;
        let known: Vec<_> = String::from_utf8_lossy(&answers).lines().map(Known::parse).collect();
        if known.len() == names.len() { Ok(known) } else { Err(unexpected()) }
    }

    /// The contents of objects, each as long as it was said to be.
    fn contents<'k>(self, asked: impl Iterator<Item = &'k Known>) -> Result<Vec<Vec<u8>>, Failure> {
        let asked: Vec<&Known> = asked.collect();
        let ids: Vec<String> = asked.iter().map(|known| known.id.clone()).collect();
        let most = asked.iter().fold(0u64, |sum, known| sum.saturating_add(known.size).saturating_add(AROUND));
        let answers = self.run(&["cat-file", "--batch"], lines(&ids), most)?;
        let mut rest = answers.as_slice();
        let mut contents = Vec::new();
        for Known { id, kind, size } in asked {
            let content = rest.strip_prefix(format!("{id} {kind} {size}\n").as_bytes());
            let content = content.and_then(|content| content.split_at_checked(usize::try_from(*size).ok()?));
            let (content, more) = content.ok_or_else(unexpected)?;
            rest = more.strip_prefix(b"\n").ok_or_else(unexpected)?;
            contents.push(content.to_vec());
        }
        Ok(contents)
    }

    /// Runs git with arguments that are fixed.
    fn run(self, arguments: &[&'static str], input: String, most_bytes: u64) -> Result<Vec<u8>, Failure> {
        let mut command = Command::new("git");
        command.current_dir(self.folder).args(ARGUMENTS).args(arguments).envs(ENVIRONMENT);
        program::run(&mut command, input.into_bytes(), most_bytes, TIMEOUT).map_err(|problem| match problem {
            Problem::NotStarted(error) => {
                let why = match error.kind() {
                    ErrorKind::NotFound => "git is not installed: there is no program `git`".to_owned(),
                    _ => format!("cannot start `git`: {error}"),
                };
                Failure::output_with_help(why, "install git, or name a file that is no part of a commit")
            }
            Problem::TooSlow => Failure::output_with_help(
                format!("`git` took longer than {} seconds", TIMEOUT.as_secs()),
                "name the commit by its id, which takes no search",
            ),
            Problem::TooMuch => unexpected(),
            Problem::Failed(complaints) => self.failed(&complaints),
        })
    }

    /// What is made of git's complaints: the first that is an error, for warnings may precede it.
    fn failed(self, complaints: &str) -> Failure {
        let fatal = complaints.lines().find_map(|line| line.strip_prefix("fatal: "));
        let first = fatal.or_else(|| complaints.lines().next()).unwrap_or("git does not say why");
        let shown = visible(first);
        if first.starts_with("not a git repository") {
            self.object.refuse_with_help(shown, "run it inside of the repository")
        } else if first.contains("dubious ownership") || first.starts_with("unsafe repository") {
            let help = "if you trust its owner, `git config --global --add safe.directory FOLDER` says so";
            self.object.refuse_with_help(shown, help)
        } else if first.contains("promisor remote") || (first.starts_with("transport '") && first.ends_with("' not allowed")) {
            // An older git tries to fetch what is missing, and was not let.
            self.lacking(&self.object.path)
        } else {
            self.object.refuse(shown)
        }
    }

    /// There is no entry of that name in a folder.
    fn missing(self, place: &str, name: &str, listing: &Listing<'_>) -> Failure {
        let within = place.trim_end_matches('/');
        let why = match within {
            "" => format!("there is no `{}` in its root", visible(name)),
            _ => format!("there is no `{}` in `{}`", visible(name), visible(within)),
        };
        let names: Vec<&str> = listing.names().collect();
        if let Some(meant) = nearest(name, names) {
            let path = if within.is_empty() { meant.to_owned() } else { format!("{within}/{meant}") };
            return self.object.refuse_with_help(why, format!("did you mean `{}`?", visible(&self.object.name_of(&path))));
        }
        if is_relative(place) {
            self.object.refuse(why)
        } else {
            self.object.refuse_with_help(why, "PATH begins at the root of the repository, `./PATH` at the current folder")
        }
    }

    /// The commit names an object that the repository does not hold.
    fn lacking(self, step: &str) -> Failure {
        let why = match step {
            "" => "its root is not in this clone".to_owned(),
            _ => format!("`{}` is not in this clone", visible(step)),
        };
        self.object.refuse_with_help(why, "a partial clone lacks what it never needed; `git show` of the same revision and path fetches it")
    }
}

/// A question of git's a line.
fn lines(names: &[String]) -> String {
    names.iter().map(|name| format!("{name}\n")).collect::<Vec<_>>().concat()
}

fn unexpected() -> Failure {
    Failure::output("`git` answered in another form than is known of it")
}

/// A folder as git stores it: `MODE NAME`, a zero byte and the bytes of an id, over and over.
struct Listing<'a> {
    bytes: &'a [u8],
    id_bytes: usize,
}

impl<'a> Listing<'a> {
    /// The entries, each its mode and its name, up to the first that is broken.
    fn entries(&self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let (mut rest, id_bytes) = (self.bytes, self.id_bytes);
        std::iter::from_fn(move || {
            let end = rest.iter().position(|byte| *byte == 0)?;
            let blank = rest[..end].iter().position(|byte| *byte == b' ')?;
            let entry = (&rest[..blank], &rest[blank + 1..end]);
            rest = rest.get(end + 1 + id_bytes..)?;
            Some(entry)
        })
    }

    fn mode(&self, name: &str) -> Option<&'a [u8]> {
        self.entries().find(|(_, own)| *own == name.as_bytes()).map(|(mode, _)| mode)
    }

    fn names(&self) -> impl Iterator<Item = &'a str> {
        self.entries().filter_map(|(_, name)| std::str::from_utf8(name).ok())
    }
}

#[cfg(test)]
mod tests;
