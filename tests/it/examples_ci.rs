//! The files of `examples/ci`: they parse, give away nothing, and their commands do what they promise.

use crate::cli::Folder;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn example(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/ci").join(name);
    fs::read_to_string(file).expect("the example is there")
}

fn tree(name: &str) -> Value {
    serde_saphyr::from_str(&example(name)).expect("the example is YAML")
}

const ACTION: &str = "github/action.yml";
const WORKFLOW: &str = "github/pull-request.yml";
const GITLAB: &str = "gitlab/weaklink.gitlab-ci.yml";
const HOOKS: &str = "pre-commit/.pre-commit-hooks.yaml";
const CONFIG: &str = "pre-commit/.pre-commit-config.yaml";

/// Every value under this key, however deep.
fn all<'v>(value: &'v Value, key: &str, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(entries) => {
            for (name, inner) in entries {
                if name == key {
                    found.push(inner);
                }
                all(inner, key, found);
            }
        }
        Value::Array(list) => list.iter().for_each(|inner| all(inner, key, found)),
        _ => {}
    }
}

fn values<'v>(tree: &'v Value, key: &str) -> Vec<&'v Value> {
    let mut found = Vec::new();
    all(tree, key, &mut found);
    found
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

#[test]
fn no_expression_stands_in_a_script_and_every_action_has_its_whole_version() {
    for name in [ACTION, WORKFLOW] {
        let tree = tree(name);
        let scripts = values(&tree, "run");
        assert!(!scripts.is_empty(), "{name}");
        for script in scripts {
            assert!(!text(script).contains("${{"), "{name}: {script}");
        }
        for used in values(&tree, "uses").into_iter().map(text).filter(|used| !used.starts_with("./")) {
            let (_, version) = used.split_once('@').expect("a version");
            let parts: Vec<&str> = version.strip_prefix('v').expect("a tag").split('.').collect();
            assert!(parts.len() == 3 && parts.iter().all(|part| part.parse::<u32>().is_ok()), "{used}");
        }
    }
}

#[test]
fn the_workflow_asks_for_no_more_than_it_needs() {
    let workflow = tree(WORKFLOW);
    assert_eq!(workflow["on"], "pull_request");
    assert_eq!(workflow["permissions"], serde_json::json!({}));
    let jobs = workflow["jobs"].as_object().expect("jobs");
    let permissions: BTreeMap<&str, &Value> = jobs.iter().map(|(name, job)| (name.as_str(), &job["permissions"])).collect();
    assert_eq!(permissions["review"], &serde_json::json!({ "contents": "read", "security-events": "write" }));
    assert_eq!(permissions["comment"], &serde_json::json!({ "pull-requests": "write" }));
    // Who checks the change out may not write, and who may write checks nothing out.
    assert!(values(&jobs["comment"], "uses").is_empty());
    assert!(text(&jobs["comment"]["if"]).contains("github.event.pull_request.head.repo.full_name == github.repository"));
    let checkout = &jobs["review"]["steps"][0];
    assert!(text(&checkout["uses"]).starts_with("actions/checkout@"));
    assert_eq!(checkout["with"], serde_json::json!({ "fetch-depth": 0, "persist-credentials": false }));
}

#[test]
fn the_other_files_have_what_their_readers_require() {
    let action = tree(ACTION);
    assert_eq!((&action["runs"]["using"], action["inputs"]["base"]["required"].as_bool()), (&"composite".into(), Some(true)));
    for step in action["runs"]["steps"].as_array().expect("steps").iter().filter(|step| step["run"].is_string()) {
        assert_eq!(step["shell"], "bash", "{step}");
    }
    for hook in [&tree(HOOKS)[0], &tree(CONFIG)["repos"][0]["hooks"][0]] {
        assert_eq!((text(&hook["entry"]), text(&hook["language"])), ("weaklink check --gate", "rust"));
        assert_eq!(hook["pass_filenames"], false);
        assert!(["id", "name", "args", "files"].iter().all(|key| !hook[*key].is_null()));
    }
    let job = &tree(GITLAB)["weaklink"];
    assert_eq!((text(&job["artifacts"]["when"]), text(&job["variables"]["GIT_DEPTH"])), ("always", "0"));
    assert_eq!(text(&job["rules"][0]["if"]), "$CI_PIPELINE_SOURCE == \"merge_request_event\"");
}

