//! Which layer a control of NIST SP 800-53 secures.

use crate::catalog::{Control, ControlCatalog, Layer};

/// Families and single controls, the layer that they secure, and why. The longest that fits counts.
///
/// # Source
/// The titles of the families and controls of NIST SP 800-53 revision 5.
const LAYERS: &[(&str, Layer, &str)] = &[
    ("ac", Layer::Access, "access control: accounts, privileges, sessions"),
    ("ac-4", Layer::Network, "information flow enforcement between networks and systems"),
    ("ac-17", Layer::Network, "remote access comes in over the network"),
    ("ac-18", Layer::Network, "wireless access"),
    ("au", Layer::Monitoring, "audit and accountability: what is logged, kept and read"),
    ("ca", Layer::Config, "assessment and authorization keep the configuration accountable"),
    ("ca-3", Layer::Network, "information exchange with other systems"),
    ("ca-7", Layer::Monitoring, "continuous monitoring"),
    ("ca-9", Layer::Network, "internal system connections"),
    ("cm", Layer::Config, "configuration management"),
    ("cp", Layer::Applications, "contingency planning brings applications back"),
    ("cp-6", Layer::Physical, "alternate storage site"),
    ("cp-7", Layer::Physical, "alternate processing site"),
    ("cp-8", Layer::Network, "telecommunications services"),
    ("cp-9", Layer::Data, "backup of data"),
    ("ia", Layer::Access, "identification and authentication of whoever comes"),
    ("ir", Layer::Monitoring, "incident response follows from alerts"),
    ("ma", Layer::Physical, "maintenance of equipment"),
    ("mp", Layer::Data, "media hold data"),
    ("pe", Layer::Physical, "physical and environmental protection"),
    ("ra-5", Layer::Applications, "vulnerability scanning of what is installed"),
    ("sa", Layer::Code, "acquisition and development of systems"),
    ("sa-9", Layer::Config, "external services are chosen and held to terms"),
    ("sc", Layer::Network, "system and communications protection"),
    ("sc-2", Layer::Applications, "separation of user functions from management"),
    ("sc-4", Layer::Virtualization, "nothing left over in shared resources"),
    ("sc-12", Layer::Data, "keys protect data"),
    ("sc-13", Layer::Data, "cryptography protects data"),
    ("sc-17", Layer::Directory, "certificates are identities"),
    ("sc-28", Layer::Data, "data at rest"),
    ("sc-39", Layer::Os, "process isolation"),
    ("si", Layer::Applications, "flaws and malicious code in what is installed"),
    ("si-3", Layer::Os, "malicious code protection runs on hosts"),
    ("si-4", Layer::Monitoring, "system monitoring"),
    ("si-5", Layer::Monitoring, "alerts and advisories"),
    ("si-10", Layer::Code, "checking of input is the code's work"),
    ("si-12", Layer::Data, "retention of information"),
    ("si-16", Layer::Os, "memory protection"),
    ("sr", Layer::Code, "supply chain of what is built and bought"),
];

/// The layer that a control secures on a component; an operating system's flaws and settings are its own.
pub(super) fn layer(control: &str, on_operating_system: bool) -> Option<Layer> {
    let fits = |prefix: &str| control.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']));
    let best = LAYERS.iter().filter(|(prefix, ..)| fits(prefix)).max_by_key(|(prefix, ..)| prefix.len());
    let layer = best.map(|(_, layer, _)| *layer)?;
    let is_its_own = on_operating_system && matches!(layer, Layer::Applications | Layer::Config);
    Some(if is_its_own { Layer::Os } else { layer })
}

/// The controls of the catalogue that name a control as what they come from, of those that secure the same layer: what
/// is said of stored data in general is no word about the secrets in code.
pub(super) fn catalogued(control: &str, on_operating_system: bool) -> Vec<&'static str> {
    let layer = layer(control, on_operating_system);
    let names = |known: &Control| known.refs.get("nist_800_53_r5").is_some_and(|ids| ids.iter().any(|id| id == control));
    let same = ControlCatalog::shipped().controls().iter().filter(|known| layer.is_some() && known.layer == layer);
    same.filter(|known| names(known)).map(|known| known.id.as_str()).collect()
}

/// A control's identifier as OSCAL's own catalogue writes it: `AC-02(1)` is `ac-2.1`.
pub(super) fn control(id: &str) -> String {
    let id = id.trim().to_ascii_lowercase().replace('(', ".").replace([')', ' '], "");
    let parts = id.split_inclusive(['-', '.']);
    parts
        .map(|part| {
            let digits = part.trim_start_matches('0');
            if digits.starts_with(|c: char| c.is_ascii_digit()) { digits } else { part }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_counts_and_never_half_a_number() {
        let of = |control| layer(control, false);
        assert_eq!(
            [of("ac-2.1"), of("ac-4"), of("ac-44"), of("cp-9.1"), of("pm-1")],
            [Some(Layer::Access), Some(Layer::Network), Some(Layer::Access), Some(Layer::Data), None]
        );
        assert_eq!([layer("si-2", true), layer("au-2", true)], [Some(Layer::Os), Some(Layer::Monitoring)]);
    }

    #[test]
    fn identifiers_are_written_as_the_catalogue_does() {
        assert_eq!(["AC-02(1)", "ac-2 (1)", "sc-10", "AC-20"].map(control), ["ac-2.1", "ac-2.1", "sc-10", "ac-20"]);
    }

    #[test]
    fn every_prefix_stands_once_and_says_why() {
        let mut prefixes: Vec<&str> = LAYERS.iter().map(|(prefix, ..)| *prefix).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        assert_eq!(prefixes.len(), LAYERS.len());
        assert!(LAYERS.iter().all(|(.., why)| !why.is_empty()));
    }
}
