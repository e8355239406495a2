//! `review`: two models, and the verdict on the change.

use super::arguments::{ModelOptions, Points, ReadingOptions, ReviewOptions, Switch};
use super::gating;
use super::input::{Model, today};
use super::output::Failure;
use std::path::Path;
use weaklink::analysis::review;
use weaklink::coverage::Coverage;
use weaklink::graph::ExposureGraph;
use weaklink::project::ReviewLimits;
use weaklink::report::findings;
use weaklink::report::{json, pages};

/// Compares two models, and gives the exit status of the gate.
pub(crate) fn review(options: &ReviewOptions) -> Result<u8, Failure> {
    let (base, head) = models(options)?;
    base.note_warnings("the base");
    head.note_warnings("the head");
    let limit = options.reading.max_size * 1024 * 1024;
    let waivers = gating::waivers(&options.gating, base.project.waivers.as_ref(), limit)?;
    let limits = limits(options, base.project.settings.review.clone());
    // What the change of the model does, and not that of the policy, is seen under the base's.
    let is_same_policy = base.policy.hash == head.policy.hash && base.policy.profiles == head.policy.profiles;
    let as_of = base.coverage.as_of;
    let by_base = (!is_same_policy).then(|| Coverage::of(&head.estate, &base.policy, as_of));
    let base_graph = base.graph();
    let head_graph = ExposureGraph::build(&head.estate, by_base.as_ref().unwrap_or(&head.coverage), &base.policy);
    let head_own = (!is_same_policy).then(|| head.graph());
    let found = review::review(&base_graph, &head_graph, head_own.as_ref());
    let gate = review::gate(&found, &limits, &waivers, as_of);
    let files = gating::files(&head);
    let shown = options.findings.lines.then_some(&head.sources[..]);
    gating::answer(
        &options.findings,
        &options.gating,
        &gate,
        || json::review(&found, &gate, head_own.as_ref()),
        ("review", |rows| pages::review(&found, &gate, shown, rows)),
        || findings::of_review(&found, &gate, &files),
    )
}

/// Reads both models side by side, with one analysis date.
fn models(options: &ReviewOptions) -> Result<(Model, Model), Failure> {
    if [&options.base, &options.head].iter().all(|model| model.as_os_str() == "-") {
        return Err(Failure::bad_input("standard input can be read once, and `-` is named more than once"));
    }
    let reading = ReadingOptions { as_of: Some(options.reading.as_of.unwrap_or_else(today)), ..options.reading.clone() };
    let of = |model: &Path| ModelOptions { model: model.to_owned(), reading: reading.clone() };
    let (base, head) = std::thread::scope(|scope| {
        let of_base = of(&options.base);
        let base = scope.spawn(move || Model::read_quietly(&of_base));
        let head = Model::read_quietly(&of(&options.head));
        (base.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), head)
    });
    Ok((told_of("base", base)?, told_of("head", head)?))
}

/// Says which of the two models has the faults.
fn told_of(which: &str, model: Result<Model, Failure>) -> Result<Model, Failure> {
    model.map_err(|failure| match failure {
        Failure::BadInput(text) => Failure::BadInput(format!("{text}error: the {which} cannot be used, so nothing is reviewed\n")),
        failure => failure,
    })
}

fn limits(options: &ReviewOptions, mut limits: ReviewLimits) -> ReviewLimits {
    gating::set_share(&mut limits.critical, options.critical);
    if let Some(Points(ratchet)) = options.ratchet {
        limits.ratchet = ratchet;
    }
    if let Some(Points(budget)) = options.budget {
        limits.budget = budget;
    }
    if let Some(weakening) = options.weakening {
        limits.weakening = weakening == Switch::On;
    }
    if let Some(unknown) = options.unknown {
        limits.unknown = unknown == Switch::On;
    }
    limits
}
