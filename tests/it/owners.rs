//! What parties do to each other adds up.

use crate::laws::{cases, estate};
use crate::world::World;
use proptest::prelude::*;
use weaklink::analysis;

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn rows_add_up_to_what_is_generated_and_columns_to_what_is_suffered(model in estate()) {
        let world = World::of(&model);
        let graph = world.graph();
        let owners = analysis::owners(&graph, &|_, _| ());
        let is_near = |left: f64, right: f64| (left - right).abs() < 1e-9;
        for (ix, party) in owners.parties.iter().enumerate() {
            let row: f64 = party.score.flow.iter().map(|&(_, risk)| risk).sum();
            let column: f64 = owners.parties.iter().map(|from| from.score.flow[ix].1).sum();
            prop_assert_eq!(party.score.flow[ix].0, party.score.party);
            prop_assert!(is_near(row, party.generated()) && is_near(column, party.score.suffered.high), "{:?}", party);
            prop_assert!(party.own() <= party.generated() + 1e-9 && party.own() <= party.score.suffered.high + 1e-9);
        }
        let all: f64 = owners.parties.iter().map(analysis::OwnerScore::generated).sum();
        prop_assert!(is_near(all, owners.risk));
        let gaps: usize = graph.coverage.gaps().map(|(_, _, _, coverage)| coverage.answerable().len()).sum();
        prop_assert_eq!(owners.parties.iter().map(|party| party.gaps).sum::<usize>(), gaps);
    }
}