/// A repository with a model in its first commit, and perhaps another one in its work tree; programs beside it.
struct Stage {
    folder: Folder,
    repository: PathBuf,
    programs: PathBuf,
}

impl Stage {
    /// None, said aloud, where git or bash is missing.
    fn new(name: &str, head: Option<&str>) -> Option<Self> {
        for program in ["git", "bash"] {
            if !Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success()) {
                eprintln!("SKIPPED {name}: {program} is not there");
                return None;
            }
        }
        let folder = Folder::new(&format!("ci-{name}"));
        let (repository, programs) = (folder.path().join("repository"), folder.path().join("programs"));
        fs::create_dir_all(&repository).expect("a folder can be made");
        fs::create_dir_all(&programs).expect("a folder can be made");
        fs::create_dir_all(folder.path().join("runner")).expect("a folder can be made");
        let stage = Self { folder, repository, programs };
        let graphs = Path::new(env!("CARGO_MANIFEST_DIR")).join("graphs");
        stage.write("model.yaml", &fs::read_to_string(graphs.join("storefront.yaml")).expect("the graph is there"));
        stage.write("weaklink.toml", "weaklink = 1\nmodel = \"model.yaml\"\n[check]\ncritical = 90\n");
        for arguments in [
            &["init", "--quiet", "--initial-branch", "main"][..],
            &["add", "."],
            &["-c", "user.name=a", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false", "commit", "--quiet", "-m", "base"],
            &["update-ref", "refs/remotes/origin/main", "HEAD"],
        ] {
            let status = Command::new("git").args(arguments).current_dir(&stage.repository).status().expect("git runs");
            assert!(status.success(), "{arguments:?}");
        }
        if let Some(head) = head {
            let graph = fs::read_to_string(graphs.join("pull-requests").join(head)).expect("the graph is there");
            stage.write("model.yaml", &graph);
        }
        symlink(env!("CARGO_BIN_EXE_weaklink"), stage.programs.join("weaklink")).expect("a link can be made");
        stage.program("cargo", "echo 'nothing is installed in a test' >&2; exit 9");
        Some(stage)
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.repository.join(name), content).expect("a file can be written");
    }

    fn program(&self, name: &str, script: &str) {
        let file = self.programs.join(name);
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).expect("a file can be written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).expect("permissions can be set");
    }

    fn runner(&self, name: &str) -> PathBuf {
        self.folder.path().join("runner").join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.runner(name)).unwrap_or_default()
    }

    /// Runs a script as the runner does.
    fn bash(&self, script: &str, variables: &[(&str, &str)]) -> Output {
        let path_variable = format!("{}:{}", self.programs.display(), std::env::var("PATH").expect("there is a PATH"));
        Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(&self.repository)
            .stdin(Stdio::null())
            .env("PATH", path_variable)
            .env("RUNNER_TEMP", self.folder.path().join("runner"))
            .env("GITHUB_OUTPUT", self.runner("output"))
            .env("GITHUB_STEP_SUMMARY", self.runner("summary"))
            .env("GITHUB_REPOSITORY", "acme/shop")
            .envs(variables.iter().copied())
            .output()
            .expect("bash runs")
    }

    /// What of the repository is not as it was committed.
    fn leftovers(&self) -> String {
        let output = Command::new("git").args(["status", "--porcelain"]).current_dir(&self.repository).output().expect("git runs");
        String::from_utf8(output.stdout).expect("git says text")
    }
}

