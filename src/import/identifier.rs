//! From what other tools call a thing to an identifier of ours: 1 to 512 printable ASCII characters without white space.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// Characters of an identifier at most.
const LONGEST: usize = 512;

/// What an identifier cannot hold, and the sign that stands for it.
const WRITTEN_OUT: &AsciiSet = &CONTROLS.add(b' ').add(b'%');

/// The identifier of a thing: its own name where that can be one, else the name with what cannot stand in it written
/// out (`%20`), and of one too long its beginning and a digest, so that no two things share one.
pub(super) fn of(name: &str) -> Cow<'_, str> {
    let can_stand = |name: &str| (1..=LONGEST).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic());
    if can_stand(name) && !name.contains('%') {
        return Cow::Borrowed(name);
    }
    if name.is_empty() {
        return Cow::Borrowed("unnamed");
    }
    let written: String = utf8_percent_encode(name, WRITTEN_OUT).collect();
    if written.len() <= LONGEST {
        return Cow::Owned(written);
    }
    let digest = Sha256::digest(name.as_bytes());
    let digest = digest.iter().take(8).fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    Cow::Owned(format!("{}~{digest:016x}", &written[..LONGEST - 17]))
}

/// A name fit for people: without control characters.
pub(super) fn name(text: &str) -> String {
    crate::source::visible(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_can_be_identifiers_stay_as_they_are() {
        for name in ["module.vpc[\"a\"].aws_subnet.x", "arn:aws:iam::1:role/x", "default/Deployment/web"] {
            assert_eq!(of(name), name);
        }
    }

    #[test]
    fn no_two_names_share_an_identifier() {
        let long = "x".repeat(600);
        let names = ["a b", "a%20b", "a\nb", "Zürich", "Zurich", &long, &format!("{long}y"), "a"];
        let ids: std::collections::BTreeSet<String> = names.iter().map(|name| of(name).into_owned()).collect();
        assert_eq!(ids.len(), names.len());
        assert!(ids.iter().all(|id| (1..=LONGEST).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())), "{ids:?}");
    }
}
