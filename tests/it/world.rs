//! What tests ask the library about: a model read to the end, its graph, and the places where shared cases lie.

use jiff::civil::{Date, date};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::LazyLock;
use weaklink::catalog::{Layer, Policy};
use weaklink::coverage::Coverage;
use weaklink::estate::{Estate, SystemIx};
use weaklink::graph::{ExposureGraph, State};
use weaklink::source::{Limits, Source};

/// The analysis date of all tests.
pub(crate) const AS_OF: Date = date(2026, 11, 1);

/// The data that ships with the product, as the oracle reads it.
pub(crate) static POLICY: LazyLock<Value> = LazyLock::new(|| json(Policy::SHIPPED_TEXT));
pub(crate) static SERVICES: LazyLock<Value> = LazyLock::new(|| json(include_str!("../../src/catalog/services.json")));
pub(crate) static CONTROLS: LazyLock<Value> = LazyLock::new(|| json(include_str!("../../src/catalog/controls.json")));

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("the text is JSON")
}

/// An estate with its coverage under a policy.
pub(crate) struct World<'p> {
    pub(crate) estate: Estate,
    pub(crate) coverage: Coverage,
    pub(crate) policy: &'p Policy,
}

impl World<'static> {
    /// Reads a model under the shipped policy.
    pub(crate) fn of(model: &Value) -> Self {
        Self::of_texts(&[&model.to_string()], Policy::shipped())
    }
}

impl<'p> World<'p> {
    /// Reads a model and its overlays.
    pub(crate) fn of_texts(texts: &[&str], policy: &'p Policy) -> Self {
        let sources: Vec<Source> = texts
            .iter()
            .enumerate()
            .map(|(ix, text)| Source::from_bytes(format!("model-{ix}"), text.as_bytes().to_vec(), ix as u16).expect("the model is text"))
            .collect();
        let sources: Vec<&Source> = sources.iter().collect();
        match Estate::load(&sources, policy, AS_OF, &Limits::default()) {
            Ok((estate, _)) => Self { coverage: Coverage::of(&estate, policy, AS_OF), estate, policy },
            Err(faults) => panic!("the model is not valid: {faults:#?}\n{}", texts.join("\n")),
        }
    }

    pub(crate) fn graph(&self) -> ExposureGraph<'_> {
        ExposureGraph::build(&self.estate, &self.coverage, self.policy)
    }

    /// The state of a layer of the system with this id.
    pub(crate) fn state(&self, system: &str, layer: Layer) -> State {
        State::new(self.system(system), layer)
    }

    pub(crate) fn system(&self, id: &str) -> SystemIx {
        self.estate.find_system(id).expect("the system is there")
    }
}

/// A policy read from its JSON.
pub(crate) fn policy(value: &Value) -> Policy {
    let source = Source::from_bytes("policy.json".to_owned(), value.to_string().into_bytes(), 0).expect("the policy is text");
    Policy::parse(&source).unwrap_or_else(|faults| panic!("the policy is not valid: {faults:#?}"))
}

/// A file or folder among the shared cases; says aloud that a test is skipped where it is absent.
pub(crate) fn shared(path: &str, test: &str) -> Option<PathBuf> {
    beside(&format!("cases/{path}"), test)
}

/// A file or folder of what lies beside the project; says aloud that a test is skipped where it is absent.
pub(crate) fn beside(path: &str, test: &str) -> Option<PathBuf> {
    let root =
        std::env::var_os("WEAKLINK_SHARED").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    eprintln!("SKIPPED {test}: {} is not there; set WEAKLINK_SHARED", found.display());
    None
}

/// splitmix64: the same numbers for the same seed.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for ix in (1..items.len()).rev() {
            items.swap(ix, self.below(ix + 1));
        }
    }
}
