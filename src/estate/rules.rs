//! Rules: which of them are about a system, and what they fill in.

use super::document::{LayerClaim, MatchEntry, OneOrMany, RuleEntry, SystemEntry};
use super::merge;
use crate::catalog::{Cell, ControlStatus, Layer, ServiceModel};
use std::collections::BTreeMap;
use wildmatch::WildMatch;

/// The rules of a model, ready to be matched.
pub(super) struct Rules<'d> {
    rules: Vec<Rule<'d>>,
}

struct Rule<'d> {
    entry: &'d RuleEntry,
    ids: Vec<Glob<'d>>,
    used: bool,
}

/// A pattern of ids, with what can be said of its ids at a glance: thousands of rules look at every system, and nearly
/// all of them are about others.
struct Glob<'d> {
    /// What stands before the first wildcard.
    begin: &'d str,
    /// What stands behind the last one.
    end: &'d str,
    /// How many characters an id has at least.
    least: usize,
    pattern: WildMatch,
}

impl<'d> Glob<'d> {
    fn new(pattern: &'d str) -> Self {
        let is_wild = ['*', '?'];
        Self {
            begin: pattern.split(is_wild).next().unwrap_or_default(),
            end: pattern.rsplit(is_wild).next().unwrap_or_default(),
            least: pattern.chars().filter(|&character| character != '*').count(),
            pattern: WildMatch::new(pattern),
        }
    }

    /// Whether it matches an id, which is ASCII.
    fn matches(&self, id: &str) -> bool {
        id.len() >= self.least && id.ends_with(self.end) && id.starts_with(self.begin) && self.pattern.matches(id)
    }
}

/// What a rule compares with: effective values for service, provider and model, stated ones for the rest.
pub(super) struct Subject<'a> {
    pub(super) entry: &'a SystemEntry,
    pub(super) service: Option<&'a str>,
    pub(super) provider: Option<&'a str>,
    pub(super) model: ServiceModel,
}

impl<'d> Rules<'d> {
    pub(super) fn new(entries: &'d [RuleEntry]) -> Self {
        let rules = entries
            .iter()
            .map(|entry| {
                let ids = entry.matches.id.iter().flat_map(|patterns| &patterns.0).map(|pattern| Glob::new(&pattern.value)).collect();
                Rule { entry, ids, used: false }
            })
            .collect();
        Self { rules }
    }

    /// What all rules about a system say together, the later winning; none if no rule is about it.
    pub(super) fn fill(&mut self, subject: &Subject<'_>) -> Option<Fill<'d>> {
        let mut fill: Option<Fill<'d>> = None;
        for rule in &mut self.rules {
            if !rule.matches(subject) {
                continue;
            }
            rule.used = true;
            match &mut fill {
                None => {
                    let scalars = RuleEntry { layers: BTreeMap::new(), ..rule.entry.clone() };
                    fill = Some(Fill { scalars, layers: vec![&rule.entry.layers] });
                }
                Some(fill) => {
                    merge::rule(&mut fill.scalars, rule.entry);
                    fill.layers.push(&rule.entry.layers);
                }
            }
        }
        fill
    }

    /// The rules that no system matched.
    pub(super) fn idle(&self) -> impl Iterator<Item = &'d RuleEntry> {
        self.rules.iter().filter(|rule| !rule.used).map(|rule| rule.entry)
    }
}

impl Rule<'_> {
    fn matches(&self, subject: &Subject<'_>) -> bool {
        let MatchEntry { service, provider, model, owner, tags, id } = &self.entry.matches;
        let stated_owner = subject.entry.owner.as_ref().map(|owner| owner.value.as_str());
        let stated_tags = subject.entry.tags.as_deref().unwrap_or_default();
        any(service.as_ref(), |value| subject.service == Some(value))
            && any(provider.as_ref(), |value| subject.provider == Some(value))
            && any(model.as_ref(), |value| subject.model == *value)
            && any(owner.as_ref(), |value| stated_owner == Some(value))
            && any(tags.as_ref(), |value| stated_tags.iter().any(|tag| tag.value == *value))
            && (id.is_none() || self.ids.iter().any(|pattern| pattern.matches(&subject.entry.id.value)))
    }
}

fn any<T>(values: Option<&OneOrMany<T>>, holds: impl Fn(&T) -> bool) -> bool {
    values.is_none_or(|values| values.0.iter().any(|value| holds(&value.value)))
}

/// What rules fill in for one system.
pub(super) struct Fill<'d> {
    /// Owner, criticality, facing and settings.
    pub(super) scalars: RuleEntry,
    layers: Vec<&'d BTreeMap<Layer, Box<LayerClaim>>>,
}

impl Fill<'_> {
    /// The claim about a layer: what the rules say, the system's own words over it.
    ///
    /// Parts that cannot apply are skipped: a claim about a layer that does not exist, a split on a layer that is not
    /// shared, `not-applicable` on a layer that exists.
    pub(super) fn claim(&self, layer: Layer, cell: Cell, own: Option<&LayerClaim>) -> Option<LayerClaim> {
        if cell == Cell::NotApplicable {
            return own.cloned();
        }
        let mut filled: Option<LayerClaim> = None;
        for layers in &self.layers {
            let Some(claim) = layers.get(&layer) else { continue };
            let mut applicable = claim.clone();
            if !cell.allows_split() {
                applicable.split = None;
            }
            for half in applicable.split.iter_mut().flat_map(|split| [&mut split.customer, &mut split.provider]).flatten() {
                half.status.take_if(|status| status.value == ControlStatus::NotApplicable);
            }
            if !cell.is_open() && applicable.status.as_ref().is_some_and(|status| status.value == ControlStatus::NotApplicable) {
                applicable.status = None;
            }
            merge::claim(filled.get_or_insert_default(), &applicable);
        }
        match (filled, own) {
            (Some(mut filled), Some(own)) => {
                merge::claim(&mut filled, own);
                Some(filled)
            }
            (filled, own) => filled.or_else(|| own.cloned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;
    use wildmatch::WildMatch;

    #[test]
    fn a_glance_at_an_id_rejects_nothing_that_its_pattern_matches() {
        let texts = |letters: &str, longest: usize| {
            let mut texts = vec![String::new()];
            let mut begin = 0;
            for _ in 0..longest {
                let end = texts.len();
                for ix in begin..end {
                    texts.extend(letters.chars().map(|letter| format!("{}{letter}", texts[ix])).collect::<Vec<_>>());
                }
                begin = end;
            }
            texts
        };
        let ids = texts("ab", 5);
        for pattern in texts("ab*?", 4) {
            for id in &ids {
                assert_eq!(Glob::new(&pattern).matches(id), WildMatch::new(&pattern).matches(id), "{pattern} {id}");
            }
        }
    }
}
