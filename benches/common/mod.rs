//! What the benches share: an estate of a given size, and how time is taken.

use std::fmt::Write as _;
use std::time::Instant;
use weaklink::catalog::{ConnectionKind, Layer};

/// Runs that a median is of.
pub(crate) const RUNS: usize = 5;

/// The median wall time of a piece of work, in milliseconds.
pub(crate) fn median(work: impl Fn()) -> f64 {
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

/// The most memory that the process has held so far.
pub(crate) fn peak_memory() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map(|peak| peak.trim().to_owned())
}

/// A segmented estate as JSON: most connections stay near, some cross it; deterministic.
pub(crate) fn estate(systems: usize, connections: usize) -> String {
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
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}
