//! Values that are filled in from outside: `${PORT:-80}`.

use std::borrow::Cow;

/// What stands where a value from outside without a default would.
pub(super) const UNKNOWN: char = '?';

/// A value with the defaults of what is filled in from outside, and [`UNKNOWN`] for what has none.
pub(super) fn filled(value: &str) -> Cow<'_, str> {
    if !value.contains('$') {
        return Cow::Borrowed(value);
    }
    let mut filled = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('$') {
        filled.push_str(before);
        rest = if let Some(after) = after.strip_prefix('$') {
            filled.push('$');
            after
        } else if let Some((inside, after)) = after.strip_prefix('{').and_then(|after| after.split_once('}')) {
            // `${NAME:-default}` and `${NAME-default}`; `:?` and `:+` give none.
            match inside.split_once('-').filter(|(name, _)| !name.contains(['?', '+'])) {
                Some((_, default)) => filled.push_str(default),
                None => filled.push(UNKNOWN),
            }
            after
        } else {
            filled.push(UNKNOWN);
            after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_')
        };
    }
    filled.push_str(rest);
    Cow::Owned(filled)
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn defaults_stand_where_values_from_outside_would() {
        let cases = [
            ("80:80", "80:80"),
            ("${PORT:-80}:80", "80:80"),
            ("${HOST-db}:${PORT}", "db:?"),
            ("$HOST:80", "?:80"),
            ("a$$b", "a$b"),
            ("${NAME:?needed}", "?"),
            ("${open", "?{open"),
        ];
        for (value, expected) in cases {
            assert_eq!(filled(value), expected, "{value}");
        }
    }
}
