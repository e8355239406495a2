//! Passages and records at one end: what lets how much through.

use super::passages::{PackedWay, Passage, UNRESISTING};
use crate::catalog::{End, Layer};
use crate::graph::passes;
use std::ops::Range;

/// The numbers of the records of a system's layers.
pub(super) type LayerNumbers = [u16; Layer::COUNT];

/// A passage at one end.
#[derive(Copy, Clone, Debug)]
pub(super) struct Gate {
    pub(super) barrier: f64,
    ways: (u32, u32),
    /// The layers that its ways leave, a bit each; none if it may not be there.
    pub(super) leaves: u16,
    /// The layers that they enter.
    pub(super) enters: u16,
}

impl Gate {
    /// A passage of these ways, in whichever form they are kept.
    pub(super) fn of(passage: &Passage, ways: &Range<u32>, end: End) -> Self {
        let is_there = end == End::High || !passage.is_possible;
        let (leaves, enters) = if is_there { (passage.leaves, passage.enters) } else { (0, 0) };
        Self { barrier: passage.barrier.end(end), ways: (ways.start, ways.end), leaves, enters }
    }

    /// Its ways among all.
    #[inline]
    pub(super) fn ways<'w, W>(&self, all: &'w [W]) -> &'w [W] {
        &all[self.ways.0 as usize..self.ways.1 as usize]
    }
}

/// What whatever enters a system by some ways has before it, at one end.
#[derive(Copy, Clone, Debug)]
pub(super) struct Guard<'f> {
    factors: &'f Factors,
    entered: &'f LayerNumbers,
    held_back: (f64, f64),
    /// What a certain way lets through.
    pub(super) certain: f64,
}

impl Guard<'_> {
    /// What a way into a layer lets through that meets its resistance.
    #[inline]
    pub(super) fn resisted(&self, layer: Layer) -> f64 {
        self.factors.passes(self.entered[layer as usize], self.held_back)
    }
}

/// What factors are made of, whatever the system, at one end.
#[derive(Clone, Debug)]
pub(super) struct Factors {
    floor: f64,
    /// By number of a layer's record, what it lets through on the way in.
    resistance: Vec<f64>,
    /// By number of a layer's record, what it lets through on the way out.
    detection: Vec<f64>,
}

impl Factors {
    /// Those of no record yet.
    pub(super) const fn none(floor: f64) -> Self {
        Self { floor, resistance: Vec::new(), detection: Vec::new() }
    }

    /// The factor of a way into a system whose layers have these records, behind a barrier and under detection.
    #[inline]
    pub(super) fn factor(&self, way: &PackedWay, entered: &LayerNumbers, held_back: (f64, f64)) -> f64 {
        way.level * self.passes(entered[way.to as usize] & way.record_mask, held_back)
    }

    /// What stands before a system whose layers have these records, behind a barrier and under detection.
    #[inline]
    pub(super) fn guard<'f>(&'f self, entered: &'f LayerNumbers, held_back: (f64, f64)) -> Guard<'f> {
        Guard { factors: self, entered, held_back, certain: self.passes(UNRESISTING, held_back) }
    }

    #[inline]
    fn passes(&self, record: u16, (barrier, detection): (f64, f64)) -> f64 {
        passes(self.floor, self.resistance[record as usize], barrier, detection)
    }

    /// What the monitoring of a system whose layers have these records lets through on the way out.
    #[inline]
    pub(super) fn detection(&self, left: &LayerNumbers) -> f64 {
        self.detection[left[Layer::Monitoring as usize] as usize]
    }

    /// Adds what a layer of the next number lets through on the way in and on the way out.
    pub(super) fn add(&mut self, resistance: f64, detection: f64) {
        self.resistance.push(resistance);
        self.detection.push(detection);
    }
}
