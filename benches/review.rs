//! Reviewing ten changes of an estate of a given size, phase by phase, beside solving anew for every change left out.
//!
//! cargo bench --bench review -- 10000 50000

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod common;

use common::{RUNS, median, peak_memory};
use jiff::civil::{Date, date};
use std::hint::black_box;
use weaklink::analysis;
use weaklink::analysis::review::{self, Review};
use weaklink::catalog::{End, Layer, Policy};
use weaklink::coverage::Coverage;
use weaklink::estate::{Estate, changes};
use weaklink::graph::{ExposureGraph, Semiring, solve};
use weaklink::project::{Settings, Waivers};
use weaklink::report::page::Rows;
use weaklink::report::{markdown, pages};
use weaklink::source::Source;

const AS_OF: Date = date(2026, 11, 1);

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let (systems, connections) = (numbers.first().copied().unwrap_or(10_000), numbers.get(1).copied().unwrap_or(50_000));
    let base_text = covered(&common::estate(systems, connections));
    let head_text = changed(&base_text, systems);
    let policy = Policy::shipped();

    let whole = median(|| {
        let (base, head) = std::thread::scope(|scope| {
            let base = scope.spawn(|| read(&base_text));
            let head = read(&head_text);
            (base.join().expect("the base is read"), head)
        });
        let (base_graph, head_graph) = (ExposureGraph::build(&base.0, &base.1, policy), ExposureGraph::build(&head.0, &head.1, policy));
        black_box(written(&review::review(&base_graph, &head_graph, None)));
    });
    let (base, head) = (read(&base_text), read(&head_text));
    let (base_graph, head_graph) = (ExposureGraph::build(&base.0, &base.1, policy), ExposureGraph::build(&head.0, &head.1, policy));
    let found = review::review(&base_graph, &head_graph, None);
    let tried: usize = found.rises.iter().map(|rise| rise.cause.changes.len()).sum();
    println!(
        "{systems} systems, {connections} connections, {} changes, {} rises, {} falls, {tried} changes on their paths; medians of {RUNS} runs",
        found.changes.len(),
        found.rises.len(),
        found.falls.len(),
    );
    println!("read both, review and print    {whole:9.3} ms");
    let one = median(|| drop(black_box(read(&base_text))));
    println!("read one model                 {one:9.3} ms  {:5.2} of all", one / whole);
    let posture = median(|| drop(black_box(analysis::posture(&head_graph))));
    println!("posture of one model           {posture:9.3} ms  {:5.2}", posture / whole);
    let told = median(|| drop(black_box(changes(&base.0, &head.0))));
    println!("what changed                   {told:9.3} ms  {:5.2}", told / whole);
    let reviewed = median(|| drop(black_box(review::review(&base_graph, &head_graph, None))));
    println!("review                         {reviewed:9.3} ms  {:5.2}", reviewed / whole);
    let shown = median(|| drop(black_box(written(&found))));
    println!("gate and comment               {shown:9.3} ms  {:5.2}", shown / whole);
    let anew = median(|| drop(black_box(solve(&head_graph, &head_graph.gap_seeds(End::High), Semiring::Product, End::High))));
    println!("one end solved anew            {anew:9.3} ms, of which each change left out would need one");
    if let Some(peak) = peak_memory() {
        println!("peak memory of all this        {peak}");
    }
}

fn read(text: &str) -> (Estate, Coverage) {
    let source = Source::from_bytes("bench.json".to_owned(), text.as_bytes().to_vec(), 0).expect("the model is text");
    let estate = Estate::parse(&source, AS_OF).expect("the model is valid");
    let coverage = Coverage::of(&estate, Policy::shipped(), AS_OF);
    (estate, coverage)
}

fn written(review: &Review<'_>) -> String {
    let waivers = Waivers::default();
    let gate = review::gate(review, &Settings::shipped().review, &waivers, AS_OF);
    markdown::comment(&pages::review(review, &gate, None, Rows::Top(20)), "review")
}

/// The estate with every layer covered, so that a gap which is new shows as far as it reaches.
fn covered(text: &str) -> String {
    let claim = r#"{"status":"implemented","split":{"customer":{},"provider":{}}}"#;
    let claims: Vec<String> = Layer::IDS.iter().map(|layer| format!(r#""{layer}":{claim}"#)).collect();
    let rule = format!(r#""rules":[{{"match":{{"id":"*"}},"layers":{{{}}}}}],"systems":["#, claims.join(","));
    let text = text.replace("not-implemented", "implemented").replace("partial", "implemented");
    text.replacen(r#""systems":["#, &rule, 1)
}

/// Ten changes: five new credentials, three layers that nobody covers any more, a new system, and a connection that is
/// gone.
fn changed(text: &str, systems: usize) -> String {
    let credential = |at: usize| {
        let (from, to) = (at * systems / 6 + 1, (at * systems / 7 + systems / 2) % systems);
        format!(r#"{{"from":"system-{from:07}","to":"system-{to:07}","kind":"holds-credentials","id":"new-{at}"}},"#)
    };
    let credentials: String = (1..=5).map(credential).collect();
    let text = text.replacen(r#""connections":["#, &format!(r#""connections":[{credentials}"#), 1);
    let text = text.replacen(
        r#""systems":["#,
        r#""systems":[{"id":"new","model":"saas","provider":"gcp","owner":"team-1","facing":"internet"},"#,
        1,
    );
    let mut text = text;
    for system in [systems / 5, systems / 3, systems / 2 + 7] {
        let entry = format!(r#""id":"system-{system:07}""#);
        let at = text.find(&entry).expect("the system is there");
        let layers = at + text[at..].find(r#""layers":{"#).expect("it has layers") + r#""layers":{"#.len();
        let end = layers + text[layers..].find("}}").expect("they end");
        let claims = text[layers..end].replacen("implemented", "not-implemented", 1).replace("not-not-", "not-");
        text.replace_range(layers..end, &claims);
    }
    let last = text.rfind(r#",{"from":"#).expect("there are connections");
    text.replace_range(last..text.len() - 2, "");
    text
}
