//! Graphviz, where it is asked for.

use super::output::Failure;
use super::program::{self, Problem};
use resvg::usvg::roxmltree;
use std::io::ErrorKind;
use std::process::Command;
use std::time::Duration;
use weaklink::source::visible;

/// Bytes that it may print.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// The environment variable that names another program than `dot`.
const PROGRAM: &str = "WEAKLINK_DOT";

/// Has Graphviz draw a DOT text in a form of its own: `svg`, `png` or `pdf`.
///
/// # Errors
/// It is not installed, failed, took longer than `timeout`, or printed too much.
pub(crate) fn draw(dot: &str, form: &str, timeout: Duration) -> Result<Vec<u8>, Failure> {
    let program = std::env::var_os(PROGRAM).unwrap_or_else(|| "dot".into());
    let shown = visible(&program.to_string_lossy()).into_owned();
    let mut command = Command::new(&program);
    command.arg(format!("-T{form}"));
    program::run(&mut command, dot.as_bytes().to_vec(), MOST_BYTES, timeout).map_err(|problem| match problem {
        Problem::NotStarted(error) => missing(&shown, form, &error),
        Problem::TooSlow => Failure::output_with_help(
            format!("`{shown}` took longer than {} seconds", timeout.as_secs()),
            "--timeout SECONDS gives it more; `--view fold` and `--view blast:TARGET` draw fewer systems",
        ),
        Problem::TooMuch => Failure::output(format!("`{shown}` printed more than {} MiB", MOST_BYTES / 1024 / 1024)),
        Problem::Failed(complaints) => {
            let first = complaints.lines().next().unwrap_or("it does not say why");
            Failure::output(format!("`{shown}` failed: {}", visible(first)))
        }
    })
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