fn script(name: &str, step: &str) -> String {
    let tree = tree(name);
    let steps = values(&tree, "steps").into_iter().filter_map(Value::as_array).flatten();
    let found = steps.into_iter().find(|found| found["name"] == step).expect("the step is there");
    text(&found["run"]).to_owned()
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

const BASE: &str = "git:origin/main:weaklink.toml";

/// The steps of the action that have scripts, in order; the exit status of the last one, and what the log holds.
fn act(stage: &Stage, base: &str) -> (Option<i32>, String) {
    let base_step = stage.bash(&script(ACTION, "Install weaklink"), &[("VERSION", "")]);
    assert_eq!((code(&base_step), base_step.stdout.as_slice()), (Some(0), &b""[..]));
    let review = stage.bash(&script(ACTION, "Review"), &[("BASE", base), ("HEAD", "weaklink.toml")]);
    assert_eq!(code(&review), Some(0), "{}", String::from_utf8_lossy(&review.stderr));
    let output = stage.read("output");
    let told = output.lines().find_map(|line| line.strip_prefix("exit-code=")).expect("the status is handed on").to_owned();
    let verdict = stage.bash(&script(ACTION, "Verdict"), &[("CODE", &told)]);
    (code(&verdict), String::from_utf8(review.stdout).expect("the log is text"))
}

#[test]
fn the_action_hands_in_every_form_and_ends_with_the_verdict() {
    let Some(stage) = Stage::new("failed", Some("new-saas.yaml")) else { return };
    let (status, log) = act(&stage, BASE);
    assert_eq!(status, Some(1));
    assert_eq!(
        log,
        "::error file=model.yaml,line=87,endLine=87,col=11,title=rise::The risk of crm rises by 80 points to .80: crm:monitoring (unsplit) \
         reaches its layer monitoring.\n\
         ::error file=model.yaml,line=87,endLine=87,col=11,title=less-known::The risk of crm is less well known than before (a new \
         system): 0–.80.\n"
    );
    let sarif: Value = serde_json::from_str(&stage.read("weaklink.sarif")).expect("the file is JSON");
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(2));
    let comment = stage.read("weaklink.md");
    assert!(comment.starts_with("<!-- weaklink:review -->\n### weaklink: **Gate failed**"), "{comment}");
    assert_eq!(stage.read("summary"), comment);
    let output = stage.read("output");
    let (_, handed_on) = output.split_once("comment<<").expect("the comment is handed on");
    let (end, rest) = handed_on.split_once('\n').expect("its end is named");
    assert_eq!(rest, format!("{comment}{end}\n"));
    assert!(output.contains(&format!("sarif-file={}\n", stage.runner("weaklink.sarif").display())));
    assert_eq!(stage.leftovers(), " M model.yaml\n");
}

#[test]
fn the_action_passes_what_changes_nothing_and_hands_in_nothing_without_a_verdict() {
    let Some(stage) = Stage::new("passed", None) else { return };
    let (status, log) = act(&stage, BASE);
    assert_eq!((status, log.as_str(), stage.leftovers().as_str()), (Some(0), "", ""));
    assert!(stage.read("summary").starts_with("<!-- weaklink:review -->\n### weaklink: Nothing changes"));
    for base in ["git:origin/none:weaklink.toml", "git:--upload-pack=x:weaklink.toml", "git:origin/$(touch x):weaklink.toml", "--help"] {
        let Some(stage) = Stage::new("none", None) else { return };
        let (status, log) = act(&stage, base);
        assert_eq!((status, log.as_str(), stage.read("output").as_str()), (Some(2), "", "exit-code=2\n"), "{base}");
        assert_eq!((stage.read("summary").as_str(), stage.leftovers().as_str()), ("", ""), "{base}");
    }
}

#[test]
fn a_name_of_a_branch_stays_a_name() {
    let Some(stage) = Stage::new("branch", None) else { return };
    for branch in ["main", "$(touch${IFS}x)", "a';touch${IFS}x;'", "`touch${IFS}x`"] {
        let named = stage.bash(&script(WORKFLOW, "Name the base"), &[("BASE_REF", branch), ("MODEL", "weaklink.toml")]);
        assert_eq!(code(&named), Some(0));
        assert_eq!(stage.read("output").lines().last(), Some(format!("place=git:origin/{branch}:weaklink.toml").as_str()));
        assert_eq!(stage.leftovers(), "", "{branch}");
    }
}

