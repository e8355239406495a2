//! Objects of git, read from repositories that are made for it, some of them hostile.

use super::*;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use tempfile::TempDir;

const MIB: u64 = 1024 * 1024;

/// A repository of its own, with one commit on `main`:
///
/// ```text
/// model.yaml  link -> model.yaml  module (a submodule)  empty.yaml  estate/a.yaml  estate/deep/b.yaml  with space.yaml
/// ```
struct Repository(TempDir);

impl Repository {
    /// None, and it says so, where git is missing.
    fn new() -> Option<Self> {
        if Command::new("git").arg("--version").output().is_err() {
            eprintln!("skipped: there is no git");
            return None;
        }
        let repository = Self(tempfile::tempdir().unwrap());
        repository.git(&["init", "-q"], "");
        repository.git(&["symbolic-ref", "HEAD", "refs/heads/main"], "");
        let files = [
            ("model.yaml", "weaklink: 1\n"),
            ("empty.yaml", ""),
            ("estate/a.yaml", "a"),
            ("estate/deep/b.yaml", "b\n\nb"),
            ("with space.yaml", "s"),
        ];
        for (name, content) in files {
            let path = repository.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        repository.git(&["add", "-A"], "");
        let link = repository.git(&["hash-object", "-w", "--stdin"], "model.yaml");
        repository.git(&["update-index", "--add", "--cacheinfo", &format!("120000,{link},link")], "");
        repository.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{},module", "1".repeat(40))], "");
        repository.git(&["commit", "-q", "-m", "first"], "");
        Some(repository)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn git(&self, arguments: &[&str], input: &str) -> String {
        git(self.path(), arguments, input).unwrap_or_else(|complaints| panic!("git {arguments:?}: {complaints}"))
    }

    fn read(&self, name: &str) -> Result<Found, String> {
        read_from(self.path(), name)
    }
}

/// Runs git with an identity and without the configuration of whoever runs the tests.
fn git(folder: &Path, arguments: &[&str], input: &str) -> Result<String, String> {
    let mut command = Command::new("git");
    command.current_dir(folder).args(arguments);
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_DEFAULT_HASH", "GIT_NO_LAZY_FETCH", "GIT_ALLOW_PROTOCOL"] {
        command.env_remove(name);
    }
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "tester").env(format!("GIT_{who}_EMAIL"), "tester@example.org");
    }
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_TERMINAL_PROMPT", "0").stderr(Stdio::inherit());
    match program::run(&mut command, input.as_bytes().to_vec(), 16 * MIB, TIMEOUT) {
        Ok(printed) => Ok(String::from_utf8_lossy(&printed).trim_end().to_owned()),
        Err(Problem::Failed(complaints)) => Err(complaints),
        Err(other) => Err(format!("{other:?}")),
    }
}

fn parse(name: &str) -> Result<Object, String> {
    Object::parse(Path::new(name)).expect("it begins with `git:`").map_err(told)
}

fn read_from(folder: &Path, name: &str) -> Result<Found, String> {
    read_in(folder, &parse(name)?, MIB).map_err(told)
}

