//! The word that a mistyped word was probably meant to be.

/// Similarity below which a suggestion confuses more than it helps.
const LEAST_SIMILARITY: f64 = 0.8;

/// Returns the candidate nearest to `word`, if one is near enough to suggest.
///
/// Likeness is Jaro-Winkler's, at least 0.8, and does not see case or the difference between `_` and `-`; a short word
/// is also near to what one slip makes of it, which Jaro-Winkler has no room to see. Of equally
/// near candidates the first in the order of text wins, so the answer does not depend on the order given. The word
/// itself is never suggested, but `OS` is for `os`.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = fold(word);
    let mut best: Option<(f64, &'a str)> = None;
    for candidate in candidates {
        if candidate == word {
            continue;
        }
        let likeness = likeness(&folded, &fold(candidate));
        if likeness < LEAST_SIMILARITY {
            continue;
        }
        let better = best.is_none_or(|(most, chosen)| likeness > most || (likeness >= most && candidate < chosen));
        if better {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

fn likeness(word: &str, candidate: &str) -> f64 {
    let likeness = strsim::jaro_winkler(word, candidate);
    // The length in bytes is a cheap first look; a slip changes it by one character.
    let is_short = word.len() >= 3 && word.len() <= SHORT && candidate.len() <= SHORT && word.len().abs_diff(candidate.len()) <= 1;
    if likeness < LEAST_SIMILARITY && is_short && strsim::osa_distance(word, candidate) <= 1 { LEAST_SIMILARITY } else { likeness }
}

fn fold(word: &str) -> String {
    word.to_lowercase().replace('_', "-")
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
    fn nothing_is_suggested_for_a_strange_word_or_for_the_word_itself() {
        assert_eq!(nearest("zebra", ["os", "network"]), None);
        assert_eq!(nearest("os", ["os"]), None);
        assert_eq!(nearest("", ["os"]), None);
    }

    #[test]
    fn ties_do_not_depend_on_the_order_of_candidates() {
        assert_eq!(nearest("team-x", ["team-b", "team-a"]), Some("team-a"));
        assert_eq!(nearest("team-x", ["team-a", "team-b"]), Some("team-a"));
    }
}
