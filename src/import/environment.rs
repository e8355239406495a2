//! What environment variables of containers tell: hosts that they name, and secrets that are written into them.
//!
//! Values are looked at and never kept.

/// A host that a value names.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) struct Host<'v> {
    /// Its name, as the value has it.
    pub(super) name: &'v str,
    /// Whether a port or a scheme marks it as a host; without either any word looks like one.
    pub(super) is_marked: bool,
}

/// Words with which the names of variables for hosts end.
const HOST_WORDS: &[&str] = &[
    "addr",
    "address",
    "addresses",
    "backend",
    "broker",
    "brokers",
    "endpoint",
    "endpoints",
    "host",
    "hosts",
    "hostname",
    "master",
    "nodes",
    "peers",
    "seed",
    "seeds",
    "server",
    "servers",
    "service",
    "upstream",
    "uri",
    "url",
    "urls",
];

/// Words with which the names of variables for secrets end, before what is left out as [`NO_SECRET`].
const SECRET_WORDS: &[&str] =
    &["apikey", "credential", "credentials", "passphrase", "passwd", "password", "pwd", "secret", "secretkey", "token"];

/// Words that are secrets only as a whole.
const SHORT_SECRET_WORDS: &[&str] = &["pass", "pw"];

/// Words that make a secret of the word `key` after them.
const KEY_WORDS: &[&str] = &["access", "account", "api", "encryption", "private", "secret", "signing"];

/// Words that say that a variable is about a secret and holds none: its place, its name, its rules.
const NO_SECRET: &[&str] = &[
    "algorithm",
    "allow",
    "audience",
    "dir",
    "directory",
    "disable",
    "empty",
    "enable",
    "enabled",
    "endpoint",
    "expiration",
    "expiry",
    "file",
    "header",
    "host",
    "id",
    "issuer",
    "length",
    "lifetime",
    "max",
    "method",
    "min",
    "name",
    "path",
    "policy",
    "random",
    "ref",
    "required",
    "rotation",
    "timeout",
    "ttl",
    "type",
    "uri",
    "url",
    "use",
    "validity",
];

/// Beginnings of values that say where a secret is kept, not what it is.
const REFERENCES: &[&str] = &["$", "/", "<", "arn:", "op://", "projects/", "ref+", "secretref:", "ssm:", "vault:", "{{"];

/// The hosts that a value names: `host`, `host:port`, URLs and lists of them, and the connection strings of databases.
pub(super) fn hosts(value: &str) -> Vec<Host<'_>> {
    value.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '|')).filter_map(host).collect()
}

/// The host of one word of a value.
fn host(word: &str) -> Option<Host<'_>> {
    let word = word.trim_matches(['"', '\'']);
    let (has_scheme, rest) = match word.split_once("://") {
        Some((_, rest)) => (true, rest),
        // `server=db`, `--redis=redis:6379`, `tcp(db:3306)`
        None => (false, word.rsplit_once('=').map_or(word, |(_, rest)| rest)),
    };
    let rest = rest.rsplit_once('@').map_or(rest, |(_, rest)| rest);
    let rest = rest.strip_prefix("tcp(").unwrap_or(rest);
    let authority = rest.split(['/', '?', '#', ')']).next().unwrap_or_default();
    let (name, has_port) = match authority.split_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok_and(|port| port > 0) => (name, true),
        Some(_) => return None,
        None => (authority, false),
    };
    let name = name.trim_end_matches('.');
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
        && !name.eq_ignore_ascii_case("localhost");
    is_name.then_some(Host { name, is_marked: has_scheme || has_port })
}

/// Whether the name of a variable says that it holds hosts.
pub(super) fn names_hosts(variable: &str) -> bool {
    words(variable).last().is_some_and(|last| HOST_WORDS.iter().any(|word| last.ends_with(word)))
}

/// Whether a variable holds a secret in clear: its name says so and its value is no reference, or its value is a URL with
/// a password in it.
pub(super) fn holds_secret(variable: &str, value: &str) -> bool {
    (names_secret(variable) && is_literal(value)) || has_password(value)
}