fn told(failure: Failure) -> String {
    match failure {
        Failure::BadInput(text) => text,
        Failure::Output(text) => format!("output: {text}"),
        Failure::ClosedPipe => "closed".to_owned(),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands for an answer")]
fn file(content: &str) -> Result<Found, String> {
    Ok(Found::File(content.as_bytes().to_vec()))
}

#[track_caller]
fn refused(answer: Result<Found, String>, expected: &str) {
    assert_eq!(answer.expect_err("it is refused"), format!("error: {expected}\n"));
}

#[test]
fn only_what_begins_with_git_is_an_object() {
    for name in ["model.yaml", "./git:HEAD:x", "Git:HEAD:x", "git", "-", ""] {
        assert!(Object::parse(Path::new(name)).is_none(), "{name}");
    }
    let object = |revision: &str, path: &str| Ok(Object { revision: revision.to_owned(), path: path.to_owned() });
    for (name, revision, path) in [
        ("git:HEAD:", "HEAD", ""),
        ("git:HEAD:/", "HEAD", ""),
        ("git:HEAD:.//", "HEAD", "./"),
        ("git:HEAD:..", "HEAD", "../"),
        ("git:HEAD:./x/..", "HEAD", "./x/../"),
        ("git:v1~2^{commit}:a//b/", "v1~2^{commit}", "a/b"),
        ("git:origin/main:a/./b/../c d.yaml", "origin/main", "a/c d.yaml"),
        ("git:@{-1}:a:b", "@{-1}", "a:b"),
        ("git:HEAD;id:x", "HEAD;id", "x"),
        ("git:HEAD:--help", "HEAD", "--help"),
    ] {
        assert_eq!(parse(name), object(revision, path), "{name}");
    }
    assert_eq!(parse("git:HEAD:a/b/").map(|object| object.name()), Ok("git:HEAD:a/b".to_owned()));
}

#[test]
fn names_that_git_must_not_see_are_refused() {
    for (name, shown, why) in [
        ("git:HEAD", "git:HEAD", "it has no second colon"),
        ("git:", "git:", "it has no second colon"),
        ("git::x", "git::x", "its revision is empty"),
        ("git:--upload-pack=x:y", "git:--upload-pack=x:y", "its revision begins with `-`"),
        ("git:-x:y", "git:-x:y", "its revision begins with `-`"),
        ("git:HEAD\n:x", "git:HEAD␊:x", "its revision holds white space or a control character"),
        ("git:HEAD x:y", "git:HEAD x:y", "its revision holds white space or a control character"),
        ("git:HEAD\0:x", "git:HEAD␀:x", "its revision holds white space or a control character"),
        ("git:HEAD:x\nHEAD:y", "git:HEAD:x␊HEAD:y", "its path holds a control character"),
        ("git:HEAD:\u{1b}[2J", "git:HEAD:␛[2J", "its path holds a control character"),
    ] {
        let expected = format!("error: cannot read `{shown}`: {why}\n  help: {SHAPE}\n");
        assert_eq!(parse(name), Err(expected), "{name}");
    }
    let long = format!("git:HEAD:{}", "x".repeat(MOST_NAMED + 1));
    assert!(parse(&long).is_err_and(|told| told.contains("it is too long")));
    assert!(parse("git:HEAD:/x").is_err_and(|told| told.contains("its path begins with `/`")));
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_utf_8_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let argument = Path::new(std::ffi::OsStr::from_bytes(b"git:HEAD:\xff"));
    let answer = Object::parse(argument).expect("it begins with `git:`").map_err(told);
    assert_eq!(answer, Err("error: cannot read `git:HEAD:\u{fffd}`: its name is not UTF-8\n".to_owned()));
}

#[test]
fn what_is_joined_to_a_folder_stays_in_the_repository() {
    for (folder, relative, expected) in [
        ("git:HEAD:", "a.yaml", "git:HEAD:a.yaml"),
        ("git:HEAD:estate", "deep/b.yaml", "git:HEAD:estate/deep/b.yaml"),
        ("git:HEAD:estate/", "./a.yaml", "git:HEAD:estate/a.yaml"),
        ("git:HEAD:estate", "../model.yaml", "git:HEAD:model.yaml"),
        ("git:HEAD:", "./a.yaml", "git:HEAD:a.yaml"),
        ("git:HEAD:", "../../etc/passwd", "git:HEAD:etc/passwd"),
        ("git:HEAD:estate", "/etc/passwd", "git:HEAD:estate/etc/passwd"),
        ("git:HEAD:estate", "", "git:HEAD:estate"),
        ("git:HEAD:.", "a.yaml", "git:HEAD:./a.yaml"),
        ("git:HEAD:../estate", "../model.yaml", "git:HEAD:../estate/../model.yaml"),
    ] {
        assert_eq!(parse(folder).map(|object| object.join(relative).name()), Ok(expected.to_owned()), "{folder} {relative}");
    }
    let injected = parse("git:HEAD:").map(|object| object.join("x\nHEAD:model.yaml")).unwrap();
    let answer = read(&injected, MIB).map_err(told);
    assert!(answer.is_err_and(|told| told.contains("its path holds a control character")));
}

#[test]
fn files_and_folders_of_a_commit_are_read() {
    let Some(repository) = Repository::new() else { return };
    repository.git(&["tag", "light"], "");
    repository.git(&["tag", "-a", "-m", "heavy", "heavy"], "");
    repository.git(&["branch", "feature/x"], "");
    let id = repository.git(&["rev-parse", "HEAD"], "");
    fs::write(repository.path().join("model.yaml"), "changed\n").unwrap();
    for revision in ["HEAD", "main", "light", "heavy", "feature/x", "heads/main", "@", "main@{0}", &id, &id[..10]] {
        assert_eq!(repository.read(&format!("git:{revision}:model.yaml")), file("weaklink: 1\n"), "{revision}");
    }
    repository.git(&["commit", "-q", "-a", "-m", "second"], "");
    repository.git(&["checkout", "-q", "feature/x"], "");
    assert_eq!(repository.read("git:main:model.yaml"), file("changed\n"));
    assert_eq!(repository.read("git:main~1:model.yaml"), file("weaklink: 1\n"));
    assert_eq!(repository.read("git:@{-1}:model.yaml"), file("changed\n"));
    assert_eq!(repository.read("git:HEAD:empty.yaml"), file(""));
    assert_eq!(repository.read("git:HEAD:estate/deep/b.yaml"), file("b\n\nb"));
    assert_eq!(repository.read("git:HEAD:with space.yaml"), file("s"));
    for folder in ["git:HEAD:", "git:HEAD:/", "git:HEAD:estate", "git:HEAD:estate/", "git:HEAD:estate/deep", "git:HEAD:."] {
        assert_eq!(repository.read(folder), Ok(Found::Folder), "{folder}");
    }
    let folder = parse("git:HEAD:estate").unwrap();
    assert_eq!(read_in(repository.path(), &folder.join("a.yaml"), MIB).map_err(told), file("a"));
}

#[test]
fn a_path_of_dots_begins_at_the_working_folder() {
    let Some(repository) = Repository::new() else { return };
    let estate = repository.path().join("estate");
    for (name, expected) in [
        ("git:HEAD:./a.yaml", file("a")),
        ("git:HEAD:./deep/b.yaml", file("b\n\nb")),
        ("git:HEAD:../model.yaml", file("weaklink: 1\n")),
        ("git:HEAD:./deep/../a.yaml", file("a")),
        ("git:HEAD:model.yaml", file("weaklink: 1\n")),
        ("git:HEAD:.", Ok(Found::Folder)),
        ("git:HEAD:..", Ok(Found::Folder)),
        ("git:HEAD:./deep/..", Ok(Found::Folder)),
    ] {
        assert_eq!(read_from(&estate, name), expected, "{name}");
    }
    let told = "cannot read `git:HEAD:./b.yaml`: there is no `b.yaml` in `.`\n  help: did you mean `git:HEAD:./a.yaml`?";
    refused(read_from(&estate, "git:HEAD:./b.yaml"), told);
    let above = read_from(&estate, "git:HEAD:../../x").expect_err("it is outside");
    assert!(above.starts_with("error: cannot read `git:HEAD:../../x`: ") && above.contains("is outside repository"), "{above}");
}

#[test]
fn what_is_missing_is_named_with_its_remedy() {
    let Some(repository) = Repository::new() else { return };
    for (name, expected) in [
        ("git:HEAD:modle.yaml", "there is no `modle.yaml` in its root\n  help: did you mean `git:HEAD:model.yaml`?"),
        ("git:HEAD:estate/deep/c.yaml", "there is no `c.yaml` in `estate/deep`\n  help: did you mean `git:HEAD:estate/deep/b.yaml`?"),
        ("git:HEAD:estaet/deep/b.yaml", "there is no `estaet` in its root\n  help: did you mean `git:HEAD:estate`?"),
        (
            "git:HEAD:zzz",
            "there is no `zzz` in its root\n  help: PATH begins at the root of the repository, `./PATH` at the current folder",
        ),
        (
            "git:HEAD:x blob 5",
            "there is no `x blob 5` in its root\n  help: PATH begins at the root of the repository, `./PATH` at the current folder",
        ),
        ("git:HEAD:model.yaml/x", "`model.yaml` is a file, not a folder"),
        ("git:HEAD:model.yaml/x/y", "`model.yaml` is a file, not a folder"),
        ("git:nope:x", "there is no revision `nope`\n  help: a revision is a branch, a tag or the id of a commit"),
        ("git:HEAD;id:x", "there is no revision `HEAD;id`\n  help: a revision is a branch, a tag or the id of a commit"),
        ("git:@{-1}:x", "there is no revision `@{-1}`\n  help: a revision is a branch, a tag or the id of a commit"),
        ("git:main..main:x", "there is no revision `main..main`\n  help: a revision is a branch, a tag or the id of a commit"),
        ("git:HEAD^{tree}:model.yaml", "`HEAD^{tree}` is a tree, not a commit"),
    ] {
        refused(repository.read(name), &format!("cannot read `{name}`: {expected}"));
    }
    repository.git(&["update-ref", "refs/remotes/origin/release", "HEAD"], "");
    let expected = "cannot read `git:release:x`: there is no revision `release`\n  help: did you mean `origin/release`?";
    refused(repository.read("git:release:x"), expected);
}

#[test]
fn links_and_submodules_are_refused() {
    let Some(repository) = Repository::new() else { return };
    let link = "`link` is a symbolic link, and links of a commit are not followed\n  help: name the file or folder that it points to";
    let module =
        "`module` is a submodule, and its files are in another repository\n  help: run it inside of the submodule, with a revision of that";
    for (name, why) in [("link", link), ("link/x", link), ("module", module), ("module/x", module)] {
        refused(repository.read(&format!("git:HEAD:{name}")), &format!("cannot read `git:HEAD:{name}`: {why}"));
    }
    // A submodule whose commit is in this repository too.
    let id = repository.git(&["rev-parse", "HEAD"], "");
    repository.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{id},module")], "");
    repository.git(&["commit", "-q", "-m", "known"], "");
    refused(repository.read("git:HEAD:module"), &format!("cannot read `git:HEAD:module`: {module}"));
}

#[test]
fn a_file_beyond_the_limit_is_not_read() {
    let Some(repository) = Repository::new() else { return };
    let object = parse("git:HEAD:model.yaml").unwrap();
    let size = "weaklink: 1\n".len() as u64;
    assert_eq!(read_in(repository.path(), &object, size).map_err(told), file("weaklink: 1\n"));
    let expected = "cannot read `git:HEAD:model.yaml`: it is larger than the limit of 11 bytes\n  help: --max-size MIB raises the limit";
    refused(read_in(repository.path(), &object, size - 1).map_err(told), expected);
}

#[test]
fn a_shallow_clone_says_that_it_is_one() {
    let Some(repository) = Repository::new() else { return };
    repository.git(&["commit", "-q", "--allow-empty", "-m", "second"], "");
    let first = repository.git(&["rev-parse", "HEAD~1"], "");
    let shallow = tempfile::tempdir().unwrap();
    let from = format!("file://{}", repository.path().display());
    if let Err(why) = git(shallow.path(), &["clone", "-q", "--depth", "1", &from, "."], "") {
        eprintln!("skipped: no shallow clone can be made: {why}");
        return;
    }
    assert_eq!(read_from(shallow.path(), "git:HEAD:estate/a.yaml"), file("a"));
    for revision in ["HEAD~1", &first] {
        let expected = format!(
            "cannot read `git:{revision}:x`: there is no revision `{revision}`\n  help: fetch it first (`git fetch`), a shallow clone \
             has only its last commits"
        );
        refused(read_from(shallow.path(), &format!("git:{revision}:x")), &expected);
    }
}

#[test]
fn ids_of_sixty_four_digits_are_read_too() {
    let Some(_) = Repository::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    if let Err(why) = git(folder.path(), &["init", "-q", "--object-format=sha256"], "") {
        eprintln!("skipped: this git knows no ids of 64 digits: {why}");
        return;
    }
    fs::write(folder.path().join("a.yaml"), "a").unwrap();
    fs::write(folder.path().join("model.yaml"), "b").unwrap();
    git(folder.path(), &["add", "-A"], "").unwrap();
    git(folder.path(), &["commit", "-q", "-m", "first"], "").unwrap();
    assert_eq!(read_from(folder.path(), "git:HEAD:model.yaml"), file("b"));
    let expected = "cannot read `git:HEAD:modle.yaml`: there is no `modle.yaml` in its root\n  help: did you mean `git:HEAD:model.yaml`?";
    refused(read_from(folder.path(), "git:HEAD:modle.yaml"), expected);
}

#[test]
fn outside_of_a_repository_git_has_the_word() {
    let Some(_) = Repository::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let answer = read_from(folder.path(), "git:HEAD:x").expect_err("it is no repository");
    assert!(answer.starts_with("error: cannot read `git:HEAD:x`: not a git repository"), "{answer}");
    assert!(answer.ends_with("\n  help: run it inside of the repository\n"), "{answer}");
}

#[test]
fn the_first_error_among_the_complaints_is_shown() {
    let object = parse("git:HEAD:x").unwrap();
    let git = Git { folder: Path::new("."), object: &object };
    let complaints = "warning: a\nfatal: detected dubious ownership in repository at '/\u{1b}[31mx'\nTo add an exception\n";
    assert_eq!(
        told(git.failed(complaints)),
        "error: cannot read `git:HEAD:x`: detected dubious ownership in repository at '/␛[31mx'\n  help: if you trust its owner, `git \
         config --global --add safe.directory FOLDER` says so\n"
    );
    let fetching = "fatal: transport 'ext' not allowed\nfatal: could not fetch 22 from promisor remote\n";
    assert!(told(git.failed(fetching)).contains("`x` is not in this clone"));
    assert_eq!(told(git.failed("")), "error: cannot read `git:HEAD:x`: git does not say why\n");
}

#[test]
fn an_answer_of_another_form_is_no_object() {
    let id = "0123456789".repeat(4);
    assert!(Known::parse(&format!("{id} blob 12")).is_some_and(|known| known.size == 12 && known.kind == "blob" && known.id == id));
    for line in ["", "x missing", "x blob 5 missing", "x blob 5", &format!("{id} missing"), &format!("{id} blob -1"), &format!("{id} blob")]
    {
        assert!(Known::parse(line).is_none(), "{line}");
    }
    let broken = Listing { bytes: b"100644 a\x0001234567890123456789100644 b\x00012", id_bytes: 20 };
    assert_eq!(broken.names().collect::<Vec<_>>(), ["a"]);
}

/// A repository whose configuration would run a program for all that git can be told to run one for, and the file which
/// that program makes. Its branch `gap` names objects that only a remote has.
#[cfg(unix)]
fn hostile() -> Option<(Repository, PathBuf)> {
    use std::os::unix::fs::PermissionsExt;
    let repository = Repository::new()?;
    let gap = repository
        .git(&["mktree", "--missing"], &format!("100644 blob {}\tgone.yaml\n040000 tree {}\tlost\n", "2".repeat(40), "3".repeat(40)));
    let gap = repository.git(&["commit-tree", "-m", "gap", &gap], "");
    repository.git(&["update-ref", "refs/heads/gap", &gap], "");
    repository.git(&["update-ref", "refs/heads/here", "HEAD"], "");

    let folder = repository.path().join(".git");
    let marker = repository.path().join("PWNED");
    let script = |path: &Path| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("#!/bin/sh\n: > '{}'\n", marker.display())).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    let evil = folder.join("evil");
    script(&evil);
    for hook in ["reference-transaction", "post-checkout", "pre-auto-gc", "fsmonitor-watchman", "post-index-change", "read-object"] {
        script(&folder.join("hooks").join(hook));
        script(&folder.join("more-hooks").join(hook));
    }
    fs::write(repository.path().join(".gitattributes"), "* diff=evil filter=evil merge=evil\n").unwrap();
    fs::create_dir_all(folder.join("info")).unwrap();
    fs::write(folder.join("info/attributes"), "* diff=evil filter=evil merge=evil\n").unwrap();
    let evil = evil.display();
    let hooks = folder.join("more-hooks");
    fs::write(
        folder.join("included"),
        format!("[alias]\n cat-file = !{evil}\n rev-parse = !{evil}\n[pager]\n cat-file = {evil}\n rev-parse = {evil}\n[core]\n fsmonitor = {evil}\n"),
    )
    .unwrap();
    let configuration = format!(
        r#"[core]
	repositoryformatversion = 1
	bare = false
	fsmonitor = {evil}
	hooksPath = {hooks}
	sshCommand = {evil}
	gitProxy = {evil}
	askPass = {evil}
	pager = {evil}
	editor = {evil}
	alternateRefsCommand = {evil}
[alias]
	cat-file = !{evil}
	rev-parse = !{evil}
	fetch = !{evil}
[pager]
	cat-file = {evil}
	rev-parse = {evil}
[diff]
	external = {evil}
[diff "evil"]
	textconv = {evil}
	command = {evil}
[filter "evil"]
	clean = {evil}
	smudge = {evil}
	process = {evil}
	required = true
[credential]
	helper = {evil}
	helper = !{evil}
[extensions]
	partialClone = evil
[protocol]
	allow = always
[protocol "ext"]
	allow = always
[fetch]
	bundleURI = https://127.0.0.1:9/
[remote "evil"]
	url = ext::{evil}
	promisor = true
	partialclonefilter = blob:none
	vcs = ext
	uploadpack = {evil}
	fetch = +refs/heads/*:refs/remotes/evil/*
[remote "worse"]
	url = ssh://127.0.0.1:9/x
	promisor = true
[remote "file"]
	url = {}
	uploadpack = {evil}
	promisor = true
[uploadpack]
	packObjectsHook = {evil}
[gpg]
	program = {evil}
[include]
	path = included
"#,
        repository.path().display(),
        hooks = hooks.display(),
    );
    fs::write(folder.join("config"), configuration).unwrap();
    Some((repository, marker))
}

#[cfg(unix)]
#[test]
fn a_hostile_configuration_runs_nothing() {
    let Some((trap, sprung)) = hostile() else { return };
    // Git as everybody starts it falls into the trap; else the rest would prove little.
    let _ = git(trap.path(), &["cat-file", "-p", "gap:gone.yaml"], "");
    if !sprung.exists() {
        eprintln!("this git fetches nothing by itself: half of the test is empty");
    }
    let Some((repository, marker)) = hostile() else { return };
    for name in ["git:gap:gone.yaml", "git:gap:lost/x"] {
        let answer = repository.read(name).expect_err("only a remote has it");
        assert!(answer.contains(" is not in this clone\n  help: a partial clone lacks "), "{answer}");
    }
    assert_eq!(repository.read("git:gap:"), Ok(Found::Folder));
    assert_eq!(repository.read("git:here:model.yaml"), file("weaklink: 1\n"));
    assert_eq!(repository.read("git:here:estate/deep/b.yaml"), file("b\n\nb"));
    for revision in ["nope", &"4".repeat(40), "HEAD;id", "@{u}", "@{-1}", "HEAD^{/x}", "ext::sh"] {
        assert!(repository.read(&format!("git:{revision}:x")).is_err(), "{revision}");
    }
    assert!(repository.read("git:here:link").is_err());
    assert!(!marker.exists(), "a program of the repository ran");
}
