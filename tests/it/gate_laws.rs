//! Laws of findings, waivers and gates: of a review, and of the check of one model.

use crate::edits::{Pair, STRICT, pair, reviewed};
use crate::laws::cases;
use crate::laws::estate;
use crate::world::{AS_OF, Random, World};
use jiff::civil::{Date, date};
use proptest::prelude::*;
use std::collections::BTreeSet;
use weaklink::analysis::check::check;
use weaklink::analysis::gate::{Gate, WaiverStanding};
use weaklink::analysis::review::{self, Review};
use weaklink::analysis::{self, Attribution};
use weaklink::catalog::{BasisPoints, End, GapKind, Layer};
use weaklink::graph::{ExposureGraph, Semiring, State, solve};
use weaklink::project::{CheckLimits, FindingId, FindingKind, ReviewLimits, Waiver, Waivers};
use weaklink::source::{Source, Span};

/// An id as a model may have it, rich in what separates the parts of a finding.
fn id() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[!-~]{1,12}", 4 => "[a-c@:>#]{1,10}", 1 => "[!-~]{500,512}"]
}

fn finding() -> impl Strategy<Value = FindingId> {
    let kinds = FindingKind::ids();
    (0..kinds.len(), id(), id(), 0..Layer::ALL.len(), 0..weaklink::catalog::ConnectionKind::IDS.len()).prop_map(
        move |(kind_ix, system, other, layer_ix, connection_ix)| {
            let kind = FindingKind::from_id(kinds[kind_ix]).expect("a kind");
            match kind {
                FindingKind::PolicyChanged => FindingId::of(kind, ""),
                FindingKind::LessKnown | FindingKind::LowerCriticality | FindingKind::RemovedSystem => FindingId::of(kind, &system),
                FindingKind::RemovedConnection | FindingKind::NoCopy => {
                    FindingId::of(kind, &format!("{system}>{}>{other}#12", weaklink::catalog::ConnectionKind::IDS[connection_ix]))
                }
                _ => FindingId::of_layer(kind, &system, Layer::ALL[layer_ix]),
            }
        },
    )
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[^\\p{Cc}]{1,30}", "[\"'\\\\# =\\[\\]{}a]{1,12}", "[a-z ]{0,8}['\"]{3}[a-z ]{0,8}"]
        .prop_filter("a text that says something", |text| !text.trim().is_empty())
}

fn waiver() -> impl Strategy<Value = Waiver> {
    let until = (1..=9999_i16, 1..=12_i8, 1..=28_i8).prop_map(|(year, month, day)| date(year, month, day));
    (finding(), until, text(), text(), proptest::option::of(0..=10_000_u64)).prop_map(|(finding, until, reason, by, up_to)| Waiver {
        finding,
        until,
        reason,
        by,
        up_to,
    })
}

fn read(text: &str) -> Option<Vec<(Waiver, bool)>> {
    let source = Source::from_bytes("waivers.toml".to_owned(), text.as_bytes().to_vec(), 0).ok()?;
    let waivers = Waivers::parse(&source).ok()?;
    Some(waivers.list.into_iter().map(|(waiver, is_whole, _)| (waiver, is_whole)).collect())
}

