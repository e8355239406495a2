//! The command `dot` as a user meets it: views, forms, files, and a Graphviz that is missing, slow, wordy or broken.

use crate::cli::{Folder, weaklink};
use std::fs;
use std::process::{Command, Output};

const STOREFRONT: [&str; 4] = ["dot", "graphs/storefront.yaml", "--as-of", "2026-11-24"];

fn draw(more: &[&str]) -> Output {
    weaklink(&[&STOREFRONT, more].concat())
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program writes UTF-8")
}

/// What a run came to: its exit status, and what it said on standard error.
fn told(output: &Output) -> (i32, String) {
    (output.status.code().expect("the program was not killed"), text(&output.stderr))
}

#[test]
fn the_end_of_a_file_name_chooses_the_form() {
    let folder = Folder::new("forms");
    for (ending, start) in [("dot", "digraph"), ("svg", "<svg "), ("mmd", "flowchart LR"), ("png", "\u{89}PNG"), ("txt", "digraph")] {
        let path = folder.file(&format!("picture.{ending}"), "");
        let output = draw(&["--view", "blast:shop:os", "-o", &path.to_string_lossy()]);
        assert_eq!(told(&output), (0, String::new()), "{ending}");
        let written = fs::read(&path).expect("the picture is there");
        let start: Vec<u8> = start.chars().map(|c| c as u8).collect();
        assert!(written.starts_with(&start), "{ending}");
    }
}

#[test]
fn a_png_is_the_same_bytes_each_time_and_opaque() {
    let one = draw(&["--view", "why:shop:os..backup", "--format", "png"]);
    let other = draw(&["--view", "why:shop:os..backup", "--format", "png"]);
    assert!(one.status.success() && one.stdout == other.stdout);
    let dark = draw(&["--view", "why:shop:os..backup", "--format", "png", "--theme", "dark"]);
    assert!(dark.status.success() && one.stdout != dark.stdout);
    for png in [one.stdout, dark.stdout] {
        let pixels = resvg::tiny_skia::Pixmap::decode_png(&png).expect("the picture is a PNG");
        assert!(pixels.pixels().iter().all(|pixel| pixel.alpha() == 255), "a PNG has a ground of its own");
    }
}

#[test]
fn an_estate_of_more_than_forty_systems_is_folded_and_says_so() {
    let folder = Folder::new("fold");
    let systems: Vec<String> = (0..41).map(|ix| format!("{{ id: s{ix}, model: iaas, provider: p{} }}", ix % 3)).collect();
    let large = folder.file("large.yaml", format!("weaklink: 1\nsystems: [{}]\n", systems.join(", ")));
    let output = weaklink(&["dot", &large.to_string_lossy(), "--format", "svg"]);
    let (code, said) = told(&output);
    assert_eq!(code, 0);
    let note = said.lines().find(|line| line.contains("folded"));
    assert_eq!(
        note,
        Some("note: 41 systems are folded by provider; `--view estate` draws every one, `--view blast:TARGET` one question"),
        "{said}"
    );
    assert!(text(&output.stdout).contains("folded, as there are more than 40 systems"));
    let small = folder.file("small.yaml", format!("weaklink: 1\nsystems: [{}]\n", systems[..40].join(", ")));
    let output = weaklink(&["dot", &small.to_string_lossy(), "--format", "svg"]);
    assert!(text(&output.stdout).contains("Who secures what?"));
}

#[test]
fn a_view_that_is_not_one_is_told_with_its_remedy() {
    for (view, said) in [
        ("blats:shop", "error: no view named `blats:shop`\n  help: did you mean `blast:TARGET`?\n"),
        ("blast", "error: no view named `blast`\n  help: did you mean `blast:TARGET`?\n"),
        ("why:shop", "error: no view named `why:shop`\n  help: did you mean `why:FROM..TO`?\n"),
        ("fold:ownr", "error: no view named `fold:ownr`\n  help: did you mean `fold:owner`?\n"),
        ("diff:", "error: no view named `diff:`\n  help: did you mean `diff:BASE`?\n"),
        (
            "\u{1b}[2J",
            "error: no view named `␛[2J`\n  help: the views are estate, blast:TARGET, why:FROM..TO, fold, fold:provider, fold:owner, fold:tag, diff:BASE\n",
        ),
        ("blast:shop:oss", "error: no target named `shop:oss`\n  help: did you mean `shop:os`?\n"),
        ("why:shop..orders-bd", "error: no target named `orders-bd`\n  help: did you mean `orders-db`?\n"),
    ] {
        assert_eq!(told(&draw(&["--view", view])), (2, said.to_owned()), "{view}");
    }
    let (code, said) = told(&draw(&["--view", "diff:graphs/none.yaml"]));
    assert_eq!((code, said.starts_with("error: ")), (2, true), "{said}");
}

#[test]
fn ids_with_dots_can_be_the_ends_of_a_path() {
    let folder = Folder::new("dots");
    let model =
        "weaklink: 1\nsystems: [{ id: a..b, model: iaas }, { id: c, model: iaas }]\nconnections: [{ from: a..b, to: c, kind: deploys }]\n";
    let path = folder.file("dots.yaml", model);
    let output = weaklink(&["dot", &path.to_string_lossy(), "--view", "why:a..b..c"]);
    assert_eq!(told(&output), (0, String::new()));
    assert!(text(&output.stdout).contains("How does a..b expose c?"));
}

