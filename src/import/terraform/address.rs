//! Addresses of Terraform: `module.net["a"].aws_subnet.x[0]`, steps between points, each with a key or without.

/// The steps of an address; a point inside brackets or quotes parts nothing.
pub(super) fn steps(address: &str) -> Vec<&str> {
    let bytes = address.as_bytes();
    let (mut steps, mut start, mut depth, mut quoted, mut at) = (Vec::new(), 0, 0u32, false, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b'[' if !quoted => depth += 1,
            b']' if !quoted => depth = depth.saturating_sub(1),
            b'.' if !quoted && depth == 0 => {
                steps.push(&address[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    steps.push(&address[start..]);
    steps
}

/// A step without its key, and the key with its brackets, empty where there is none.
pub(super) fn parted(step: &str) -> (&str, &str) {
    step.find('[').map_or((step, ""), |at| step.split_at(at))
}

/// An address of a resource, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Address {
    /// The instance of the module, `module.net["a"]`; empty for the root.
    pub(super) module: String,
    /// The address in the configuration, without keys.
    pub(super) configured: String,
    /// The key of the resource itself, `[0]` or `["a"]`.
    pub(super) key: String,
    /// Its type.
    pub(super) kind: String,
    /// Whether it is read, not managed.
    pub(super) is_data: bool,
}

impl Address {
    pub(super) fn of(address: &str) -> Self {
        let steps = steps(address);
        let mut rest = steps.as_slice();
        let (mut module, mut configured): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        while let ["module", name, after @ ..] = rest {
            module.extend(["module", name]);
            configured.extend(["module", parted(name).0]);
            rest = after;
        }
        let is_data = rest.first() == Some(&"data");
        if is_data {
            configured.push("data");
            rest = &rest[1..];
        }
        let kind = rest.first().copied().unwrap_or_default();
        let (name, key) = parted(rest.get(1).copied().unwrap_or_default());
        configured.extend([kind, name]);
        Self { module: module.join("."), configured: configured.join("."), key: key.to_owned(), kind: kind.to_owned(), is_data }
    }
}

/// Whether two instances of modules can mean one another: where they go through the same module, with the same key.
pub(super) fn agree(one: &str, other: &str) -> bool {
    if one == other || one.is_empty() || other.is_empty() {
        return true;
    }
    for (left, right) in steps(one).into_iter().zip(steps(other)) {
        if left == right {
            continue;
        }
        // The paths part here: at another module nothing is decided, at another key of the same they are apart.
        return parted(left).0 != parted(right).0;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_in_keys_part_nothing() {
        assert_eq!(steps("module.a[\"x.y\"].aws_s3_bucket.b[\"q\\\"].z\"]"), ["module", "a[\"x.y\"]", "aws_s3_bucket", "b[\"q\\\"].z\"]"]);
        assert_eq!(steps("a"), ["a"]);
    }

    #[test]
    fn an_address_is_taken_apart() {
        let address = Address::of("module.a[\"x.y\"].module.b.data.aws_vpc.c[0]");
        assert_eq!(address.module, "module.a[\"x.y\"].module.b");
        assert_eq!(address.configured, "module.a.module.b.data.aws_vpc.c");
        assert_eq!((address.kind.as_str(), address.key.as_str(), address.is_data), ("aws_vpc", "[0]", true));
    }

    #[test]
    fn instances_of_one_module_with_other_keys_are_apart() {
        assert!(agree("module.a[\"x\"]", "module.a[\"x\"].module.b"));
        assert!(!agree("module.a[\"x\"]", "module.a[\"y\"].module.b"));
        assert!(agree("module.a[\"x\"]", "module.c[\"y\"]"));
        assert!(agree("", "module.c[\"y\"]"));
    }
}
