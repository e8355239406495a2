//! Reading, scoring and printing an estate of a given size, phase by phase, beside petgraph on the same graph.
//!
//! cargo bench --bench estate -- 10000 50000

#![expect(
    clippy::print_stdout,
    clippy::suspicious_arithmetic_impl,
    reason = "a bench prints its figures, and a likelihood adds by multiplying"
)]

use std::fmt::Write as _;
use std::hint::black_box;
use std::ops::Add;
use std::time::Instant;
use weaklink::analysis::{self, Attribution, Target};
use weaklink::catalog::{BasisPoints, ConnectionKind, End, Layer, Policy};
use weaklink::coverage::Coverage;
use weaklink::estate::Estate;
use weaklink::graph::{ExposureGraph, Semiring, solve};
use weaklink::report::page::Rows;
use weaklink::report::{pages, screen};
use weaklink::source::Source;

const RUNS: usize = 5;

fn main() {
    let numbers: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let (systems, connections) = (numbers.first().copied().unwrap_or(10_000), numbers.get(1).copied().unwrap_or(50_000));
    let text = estate(systems, connections);
    let as_of = jiff::civil::date(2026, 11, 1);
    let policy = Policy::shipped();
    let source = Source::from_bytes("bench.json".to_owned(), text.clone().into_bytes(), 0).expect("the model is text");
    let estate = Estate::parse(&source, as_of).expect("the model is valid");
    let coverage = Coverage::of(&estate, policy, as_of);
    let graph = ExposureGraph::build(&estate, &coverage, policy);
    println!(
        "{systems} systems, {connections} connections, {} gaps, {} bytes of JSON; medians of {RUNS} runs",
        coverage.gaps().count(),
        text.len()
    );

    let threshold = BasisPoints::of(policy.threshold);
    let whole = median(|| {
        let source = Source::from_bytes("bench.json".to_owned(), text.clone().into_bytes(), 0).expect("the model is text");
        let estate = Estate::parse(&source, as_of).expect("the model is valid");
        let coverage = Coverage::of(&estate, policy, as_of);
        let graph = ExposureGraph::build(&estate, &coverage, policy);
        let score = analysis::score(&graph, threshold, Attribution::Omitted, &|_, _| {});
        black_box(screen::render(&pages::score(&graph, &score, None, Rows::Top(20)), 100));
    });
    println!("read, score and print      {whole:9.3} ms");
    let read = median(|| {
        black_box(Estate::parse(&source, as_of).is_ok());
    });
    println!("read                       {read:9.3} ms  {:5.2} of all", read / whole);
    let cover = median(|| {
        black_box(Coverage::of(&estate, policy, as_of));
    });
    println!("coverage                   {cover:9.3} ms  {:5.2}", cover / whole);
    let build = median(|| {
        black_box(ExposureGraph::build(&estate, &coverage, policy));
    });
    println!("graph                      {build:9.3} ms  {:5.2}", build / whole);
    let scored = median(|| {
        black_box(analysis::score(&graph, threshold, Attribution::Omitted, &|_, _| {}));
    });
    println!("score                      {scored:9.3} ms  {:5.2}", scored / whole);
    let exposure = median(|| {
        black_box(solve(&graph, &graph.gap_seeds(End::High), Semiring::Product, End::High));
    });
    println!("  exposure, one end        {exposure:9.3} ms  {:5.2}", exposure / whole);

    let origin = graph.states().find(|state| state.layer() == Layer::Config).expect("some system has a config layer");
    let own = median(|| {
        black_box(solve(&graph, &[(origin, 1.0)], Semiring::Product, End::High));
    });
    let peer = median(|| {
        black_box(petgraph::algo::dijkstra(&graph, origin, None, |arc| Likelihood(arc.factor)));
    });
    println!("one source, ours           {own:9.3} ms");
    println!("one source, petgraph       {peer:9.3} ms  {:5.2} times ours", peer / own);
    let radius = median(|| {
        black_box(analysis::blast_radius(&graph, Target::State(origin), Semiring::Product, threshold));
    });
    println!("blast radius               {radius:9.3} ms");
    if let Some(peak) = peak_memory() {
        println!("peak memory of all this    {peak}");
    }
}

/// The median wall time of a piece of work, in milliseconds.
fn median(work: impl Fn()) -> f64 {
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let begin = Instant::now();
            work();
            begin.elapsed().as_secs_f64() * 1_000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}

/// A likelihood as a cost for petgraph's Dijkstra: costs add by multiplying, and the likelier is the smaller.
#[derive(Copy, Clone, Debug, PartialEq)]
struct Likelihood(f64);

impl Default for Likelihood {
    fn default() -> Self {
        Self(1.0)
    }
}

impl Add for Likelihood {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }
}

impl PartialOrd for Likelihood {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        other.0.partial_cmp(&self.0)
    }
}

fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map(|peak| peak.trim().to_owned())
}

/// A segmented estate as JSON: most connections stay near, some cross it; deterministic.
fn estate(systems: usize, connections: usize) -> String {
    let mut dice = Dice(7);
    let models = ["on-premises", "iaas", "caas", "paas", "faas", "saas"];
    let statuses = [
        "implemented",
        "implemented",
        "implemented",
        "implemented",
        "implemented",
        "implemented",
        "implemented",
        "partial",
        "not-implemented",
    ];
    let mut text = String::from(
        r#"{"weaklink":1,"parties":[{"id":"aws","kind":"provider","attested":{"as_of":"2026-06-01"}},{"id":"azure","kind":"provider"},{"id":"gcp","kind":"provider"}"#,
    );
    for team in 0..20 {
        let _ = write!(text, r#",{{"id":"team-{team}","kind":"team"}}"#);
    }
    text.push_str(r#"],"systems":["#);
    for system in 0..systems {
        let comma = if system == 0 { "" } else { "," };
        let _ = write!(
            text,
            r#"{comma}{{"id":"system-{system:07}","name":"System {system}","model":"{}","provider":"{}","owner":"team-{}","criticality":"{}","facing":"{}","layers":{{"#,
            dice.pick(&models),
            dice.pick(&["aws", "azure", "gcp"]),
            dice.below(20),
            dice.pick(&["low", "moderate", "high", "crown-jewel"]),
            dice.pick(&["internet", "partner", "internal"]),
        );
        let mut comma = "";
        for layer in Layer::IDS {
            if dice.below(11) < 7 {
                let _ = write!(text, r#"{comma}"{layer}":{{"status":"{}"}}"#, dice.pick(&statuses));
                comma = ",";
            }
        }
        text.push_str("}}");
    }
    text.push_str(r#"],"connections":["#);
    for connection in 0..connections {
        let from = dice.below(systems);
        let near = (from + 1 + dice.below(50)).min(systems - 1);
        let to = if dice.below(10) > 0 && near != from { near } else { (from + 1 + dice.below(systems - 1)) % systems };
        let comma = if connection == 0 { "" } else { "," };
        let _ = write!(text, r#"{comma}{{"from":"system-{from:07}","to":"system-{to:07}","kind":"{}""#, dice.pick(ConnectionKind::IDS));
        if dice.below(3) == 0 {
            text.push_str(r#","controls":[{"class":"authn","strength":"strong","status":"implemented"}]"#);
        }
        text.push('}');
    }
    text.push_str("]}");
    text
}

/// Splitmix64: small, and the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}