/// What a waiver accepts, as far as anybody can tell.
fn said(waiver: &Waiver) -> (String, Date, String, String, Option<u64>) {
    (waiver.finding.to_string(), waiver.until, waiver.reason.clone(), waiver.by.clone(), waiver.up_to)
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn a_finding_is_read_back_as_it_is_written(finding in finding(), other in finding()) {
        prop_assert_eq!(FindingId::parse(&finding.to_string()), Ok(finding.clone()));
        prop_assert_eq!(finding.fingerprint().len(), 32);
        prop_assert_eq!(finding == other, finding.fingerprint() == other.fingerprint());
        prop_assert_eq!(finding == other, finding.to_string() == other.to_string());
    }

    #[test]
    fn a_text_that_names_a_finding_is_what_the_finding_is_written_as(text in "[a-z-]{0,8}@?[ -~é]{0,12}|(rise|no-copy|missing|policy-changed)@?[ -~é]{0,6}(:data)?") {
        if let Ok(finding) = FindingId::parse(&text) {
            prop_assert_eq!(FindingId::parse(&finding.to_string()), Ok(finding));
        }
    }

    #[test]
    fn waivers_are_read_back_as_they_were_accepted(waivers in proptest::collection::vec(waiver(), 1..5)) {
        let mut file = String::new();
        let mut expected: Vec<Waiver> = Vec::new();
        for waiver in waivers {
            file = waiver.added_to(&file).expect("a file");
            expected.retain(|known| known.finding != waiver.finding);
            expected.push(waiver);
        }
        expected.sort_by(|left, right| left.finding.cmp(&right.finding));
        let expected: Vec<(Waiver, bool)> = expected.into_iter().map(|waiver| (waiver, true)).collect();
        prop_assert_eq!(read(&file), Some(expected), "{}", file);
    }

    #[test]
    fn a_changed_byte_accepts_nothing_else(waiver in waiver(), at in any::<prop::sample::Index>(), byte in any::<u8>(), as_ascii in any::<bool>()) {
        let mut file = waiver.added_to("").expect("a file").into_bytes();
        let at = at.index(file.len());
        file[at] = if as_ascii { byte & 0x7f } else { byte };
        let Ok(changed) = String::from_utf8(file) else { return Ok(()) };
        // Either the file is refused, or the seal is broken, or it still says the same.
        for (known, is_whole) in read(&changed).unwrap_or_default() {
            prop_assert!(!is_whole || said(&known) == said(&waiver), "{}", changed);
        }
    }

    #[test]
    fn a_changed_field_breaks_the_seal(waiver in waiver(), other in waiver(), field in 0..5) {
        let mut changed = waiver.clone();
        match field {
            0 => changed.finding = other.finding,
            1 => changed.until = other.until,
            2 => changed.reason = other.reason,
            3 => changed.by = other.by,
            _ => changed.up_to = other.up_to,
        }
        prop_assert_eq!(waiver == changed, waiver.seal() == changed.seal());
        let file = changed.added_to("").expect("a file").replace(&changed.seal(), &waiver.seal());
        prop_assert_eq!(read(&file), Some(vec![(changed.clone(), waiver == changed)]));
    }
}

/// Random waivers of some of the findings and of what is no finding, each finding at most once.
fn waivers_of(findings: &[FindingId], random: &mut Random) -> Waivers {
    let mut waived: BTreeSet<FindingId> = findings.iter().filter(|_| random.chance(60)).cloned().collect();
    waived.insert(FindingId::of(FindingKind::RemovedSystem, "nowhere"));
    waived.insert(FindingId::of_layer(FindingKind::Gap(GapKind::Missing), "nowhere", Layer::Data));
    let one = |finding: FindingId| {
        let until = random.pick(&[date(2026, 10, 31), date(2026, 11, 1), date(2027, 11, 1), date(9999, 1, 1)]);
        let up_to = random.chance(40).then(|| random.pick(&[0, 50, 500, 10_000]));
        let waiver = Waiver { finding, until, reason: "because".to_owned(), by: "somebody".to_owned(), up_to };
        (waiver, random.chance(85), Span::new(0, 0, 0))
    };
    Waivers { list: waived.into_iter().map(one).collect() }
}

/// What is documented of a waiver of a finding that is this large, if it is there.
fn standing((waiver, is_whole, _): &(Waiver, bool, Span), size: Option<u64>) -> WaiverStanding {
    let Some(size) = size.filter(|_| *is_whole && waiver.until >= AS_OF) else {
        return if !is_whole {
            WaiverStanding::Tampered
        } else if waiver.until < AS_OF {
            WaiverStanding::Expired
        } else {
            WaiverStanding::Unmatched
        };
    };
    if waiver.up_to.is_some_and(|up_to| up_to < size) { WaiverStanding::Exceeded } else { WaiverStanding::Holds }
}

fn limits(random: &mut Random) -> ReviewLimits {
    let mut some = |of: &[u64]| random.chance(75).then(|| random.pick(of));
    ReviewLimits {
        critical: some(&[0, 2_000, 5_000, 8_000, 10_000]).map(|risk| BasisPoints(risk as u16)),
        ratchet: some(&[0, 100, 2_000, 10_000]),
        budget: some(&[0, 500, 5_000, 50_000]),
        weakening: some(&[0]).is_some(),
        unknown: some(&[0]).is_some(),
    }
}