#[test]
fn a_folder_or_a_full_disk_is_told_and_the_old_file_kept() {
    let folder = Folder::new("kept");
    let inside = folder.file("inside.svg", "old");
    let folder_path = inside.parent().expect("a file is in a folder").to_string_lossy().into_owned();
    let (code, said) = told(&draw(&["-o", &folder_path]));
    assert_eq!((code, said), (3, format!("error: cannot write `{folder_path}`: it is a folder\n")));
    if cfg!(target_os = "linux") {
        let (code, said) = told(&draw(&["--format", "svg", "-o", "/dev/full"]));
        assert_eq!((code, said), (3, "error: cannot write `/dev/full`: no space left\n".to_owned()));
    }
    let (code, _) = told(&draw(&["--view", "blast:nothing", "-o", &inside.to_string_lossy()]));
    assert_eq!((code, fs::read_to_string(&inside).expect("the file is there")), (2, "old".to_owned()));
}

/// Runs the storefront's estate through a stand-in for Graphviz, onto a file that exists.
#[cfg(unix)]
fn with_graphviz(name: &str, script: &str, more: &[&str]) -> (i32, String, String) {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new(name);
    let program = folder.file("dot", format!("#!/bin/sh\n{script}\n"));
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("the stand-in can be made to run");
    let old = folder.file("old.svg", "old");
    let output = Command::new(env!("CARGO_BIN_EXE_weaklink"))
        .args([&STOREFRONT, more, &["-o", &old.to_string_lossy()]].concat())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("WEAKLINK_DOT", if script.is_empty() { folder.file("gone", "").with_file_name("not-there") } else { program.clone() })
        .output()
        .expect("the program runs");
    let (code, said) = told(&output);
    let said = said.replace(&*program.to_string_lossy(), "DOT").replace(&*program.with_file_name("not-there").to_string_lossy(), "DOT");
    (code, said, fs::read_to_string(&old).unwrap_or_default())
}

#[cfg(unix)]
#[test]
fn a_graphviz_that_fails_in_any_way_leaves_the_old_file_and_says_why() {
    let kept = |said: &str| (3, said.to_owned(), "old".to_owned());
    assert_eq!(
        with_graphviz("missing", "", &["--graphviz"]),
        kept(
            "error: Graphviz is not installed: there is no program `DOT`\n  help: install Graphviz, or leave out --graphviz: this program draws SVG and PNG itself\n"
        )
    );
    assert_eq!(
        with_graphviz("missing-pdf", "", &["--format", "pdf"]),
        kept(
            "error: Graphviz is not installed: there is no program `DOT`\n  help: install Graphviz, or draw the same as SVG or PNG, which need no other program\n"
        )
    );
    assert_eq!(
        with_graphviz("slow", "exec sleep 60", &["--graphviz", "--timeout", "1"]),
        kept(
            "error: `DOT` took longer than 1 seconds\n  help: --timeout SECONDS gives it more; `--view fold` and `--view blast:TARGET` draw fewer systems\n"
        )
    );
    assert_eq!(with_graphviz("wordy", "exec yes", &["--graphviz"]), kept("error: `DOT` printed more than 64 MiB\n"));
    assert_eq!(
        with_graphviz("broken", "cat > /dev/null; printf 'Error: \\033[2Jline 3\\nmore\\n' >&2; exit 1", &["--graphviz"]),
        kept("error: `DOT` failed: Error: ␛[2Jline 3\n")
    );
    assert_eq!(with_graphviz("silent", "exit 7", &["--graphviz"]), kept("error: `DOT` failed: it does not say why\n"));
    assert_eq!(
        with_graphviz("script", "cat > /dev/null; echo '<svg><script>alert(1)</script></svg>'", &["--graphviz"]),
        kept("error: the drawing of Graphviz is refused: it holds an element `script`\n")
    );
    assert_eq!(
        with_graphviz("handler", "cat > /dev/null; echo '<svg onload=\"alert(1)\"/>'", &["--graphviz"]),
        kept("error: the drawing of Graphviz is refused: it holds an attribute `onload`\n")
    );
    let (code, said, file) = with_graphviz("fine", "cat > /dev/null; echo '<svg><g/></svg>'", &["--graphviz"]);
    assert_eq!((code, said.as_str(), file.starts_with("<svg><style>@media")), (0, "", true));
}

#[test]
fn graphviz_itself_draws_every_form_where_it_is_installed() {
    if !Command::new("dot").arg("-V").output().is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED graphviz_itself_draws_every_form_where_it_is_installed: Graphviz is not installed");
        return;
    }
    for (form, start) in [("svg", "<?xml"), ("png", "\u{89}PNG"), ("pdf", "%PDF")] {
        let output = draw(&["--view", "blast:shop:os", "--format", form, "--graphviz"]);
        assert_eq!(told(&output), (0, String::new()), "{form}");
        let start: Vec<u8> = start.chars().map(|c| c as u8).collect();
        assert!(output.stdout.starts_with(&start), "{form}");
    }
}
