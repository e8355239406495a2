//! Graphviz, where it is asked for: a program that is started, watched and distrusted.

use super::output::Failure;
use resvg::usvg::roxmltree;
use std::io::{ErrorKind, Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use wait_timeout::ChildExt;
use weaklink::source::visible;

/// Bytes that it may print.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// Bytes of its complaints that are shown.
const MOST_COMPLAINTS: u64 = 4 * 1024;

/// The environment variable that names another program than `dot`.
const PROGRAM: &str = "WEAKLINK_DOT";

/// Has Graphviz draw a DOT text in a form of its own: `svg`, `png` or `pdf`.
///
/// # Errors
/// It is not installed, failed, took longer than `timeout`, or printed too much.
pub(crate) fn draw(dot: &str, form: &str, timeout: Duration) -> Result<Vec<u8>, Failure> {
    let program = std::env::var_os(PROGRAM).unwrap_or_else(|| "dot".into());
    let shown = visible(&program.to_string_lossy()).into_owned();
    let mut child = Command::new(&program)
        .arg(format!("-T{form}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| missing(&shown, form, &error))?;
    let input = dot.to_owned();
    if let Some(mut stdin) = child.stdin.take() {
        // A program that stops reading is no fault of ours: its exit status tells.
        std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    }
    let output = collect(child.stdout.take(), MOST_BYTES);
    let complaints = collect(child.stderr.take(), MOST_COMPLAINTS);
    let drawn = wait(&mut child, &output, timeout);
    let _ = child.kill();
    let (drawn, has_succeeded) = drawn.map_err(|problem| match problem {
        Problem::TooSlow => Failure::output_with_help(
            format!("`{shown}` took longer than {} seconds", timeout.as_secs()),
            "--timeout SECONDS gives it more; `--view fold` and `--view blast:TARGET` draw fewer systems",
        ),
        Problem::TooMuch => Failure::output(format!("`{shown}` printed more than {} MiB", MOST_BYTES / 1024 / 1024)),
    })?;
    if has_succeeded {
        return Ok(drawn);
    }
    let complaints = complaints.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
    let complaints = String::from_utf8_lossy(&complaints);
    let first = complaints.lines().next().unwrap_or("it does not say why");
    Err(Failure::output(format!("`{shown}` failed: {}", visible(first))))
}

enum Problem {
    TooSlow,
    TooMuch,
}

/// Waits for what the program prints and for its end, and returns whether it succeeded.
fn wait(child: &mut Child, output: &Receiver<Vec<u8>>, timeout: Duration) -> Result<(Vec<u8>, bool), Problem> {
    let started = std::time::Instant::now();
    let printed = output.recv_timeout(timeout).map_err(|_| Problem::TooSlow)?;
    if printed.len() as u64 > MOST_BYTES {
        return Err(Problem::TooMuch);
    }
    match child.wait_timeout(timeout.saturating_sub(started.elapsed())) {
        Ok(Some(status)) => Ok((printed, status.success())),
        Ok(None) | Err(_) => Err(Problem::TooSlow),
    }
}

/// Reads a stream to its end, or one byte further than it may be long.
fn collect(stream: Option<impl Read + Send + 'static>, most: u64) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            let _ = stream.take(most + 1).read_to_end(&mut bytes);
        }
        let _ = sender.send(bytes);
    });
    receiver
}

fn missing(program: &str, form: &str, error: &std::io::Error) -> Failure {
    let problem = match error.kind() {
        ErrorKind::NotFound => format!("Graphviz is not installed: there is no program `{program}`"),
        _ => format!("cannot start `{program}`: {error}"),
    };
    let help = match form {
        "pdf" => "install Graphviz, or draw the same as SVG or PNG, which need no other program",
        _ => "install Graphviz, or leave out --graphviz: this program draws SVG and PNG itself",
    };
    Failure::output_with_help(problem, help)
}

/// An SVG that Graphviz drew, made to follow the page of its reader.
///
/// Belt and braces: nothing that is written into a DOT text can make Graphviz emit a script, a link or a handler; a
/// drawing that holds one all the same is refused.
///
/// # Errors
/// The drawing is not what it should be, in words.
pub(crate) fn themed(svg: Vec<u8>, rules: Option<&str>) -> Result<Vec<u8>, Failure> {
    let refuse = |why: String| Failure::output(format!("the drawing of Graphviz is refused: {why}"));
    let text = String::from_utf8(svg).map_err(|_| refuse("it is not UTF-8".to_owned()))?;
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
    let document =
        roxmltree::Document::parse_with_options(&text, options).map_err(|error| refuse(visible(&error.to_string()).into_owned()))?;
    for element in document.descendants().filter(roxmltree::Node::is_element) {
        let name = element.tag_name().name();
        if !["svg", "g", "title", "polygon", "polyline", "path", "ellipse", "text", "a"].contains(&name) {
            return Err(refuse(format!("it holds an element `{}`", visible(name))));
        }
        for attribute in element.attributes() {
            let name = attribute.name().to_ascii_lowercase();
            if name.starts_with("on") || name == "href" {
                return Err(refuse(format!("it holds an attribute `{}`", visible(attribute.name()))));
            }
        }
    }
    let Some(rules) = rules else { return Ok(text.into_bytes()) };
    let inside = document.root_element().first_child().map_or(text.len(), |child| child.range().start);
    let (head, tail) = text.split_at(inside);
    Ok(format!("{head}<style>{rules}</style>{tail}").into_bytes())
}
