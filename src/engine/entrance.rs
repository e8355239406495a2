//! Ways as a sweep takes them: those into one layer side by side.
//!
//! One by one, most time goes into guessing how many more ways there are, and into a label that is written and read back once
//! per way. So the ways into a layer are taken together, always as many, and those that are missing let nothing through: what
//! resists is looked up once, the label is read and written once, and nothing depends on how many there are.

use super::gate::{Gate, Guard};
use super::label::Label;
use super::passages::{Inside, PackedWay, Passage, bits};
use crate::catalog::{End, Layer};
use std::collections::HashMap;
use std::ops::Range;

/// Ways into one layer: in the first slot a certain one, in the others those that meet its resistance.
#[derive(Copy, Clone, Debug)]
pub(super) struct Entrance<const WIDTH: usize> {
    levels: [f64; WIDTH],
    from: [Layer; WIDTH],
    pub(super) to: Layer,
    /// The layers that its ways leave, a bit each.
    pub(super) leaves: u16,
}

/// Ways over connections into one layer: wide enough for the shipped rules.
pub(super) type Across = Entrance<6>;

/// Ways inside a system into one layer, up or down: most of the shipped rules' are three or fewer.
pub(super) type Within = Entrance<4>;

/// The entrances inside a system.
#[derive(Clone, Debug)]
pub(super) struct Stairs {
    /// Those of ways down, into the highest layer first: what has come down goes on down.
    down: Range<u32>,
    /// Those of ways up, into the lowest layer first.
    up: Range<u32>,
    /// The layers that the ways down leave, a bit each.
    pub(super) leaves_down: u16,
    /// The layers that the ways up leave.
    pub(super) leaves_up: u16,
}

/// The entrances of every passage and every inside.
#[derive(Clone, Debug, Default)]
pub(super) struct Entrances {
    pub(super) across: Vec<Across>,
    /// By passage.
    of_passages: Vec<Range<u32>>,
    within: Vec<Within>,
    /// By inside.
    of_insides: Vec<Stairs>,
}

impl<const WIDTH: usize> Entrance<WIDTH> {
    /// Those of these ways into one layer.
    fn of<'w>(ways: &[&'w PackedWay], to: Layer) -> impl Iterator<Item = Self> + use<'w, WIDTH> {
        let ways = ways.iter().copied().filter(|way| way.to == to as u8);
        let (certain, resisted): (Vec<&PackedWay>, Vec<&PackedWay>) = ways.partition(|way| way.is_certain());
        let count = certain.len().max(resisted.len().div_ceil(WIDTH - 1));
        (0..count).map(move |number| {
            let mut entrance = Self { levels: [0.0; WIDTH], from: [to; WIDTH], to, leaves: 0 };
            let first = certain.get(number).map(|way| (0, way));
            for (slot, way) in first.into_iter().chain((1..WIDTH).zip(resisted.iter().skip(number * (WIDTH - 1)))) {
                entrance.levels[slot] = way.level;
                entrance.from[slot] = Layer::ALL[way.from as usize];
                entrance.leaves |= 1 << way.from;
            }
            entrance
        })
    }

    /// Adds those into each of these layers, and returns where they are.
    fn add(all: &mut Vec<Self>, ways: &[&PackedWay], layers: impl Iterator<Item = Layer>) -> Range<u32> {
        let first = all.len() as u32;
        layers.for_each(|to| all.extend(Self::of(ways, to)));
        first..all.len() as u32
    }

    /// Takes into the label of the layer that is entered what the labels on the other side become behind a guard. Returns the
    /// layer as a bit if its label has grown.
    #[inline]
    pub(super) fn enter<L: Label>(
        &self,
        from: &[L; Layer::COUNT],
        guard: &Guard<'_>,
        label: &mut L,
        extend: &impl Fn(f64, f64) -> f64,
    ) -> u16 {
        let resisted = guard.resisted(self.to);
        let offers = std::array::from_fn::<_, WIDTH, _>(|slot| {
            let passes = if slot == 0 { guard.certain } else { resisted };
            (from[self.from[slot] as usize], self.levels[slot] * passes)
        });
        u16::from(label.offer_all(offers, extend)) << self.to as u16
    }
}

impl Entrances {
    /// Those of all ways.
    pub(super) fn of(insides: &[Inside], passages: &[Passage], ways: &[PackedWay]) -> Self {
        let mut all = Self::default();
        // Passages of the same ways have the same entrances: the fewer there are, the nearer they stay.
        let mut known: HashMap<&Range<u32>, Range<u32>> = HashMap::new();
        for passage in passages {
            let of_passage = known.entry(&passage.ways).or_insert_with(|| {
                let ways: Vec<&PackedWay> = ways[passage.ways.start as usize..passage.ways.end as usize].iter().collect();
                Entrance::add(&mut all.across, &ways, Layer::ALL.iter().copied())
            });
            all.of_passages.push(of_passage.clone());
        }
        for inside in insides {
            let (down, up): (Vec<&PackedWay>, Vec<&PackedWay>) = inside.ways(ways).iter().partition(|way| way.to <= way.from);
            all.of_insides.push(Stairs {
                leaves_down: bits(&down, |way| way.from),
                leaves_up: bits(&up, |way| way.from),
                down: Entrance::add(&mut all.within, &down, Layer::ALL.iter().rev().copied()),
                up: Entrance::add(&mut all.within, &up, Layer::ALL.iter().copied()),
            });
        }
        all
    }

