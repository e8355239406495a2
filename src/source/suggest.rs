//! The word that a mistyped word was probably meant to be.

/// Similarity below which a suggestion confuses more than it helps.
const LEAST_SIMILARITY: f64 = 0.8;

/// How many times longer than the other one of two words may be. Beyond it not even a word that is wholly contained in
/// the other is similar enough: Jaro's likeness is then at most (1 + 1/10 + 1) / 3, and Winkler raises only what is
/// above 0.7.
const MOST_LENGTHS: usize = 10;

/// Returns the candidate nearest to `word`, if one is near enough to suggest.
///
/// Likeness is Jaro-Winkler's, at least 0.8, and does not see case or the difference between `_` and `-`; a short word
/// is also near to what one slip makes of it, which Jaro-Winkler has no room to see. Of equally
/// near candidates the first in the order of text wins, so the answer does not depend on the order given. The word
/// itself is never suggested, but `OS` is for `os`.
///
/// # Complexity
/// The length of the word times that of each candidate; a candidate of quite another length costs its own length at most.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut likeness = Likeness::to(word);
    let mut best: Option<(f64, &'a str)> = None;
    for candidate in candidates {
        if let Some(likeness) = likeness.of(candidate, best) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The same of candidates that do not stay: `each` gives them one by one.
pub fn nearest_of(word: &str, each: impl FnOnce(&mut dyn FnMut(&str))) -> Option<String> {
    let mut likeness = Likeness::to(word);
    let mut best: Option<(f64, String)> = None;
    each(&mut |candidate| {
        let known = best.as_ref().map(|(likeness, candidate)| (*likeness, candidate.as_str()));
        if let Some(likeness) = likeness.of(candidate, known) {
            best = Some((likeness, candidate.to_owned()));
        }
    });
    best.map(|(_, candidate)| candidate)
}

/// How near candidates are to a word.
struct Likeness<'w> {
    word: &'w str,
    own: Folded,
    others: Folded,
}

impl<'w> Likeness<'w> {
    fn to(word: &'w str) -> Self {
        let mut own = Folded::default();
        own.fold(word);
        Self { word, own, others: Folded::default() }
    }

    /// The likeness of a candidate that is near enough, and nearer than the best one so far.
    fn of(&mut self, candidate: &str, best: Option<(f64, &str)>) -> Option<f64> {
        if candidate == self.word {
            return None;
        }
        self.others.fold(candidate);
        let (shorter, longer) = (self.own.0.len().min(self.others.0.len()), self.own.0.len().max(self.others.0.len()));
        if longer > MOST_LENGTHS * shorter {
            return None;
        }
        let likeness = likeness(&self.own, &self.others);
        let is_better = best.is_none_or(|(most, chosen)| likeness > most || (likeness >= most && candidate < chosen));
        (likeness >= LEAST_SIMILARITY && is_better).then_some(likeness)
    }
}

/// About how many pairs of characters are compared to find out how near a candidate is to a word.
pub(super) fn effort(word: &str, candidate: &str) -> u64 {
    let compared = word.len().min(MOST_LENGTHS * candidate.len());
    compared as u64 * candidate.len() as u64
}

/// The characters of a word in which case and the difference between `_` and `-` are gone; its room is used again for
/// every candidate.
#[derive(Default)]
struct Folded(Vec<char>);

impl Folded {
    fn fold(&mut self, word: &str) {
        let hyphened = |character| if character == '_' { '-' } else { character };
        self.0.clear();
        if word.is_ascii() {
            self.0.extend(word.bytes().map(|byte| hyphened(char::from(byte.to_ascii_lowercase()))));
        } else {
            // Of the whole word, for in some languages the form of a letter depends on its neighbours.
            self.0.extend(word.to_lowercase().chars().map(hyphened));
        }
    }

    fn text(&self) -> String {
        self.0.iter().collect()
    }
}

impl<'f> IntoIterator for &'f Folded {
    type Item = char;
    type IntoIter = std::iter::Copied<std::slice::Iter<'f, char>>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().copied()
    }
}

fn likeness(word: &Folded, candidate: &Folded) -> f64 {
    let likeness = strsim::generic_jaro_winkler(word, candidate);
    let (own, others) = (word.0.len(), candidate.0.len());
    let is_short = (3..=SHORT).contains(&own) && others <= SHORT && own.abs_diff(others) <= 1;
    let is_slip = || strsim::osa_distance(&word.text(), &candidate.text()) <= 1;
    if likeness < LEAST_SIMILARITY && is_short && is_slip() { LEAST_SIMILARITY } else { likeness }
}

/// Letters of a word up to which one slip may leave little likeness.
const SHORT: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_suggested() {
        assert_eq!(nearest("netwrok", ["os", "network", "data"]), Some("network"));
        assert_eq!(nearest("not_implemented", ["not-implemented"]), Some("not-implemented"));
        assert_eq!(nearest("IAAS", ["iaas", "paas"]), Some("iaas"));
        assert_eq!(nearest("wbe", ["db", "web"]), Some("web"));
        assert_eq!(nearest("wab", ["db", "web"]), Some("web"));
        assert_eq!(nearest("dbs", ["db", "web"]), Some("db"));
    }

    #[test]
    fn candidates_that_do_not_stay_are_as_near() {
        let known = ["likely", "possible", "unlikely", "Likely", "rare", "like-ly"];
        for word in ["likley", "posible", "LIKELY", "zebra", "likely", "rar"] {
            let passing = nearest_of(word, |each| known.iter().for_each(|candidate| each(candidate)));
            assert_eq!(passing.as_deref(), nearest(word, known.iter().copied()));
        }
    }

    #[test]
    fn nothing_is_suggested_for_a_strange_word_or_for_the_word_itself() {
        assert_eq!(nearest("zebra", ["os", "network"]), None);
        assert_eq!(nearest("os", ["os"]), None);
        assert_eq!(nearest("", ["os"]), None);
    }

    #[test]
    fn a_word_ten_times_as_long_is_like_no_other() {
        let of_length = |length: usize| "service".chars().cycle().take(length).collect::<String>();
        for length in 1..60 {
            let (word, longer) = (of_length(length), of_length(length * MOST_LENGTHS + 1));
            assert!(strsim::jaro_winkler(&word, &longer) < LEAST_SIMILARITY, "{length}");
            assert_eq!(nearest(&word, [longer.as_str()]), None);
        }
    }

    #[test]
    fn ties_do_not_depend_on_the_order_of_candidates() {
        assert_eq!(nearest("team-x", ["team-b", "team-a"]), Some("team-a"));
        assert_eq!(nearest("team-x", ["team-a", "team-b"]), Some("team-a"));
    }
}
