//! The command `dot`: which question, which form, and who draws it.

use super::arguments::{DiagramFormat, DotOptions, ModelOptions, ThemeName};
use super::commands::{semiring, target, threshold};
use super::graphviz;
use super::input::Model;
use super::output::{self, Failure};
use super::raster;
use std::io::{IsTerminal, Write};
use std::time::Duration;
use weaklink::analysis::{self, GroupBy, Target};
use weaklink::graph::ExposureGraph;
use weaklink::report::diagram::labels::Plain;
use weaklink::report::diagram::palette::{Page, dark_rules};
use weaklink::report::diagram::{Picture, Theme, dot, mermaid, svg, views};
use weaklink::source::{nearest, visible};

/// A question that can be drawn.
enum View<'a> {
    Estate,
    Blast(&'a str),
    Why(&'a str),
    Fold(GroupBy),
    Difference(&'a str),
}

/// The views by name, for messages.
const VIEWS: [&str; 8] = ["estate", "blast:TARGET", "why:FROM..TO", "fold", "fold:provider", "fold:owner", "fold:tag", "diff:BASE"];

/// Draws a diagram.
pub(crate) fn dot(options: &DotOptions) -> Result<(), Failure> {
    let format = format(options)?;
    let view = options.view.as_deref().map(View::parse).transpose()?;
    let model = Model::read(&options.model)?;
    let picture = picture(options, view, &model)?;
    let drawn = draw(options, format, &picture)?;
    output::write(&options.out, |out| out.write_all(&drawn))
}

/// The form that is asked for, or that the name of the file ends in.
fn format(options: &DotOptions) -> Result<DiagramFormat, Failure> {
    let ending = options.out.output.as_ref().and_then(|path| path.extension()).and_then(|ending| ending.to_str());
    let by_name = match ending.map(str::to_ascii_lowercase).as_deref() {
        Some("svg") => DiagramFormat::Svg,
        Some("png") => DiagramFormat::Png,
        Some("pdf") => DiagramFormat::Pdf,
        Some("mmd" | "mermaid") => DiagramFormat::Mermaid,
        _ => DiagramFormat::Dot,
    };
    let format = options.format.unwrap_or(by_name);
    let is_binary = matches!(format, DiagramFormat::Png | DiagramFormat::Pdf);
    if is_binary && options.out.output.is_none() && std::io::stdout().is_terminal() {
        return Err(Failure::bad_input_with_help("a picture would only clutter the terminal", "-o FILE writes it to a file"));
    }
    Ok(format)
}

impl<'a> View<'a> {
    fn parse(text: &'a str) -> Result<Self, Failure> {
        let (kind, subject) = text.split_once(':').map_or((text, None), |(kind, subject)| (kind, Some(subject)));
        match (kind, subject) {
            ("estate", None) => Ok(Self::Estate),
            ("blast", Some(target)) => Ok(Self::Blast(target)),
            ("why", Some(ends)) if ends.contains("..") => Ok(Self::Why(ends)),
            ("fold", None | Some("provider")) => Ok(Self::Fold(GroupBy::Provider)),
            ("fold", Some("owner")) => Ok(Self::Fold(GroupBy::Owner)),
            ("fold", Some("tag")) => Ok(Self::Fold(GroupBy::Tag)),
            ("diff", Some(base)) if !base.is_empty() => Ok(Self::Difference(base)),
            _ => {
                let meant = VIEWS.iter().find(|view| view.split(':').next() == Some(kind)).copied();
                let meant = if kind == "fold" { nearest(text, VIEWS) } else { meant };
                let meant = meant.or_else(|| nearest(kind, VIEWS));
                let message = format!("no view named `{}`", visible(text));
                Err(match meant {
                    Some(meant) => Failure::bad_input_with_help(message, format!("did you mean `{meant}`?")),
                    None => Failure::bad_input_with_help(message, format!("the views are {}", VIEWS.join(", "))),
                })
            }
        }
    }
}

/// The picture of a view; without one, of the estate, folded where it would be too large to read.
fn picture(options: &DotOptions, view: Option<View<'_>>, model: &Model) -> Result<Picture, Failure> {
    let graph = model.graph();
    let view = view.unwrap_or_else(|| {
        let systems = model.estate.systems().len();
        if systems <= views::MOST_CARDS {
            return View::Estate;
        }
        let note =
            format!("note: {systems} systems are folded by provider; `--view estate` draws every one, `--view blast:TARGET` one question");
        let _ = writeln!(anstream::stderr(), "{note}");
        View::Fold(GroupBy::Provider)
    });
    let threshold = threshold(&graph, options.threshold);
    let semiring = semiring(options.semiring, threshold);
    match view {
        View::Estate => {
            let systems = model.estate.systems().len();
            if systems > views::MOST_STACKS {
                return Err(Failure::bad_input_with_help(
                    format!("{systems} systems are too many to draw one by one; at most {} are", views::MOST_STACKS),
                    "`--view fold` draws groups of them, `--view blast:TARGET` those that one failure exposes",
                ));
            }
            Ok(views::estate(&graph, &Plain))
        }
        View::Blast(subject) => {
            let radius = analysis::blast_radius(&graph, target(&graph, subject)?, semiring, threshold);
            Ok(views::blast(&graph, &radius, subject, semiring, &Plain))
        }
        View::Why(subject) => {
            let ((from, to), [start, goal]) = ends(&graph, subject)?;
            let best = analysis::best_paths(&graph, start, goal, semiring, 1);
            Ok(views::path(&graph, best.first(), (from, to), semiring, &Plain))
        }
        View::Fold(by) => {
            let posture = analysis::posture(&graph);
            Ok(views::fold(&graph, &analysis::groups(&graph, &posture, by)))
        }
        View::Difference(path) => {
            let base = Model::read(&ModelOptions { model: path.into(), ..options.model.clone() })?;
            let base_graph = base.graph();
            let difference = analysis::difference(&base_graph, &graph);
            Ok(views::difference(&difference, (path, &options.model.model.to_string_lossy()), &Plain))
        }
    }
}

/// Both ends of `FROM..TO`. An id may hold dots itself: the first place where both sides name a target counts.
fn ends<'a>(graph: &ExposureGraph<'_>, subject: &'a str) -> Result<((&'a str, &'a str), [Target; 2]), Failure> {
    let splits = || subject.match_indices("..").map(|(at, dots)| (&subject[..at], &subject[at + dots.len()..]));
    for (from, to) in splits() {
        if let (Ok(start), Ok(goal)) = (Target::named(graph, from), Target::named(graph, to)) {
            return Ok(((from, to), [start, goal]));
        }
    }
    let (from, to) = splits().next().unwrap_or((subject, ""));
    Ok(((from, to), [target(graph, from)?, target(graph, to)?]))
}

fn draw(options: &DotOptions, format: DiagramFormat, picture: &Picture) -> Result<Vec<u8>, Failure> {
    let (theme, page) = match options.theme {
        ThemeName::Auto => (Theme::Auto, Page::Light),
        ThemeName::Light => (Theme::Only(Page::Light), Page::Light),
        ThemeName::Dark => (Theme::Only(Page::Dark), Page::Dark),
    };
    let told = |error: std::io::Error| Failure::output(format!("cannot draw: {error}"));
    let timeout = Duration::from_secs(options.timeout);
    let mut drawn = Vec::new();
    match format {
        DiagramFormat::Dot => dot::write(picture, page, &mut drawn).map_err(told)?,
        DiagramFormat::Mermaid => mermaid::write(picture, &mut drawn).map_err(told)?,
        DiagramFormat::Pdf => drawn = graphviz::draw(&dot::text(picture, page), "pdf", timeout)?,
        DiagramFormat::Png if options.graphviz => drawn = graphviz::draw(&dot::text(picture, page), "png", timeout)?,
        DiagramFormat::Svg if options.graphviz => {
            let rules = (theme == Theme::Auto).then(dark_rules);
            drawn = graphviz::themed(graphviz::draw(&dot::text(picture, page), "svg", timeout)?, rules.as_deref())?;
        }
        DiagramFormat::Svg => svg::write(picture, theme, &mut drawn).map_err(told)?,
        DiagramFormat::Png => {
            svg::write(picture, Theme::Only(page), &mut drawn).map_err(told)?;
            drawn = raster::png(&String::from_utf8_lossy(&drawn)).map_err(|why| Failure::output(format!("cannot draw: {why}")))?;
        }
    }
    Ok(drawn)
}