    /// The passages at one end, each with its entrances for ways.
    pub(super) fn gates(&self, passages: &[Passage], end: End) -> Vec<Gate> {
        passages.iter().zip(&self.of_passages).map(|(passage, entrances)| Gate::of(passage, entrances, end)).collect()
    }

    /// Of the system of an inside its stairs, and their entrances down and up.
    #[inline]
    pub(super) fn stairs(&self, inside: u32) -> (&Stairs, [&[Within]; 2]) {
        let stairs = &self.of_insides[inside as usize];
        let within = |range: &Range<u32>| &self.within[range.start as usize..range.end as usize];
        (stairs, [within(&stairs.down), within(&stairs.up)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::gate::{Factors, LayerNumbers};
    use crate::engine::passages::UNRESISTING;
    use crate::graph::TwoBest;
    use proptest::prelude::*;

    fn ways() -> impl Strategy<Value = Vec<PackedWay>> {
        let way = (0..Layer::COUNT as u8, 0..Layer::COUNT as u8, 0.0..=1.0, any::<bool>());
        let packed = way.prop_map(|(from, to, level, is_certain)| PackedWay {
            level,
            from,
            to,
            record_mask: if is_certain { UNRESISTING } else { u16::MAX },
        });
        proptest::collection::vec(packed, 0..60)
    }

    fn factors() -> Factors {
        let mut factors = Factors::none(0.05);
        for resistance in [1.0, 0.7, 0.3, 0.0] {
            factors.add(resistance, 1.0);
        }
        factors
    }

    /// What the labels of a system make of those of another, or of its own, by ways taken one by one.
    fn one_by_one<L: Label>(
        ways: &[PackedWay],
        from: &[L; Layer::COUNT],
        records: &LayerNumbers,
        held_back: (f64, f64),
    ) -> [L; Layer::COUNT] {
        let mut entered = [L::default(); Layer::COUNT];
        for way in ways {
            let factor = factors().factor(way, records, held_back);
            entered[way.to as usize].offer(from[way.from as usize], factor, |value, factor| value * factor);
        }
        entered
    }

    /// The same by entrances, of which every way must be in one.
    fn together<L: Label, const WIDTH: usize>(
        ways: &[PackedWay],
        from: &[L; Layer::COUNT],
        records: &LayerNumbers,
        held_back: (f64, f64),
    ) -> [L; Layer::COUNT] {
        let (factors, mut entered, mut entrances) = (factors(), [L::default(); Layer::COUNT], Vec::<Entrance<WIDTH>>::new());
        let range = Entrance::add(&mut entrances, &ways.iter().collect::<Vec<_>>(), Layer::ALL.iter().copied());
        assert_eq!(range, 0..entrances.len() as u32);
        let leaves = |to: Layer| ways.iter().filter(|way| way.to == to as u8).fold(0, |bits, way| bits | 1_u16 << way.from);
        for to in Layer::ALL {
            let into = entrances.iter().filter(|entrance| entrance.to == *to);
            assert_eq!(into.fold(0, |bits, entrance| bits | entrance.leaves), leaves(*to));
        }
        let guard = factors.guard(records, held_back);
        for entrance in &entrances {
            let (label, bit) = (&mut entered[entrance.to as usize], 1_u16 << entrance.to as u16);
            let before = label.greatest();
            let raised = entrance.enter(from, &guard, label, &|value, factor| value * factor);
            assert!(raised & !bit == 0 && (raised == bit || label.greatest() == before));
        }
        entered
    }

    proptest! {
        #[test]
        fn entrances_let_through_what_their_ways_do(
            ways in ways(),
            values in proptest::array::uniform11(0.0..=1.0),
            records in proptest::array::uniform11(0_u16..4),
            held_back in (0.0..=1.0, 0.0..=1.0),
        ) {
            let bits = |labels: [f64; Layer::COUNT]| labels.map(f64::to_bits);
            let plain = bits(one_by_one(&ways, &values, &records, held_back));
            prop_assert_eq!(plain, bits(together::<f64, 4>(&ways, &values, &records, held_back)));
            prop_assert_eq!(plain, bits(together::<f64, 6>(&ways, &values, &records, held_back)));
            let mut group = 0;
            let labels = values.map(|value| {
                group += 1;
                TwoBest::default().with(value, group).with(value / 2.0, group + 20)
            });
            let plain = one_by_one(&ways, &labels, &records, held_back).map(|label| label.values.map(f64::to_bits));
            let ours = together::<TwoBest, 4>(&ways, &labels, &records, held_back).map(|label| label.values.map(f64::to_bits));
            prop_assert_eq!(plain, ours);
        }
    }
}