/// Whether the name of a variable says that it holds a secret.
pub(super) fn names_secret(variable: &str) -> bool {
    let words = words(variable);
    if words.iter().any(|word| NO_SECRET.contains(&word.as_str())) {
        return false;
    }
    let is_secret = |word: &String| SECRET_WORDS.iter().any(|secret| word.ends_with(secret)) || SHORT_SECRET_WORDS.contains(&word.as_str());
    words.iter().any(is_secret) || words.windows(2).any(|pair| pair[1] == "key" && KEY_WORDS.contains(&pair[0].as_str()))
}

/// Whether a value stands for itself, and is more than a switch.
fn is_literal(value: &str) -> bool {
    let value = value.trim();
    let is_switch = ["true", "false", "yes", "no", "on", "off", "0", "1"].iter().any(|switch| value.eq_ignore_ascii_case(switch));
    !value.is_empty() && !is_switch && !REFERENCES.iter().any(|start| value.starts_with(start)) && !value.contains("${")
}

/// Whether a value holds a URL with a password, `scheme://user:password@host`.
fn has_password(value: &str) -> bool {
    let authority = |(_, rest): (&str, &str)| rest.split(['/', '?', '#']).next().map(str::to_owned);
    let password = value.split_once("://").and_then(authority).and_then(|authority| {
        let (user, _) = authority.rsplit_once('@')?;
        user.split_once(':').map(|(_, password)| password.to_owned())
    });
    password.is_some_and(|password| !password.is_empty() && !password.contains(['$', '{', '<', '*']))
}

/// The words of a name, `dbPassword` and `DB_PASSWORD` both `db` and `password`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || (was_lower && c.is_ascii_uppercase()) {
            words.push(String::new());
        }
        was_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        if let Some(word) = words.last_mut().filter(|_| c.is_ascii_alphanumeric()) {
            word.push(c.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_in_the_ways_in_which_they_are_written() {
        let cases: &[(&str, &[(&str, bool)])] = &[
            ("cart:7070", &[("cart", true)]),
            ("redis", &[("redis", false)]),
            ("http://user:pass@web.shop.svc.cluster.local:80/path?x=a:1", &[("web.shop.svc.cluster.local", true)]),
            ("jdbc:mysql://db/shop", &[("db", true)]),
            ("mongodb://a:1,b:2/shop", &[("a", true), ("b", true)]),
            ("user:pass@tcp(db:3306)/shop", &[("db", true)]),
            ("Server=db;Port=5432", &[("db", false)]),
            ("10.0.0.1:80", &[]),
            ("localhost:80", &[]),
            ("a:b", &[]),
            ("", &[]),
        ];
        for (value, expected) in cases {
            let found: Vec<(&str, bool)> = hosts(value).iter().map(|host| (host.name, host.is_marked)).collect();
            assert_eq!(&found, expected, "{value}");
        }
    }

    #[test]
    fn secrets_are_told_by_their_names_unless_the_value_is_a_reference() {
        for variable in ["PASSWORD", "MYSQL_ROOT_PASSWORD", "PGPASSWORD", "dbPassword", "API_KEY", "AWS_SECRET_ACCESS_KEY", "DB_PASS"] {
            assert!(holds_secret(variable, "hunter2"), "{variable}");
        }
        for variable in
            ["PASSWORD_FILE", "AWS_ACCESS_KEY_ID", "ALLOW_EMPTY_PASSWORD", "TOKENIZERS_PARALLELISM", "MAX_TOKENS", "SECRET_NAME"]
        {
            assert!(!holds_secret(variable, "hunter2"), "{variable}");
        }
        for value in ["", "true", "$(DB_PASSWORD)", "${DB_PASSWORD:-x}", "/run/secrets/db", "vault:secret/db"] {
            assert!(!holds_secret("PASSWORD", value), "{value}");
        }
        assert!(holds_secret("DATABASE_URL", "postgres://shop:hunter2@db/shop"));
        assert!(!holds_secret("DATABASE_URL", "postgres://shop:$(PASSWORD)@db/shop"));
    }
}