fn findings(review: &Review<'_>) -> Vec<FindingId> {
    let rises = review.rises.iter().map(|rise| &rise.id);
    let less_known = review.less_known.iter().map(|less_known| &less_known.id);
    rises.chain(less_known).chain(review.weakenings.iter().map(|weakening| &weakening.id)).cloned().collect()
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn a_gate_counts_what_no_waiver_holds_for(pair in pair(), seed in any::<u64>()) {
        reviewed(&pair.base, &pair.head, |review| -> Result<(), TestCaseError> {
            let mut random = Random(seed);
            let (found, limits) = (findings(review), limits(&mut random));
            let waivers = waivers_of(&found, &mut random);
            let gate = review::gate(review, &limits, &waivers, AS_OF);
            let size = |id: &FindingId| {
                let rise = review.rises.iter().find(|rise| rise.id == *id).map(review::Rise::delta);
                rise.or_else(|| found.contains(id).then_some(0))
            };
            let of_reviews = || waivers.list.iter().filter(|(waiver, ..)| !matches!(waiver.finding.kind, FindingKind::Gap(_)));
            let expected: Vec<_> = of_reviews().map(|entry| (&entry.0, standing(entry, size(&entry.0.finding)))).collect();
            prop_assert_eq!(&gate.waivers, &expected);
            let waived: BTreeSet<&FindingId> =
                expected.iter().filter(|(_, standing)| *standing == WaiverStanding::Holds).map(|(waiver, _)| &waiver.finding).collect();
            for outcome in &gate.rules {
                prop_assert!(outcome.findings.iter().all(|id| !waived.contains(id) && found.contains(id)));
                prop_assert_eq!(outcome.passed, outcome.findings.is_empty());
            }
            let rises: Vec<&review::Rise> = review.rises.iter().filter(|rise| !waived.contains(&rise.id)).collect();
            let critical = rises.iter().map(|rise| u64::from(rise.head.high.0)).max().unwrap_or(0);
            let ratchet = rises.iter().map(|rise| rise.delta()).max().unwrap_or(0);
            let budget: u64 = rises.iter().map(|rise| rise.delta()).sum();
            let unwaived = |ids: Vec<&FindingId>| ids.into_iter().filter(|id| !waived.contains(id)).count() as u64;
            let weakenings = unwaived(review.weakenings.iter().map(|weakening| &weakening.id).collect());
            let less_known = unwaived(review.less_known.iter().map(|less_known| &less_known.id).collect());
            let figures: Vec<(u64, bool)> = gate.rules.iter().map(|outcome| (outcome.found, outcome.passed)).collect();
            let expected = vec![
                (critical, limits.critical.is_none_or(|limit| rises.is_empty() || critical < u64::from(limit.0))),
                (ratchet, limits.ratchet.is_none_or(|limit| ratchet <= limit)),
                (budget, limits.budget.is_none_or(|limit| budget <= limit)),
                (weakenings, !limits.weakening || weakenings == 0),
                (less_known, !limits.unknown || less_known == 0),
            ];
            prop_assert_eq!(figures, expected);
            Ok(())
        })?;
    }

    #[test]
    fn more_waivers_fail_no_gate_and_all_of_them_pass_it(pair in pair(), seed in any::<u64>()) {
        let Pair { base, head } = &pair;
        reviewed(base, head, |review| -> Result<(), TestCaseError> {
            let mut random = Random(seed);
            let (found, limits) = (findings(review), limits(&mut random));
            let more = waivers_of(&found, &mut random);
            let fewer = Waivers { list: more.list.iter().filter(|_| random.chance(50)).cloned().collect() };
            let rules = |waivers: &Waivers| -> Vec<(bool, u64)> {
                let gate = review::gate(review, &limits, waivers, AS_OF);
                gate.rules.iter().map(|outcome| (outcome.passed, outcome.found)).collect()
            };
            for ((passed, found), (passes, finds)) in rules(&fewer).into_iter().zip(rules(&more)) {
                prop_assert!((passes || !passed) && finds <= found);
            }
            let whole = |finding: &FindingId| {
                let (reason, by) = (String::from("because"), String::from("somebody"));
                (Waiver { finding: finding.clone(), until: AS_OF, reason, by, up_to: None }, true, Span::new(0, 0, 0))
            };
            let all = Waivers { list: found.iter().collect::<BTreeSet<_>>().into_iter().map(whole).collect() };
            let gate = review::gate(review, &STRICT, &all, AS_OF);
            prop_assert!(gate.passed() && gate.rules.iter().all(|outcome| outcome.found == 0));
            Ok(())
        })?;
    }

    #[test]
    fn a_check_is_that_of_the_model_without_its_waived_gaps(model in estate(), seed in any::<u64>()) {
        let world = World::of(&model);
        let graph = world.graph();
        let mut random = Random(seed);
        let gaps: Vec<(State, FindingId)> = graph
            .coverage
            .gaps()
            .map(|(system_ix, layer, kind, _)| {
                let id = FindingId::of_layer(FindingKind::Gap(kind), &graph.estate.system(system_ix).id, layer);
                (State::new(system_ix, layer), id)
            })
            .collect();
        let ids: Vec<FindingId> = gaps.iter().map(|(_, id)| id.clone()).collect();
        let waivers = waivers_of(&ids, &mut random);
        let mut some = |of: &[u16]| random.chance(80).then(|| random.pick(of));
        let limits = CheckLimits {
            critical: some(&[0, 1, 2_000, 5_000, 10_000]).map(BasisPoints),
            posture: some(&[0, 20, 50, 80, 100]).map(|posture| posture as u8),
            deny: GapKind::ALL.iter().copied().filter(|_| some(&[0]).is_none()).collect(),
        };
        let checked = check(&graph, &limits, &waivers, AS_OF);
        let of_checks = waivers.list.iter().filter(|(waiver, ..)| matches!(waiver.finding.kind, FindingKind::Gap(_)));
        let expected: Vec<_> =
            of_checks.map(|entry| (&entry.0, standing(entry, ids.contains(&entry.0.finding).then_some(0)))).collect();
        prop_assert_eq!(&checked.gate.waivers, &expected);
        let counts = |gate: &Gate<'_>, id: &FindingId| gate.waiver(id).is_none();
        let closed: Vec<(State, f64)> = gaps
            .iter()
            .filter(|(_, id)| counts(&checked.gate, id))
            .map(|(state, _)| (*state, graph.severity(*state, End::High)))
            .collect();
        let largest = largest_risk(&graph, &closed);
        let posture = (10_000 - largest.0) / 100;
        prop_assert_eq!(u16::from(checked.posture), posture);
        let denied = gaps.iter().filter(|(_, id)| counts(&checked.gate, id) && is_denied(&limits, id)).count() as u64;
        let is_at_risk = closed.iter().any(|(_, severity)| *severity > 0.0);
        let rules: Vec<(u64, bool)> = checked.gate.rules.iter().map(|outcome| (outcome.found, outcome.passed)).collect();
        let expected = vec![
            (u64::from(largest.0), limits.critical.is_none_or(|limit| !is_at_risk || largest < limit)),
            (u64::from(posture), limits.posture.is_none_or(|limit| posture >= u16::from(limit))),
            (denied, denied == 0),
        ];
        prop_assert_eq!(rules, expected);
        for outcome in &checked.gate.rules {
            prop_assert!(outcome.findings.iter().all(|id| ids.contains(id) && counts(&checked.gate, id)));
        }
        prop_assert_eq!(checked.gaps.iter().map(|gap| gap.id.clone()).collect::<Vec<_>>(), ids);
    }

    #[test]
    fn a_check_without_waivers_says_what_the_score_says(model in estate()) {
        let world = World::of(&model);
        let graph = world.graph();
        let (waivers, score) = (Waivers::default(), analysis::score(&graph, BasisPoints(2_000), Attribution::Omitted, &|_, _| ()));
        let largest = score.posture.systems.iter().map(|system| BasisPoints::of(system.risk.high)).max().unwrap_or(BasisPoints(0));
        let limits = CheckLimits { critical: Some(largest), posture: Some(score.posture.posture.low), deny: GapKind::ALL.to_vec() };
        let checked = check(&graph, &limits, &waivers, AS_OF);
        prop_assert_eq!(checked.posture, score.posture.posture.low);
        let rules: Vec<(u64, bool)> = checked.gate.rules.iter().map(|outcome| (outcome.found, outcome.passed)).collect();
        let gaps = score.gaps.len() as u64;
        let posture = u64::from(score.posture.posture.low);
        prop_assert_eq!(rules, vec![(u64::from(largest.0), gaps == 0), (posture, true), (gaps, gaps == 0)]);
        // A system is behind a gap if its risk is largest; the gap that its witness starts from is the finding.
        for gap in checked.gaps.iter().filter_map(|gap| gap.worst.as_ref().map(|worst| (gap, worst))) {
            let (gap, (risk, worst, path)) = gap;
            prop_assert_eq!(path.first().map_or(*worst, |arc| arc.from), gap.state);
            prop_assert_eq!(*risk, BasisPoints::of(score.posture.systems[worst.system().index()].risk.high));
        }
    }
}

fn is_denied(limits: &CheckLimits, id: &FindingId) -> bool {
    matches!(id.kind, FindingKind::Gap(kind) if limits.deny.contains(&kind))
}

/// The largest risk of a system if these are the gaps.
fn largest_risk(graph: &ExposureGraph<'_>, seeds: &[(State, f64)]) -> BasisPoints {
    let values = solve(graph, seeds, Semiring::Product, End::High);
    let risk = |system_ix| {
        let exposure = graph.states_of(system_ix).map(|state| values[state.index()]).fold(0.0, f64::max);
        BasisPoints::of(graph.policy.criticality(graph.estate.system(system_ix).criticality).high * exposure)
    };
    graph.estate.system_ixs().map(risk).max().unwrap_or(BasisPoints(0))
}