#[test]
fn one_comment_is_written_and_then_renewed() {
    let Some(stage) = Stage::new("comment", None) else { return };
    let log = stage.runner("calls");
    for (known, wanted) in [
        ("", "api --silent --method POST repos/acme/shop/issues/7/comments --field body=@"),
        ("41\n42\n", "api --silent --method PATCH repos/acme/shop/issues/comments/41 --field body=@"),
    ] {
        stage.program("gh", &format!("echo \"$*\" >> '{}'\ncase \"$*\" in *--jq*) printf '{known}';; esac", log.display()));
        let comment = "<!-- weaklink:review -->\n`$(touch x)` %s \\n";
        let written =
            stage.bash(&script(WORKFLOW, "Write the comment, or renew the one that is there"), &[("NUMBER", "7"), ("COMMENT", comment)]);
        assert_eq!(code(&written), Some(0), "{}", String::from_utf8_lossy(&written.stderr));
        let calls = stage.read("calls");
        let last = calls.lines().last().expect("gh was called");
        assert_eq!(last, format!("{wanted}{}", stage.runner("comment.md").display()));
        assert_eq!((stage.read("comment.md"), stage.leftovers()), (format!("{comment}\n"), String::new()));
    }
}

#[test]
fn the_job_hands_in_both_reports_and_ends_with_the_verdict() {
    let job = tree(GITLAB);
    let lines = |key: &str| job["weaklink"][key].as_array().expect("lines").iter().map(text).collect::<Vec<_>>().join("\n");
    for (head, wanted, issues) in [(Some("new-saas.yaml"), 1, 2), (None, 0, 0)] {
        let Some(stage) = Stage::new("gitlab", head) else { return };
        let script = format!("{}\n{}", lines("before_script"), lines("script"));
        let output = stage.bash(&script, &[("CI_MERGE_REQUEST_DIFF_BASE_SHA", "HEAD"), ("WEAKLINK_MODEL", "weaklink.toml")]);
        assert_eq!(code(&output), Some(wanted), "{}", String::from_utf8_lossy(&output.stderr));
        let read = |key: &str| {
            let name = text(&job["weaklink"]["artifacts"]["reports"][key]);
            fs::read_to_string(stage.repository.join(name)).expect("the report was written")
        };
        let quality: Value = serde_json::from_str(&read("codequality")).expect("the report is JSON");
        assert_eq!(quality.as_array().map(Vec::len), Some(issues));
        let junit = read("junit");
        let junit = roxmltree::Document::parse(&junit).expect("the report is XML");
        assert_eq!(junit.descendants().filter(|node| node.has_tag_name("failure")).count() > 0, wanted == 1);
        let changed = if head.is_some() { " M model.yaml\n" } else { "" };
        assert_eq!(stage.leftovers(), format!("{changed}?? gl-code-quality-report.json\n?? weaklink-junit.xml\n"));
    }
}

#[test]
fn the_hook_holds_the_model_against_the_limits() {
    let config = tree(CONFIG);
    for hook in [&tree(HOOKS)[0], &config["repos"][0]["hooks"][0]] {
        let arguments: Vec<&str> = hook["args"].as_array().expect("arguments").iter().map(text).collect();
        let line = format!("{} {}", text(&hook["entry"]), arguments.join(" "));
        let Some(stage) = Stage::new("hook", None) else { return };
        assert_eq!(code(&stage.bash(&line, &[])), Some(0));
        stage.write("weaklink.toml", "weaklink = 1\nmodel = \"model.yaml\"\n[check]\ndeny = [\"unsplit\"]\n");
        assert_eq!(code(&stage.bash(&line, &[])), Some(1));
        stage.write("weaklink.toml", "weaklink = 1\nmodel = \"none.yaml\"\n");
        assert_eq!(code(&stage.bash(&line, &[])), Some(2));
        assert_eq!(stage.leftovers(), " M weaklink.toml\n");
    }
    let readme = example("README.md");
    for name in [ACTION, WORKFLOW, GITLAB, HOOKS, CONFIG] {
        assert!(readme.contains(&format!("`{name}`")), "{name}");
    }
}
