//! What the types of Terraform's resources mean: which are systems, what their attributes say of controls and of other
//! resources. The table itself is data, `resources.json`.

use crate::catalog::{ConnectionKind, ControlStatus, ServiceModel};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::LazyLock;

/// What a resource is in a model.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Role {
    /// A system that does the customer's work.
    System,
    /// A system that stands for who may act.
    Identity,
    /// A system that secures others.
    Security,
    /// A network that holds systems.
    Network,
    /// A part of a network; where that is not in the file, it stands for it.
    Segment,
    /// A part of another resource, whose controls and connections are that one's.
    Part,
    /// Something between two ends of a connection, which goes through it.
    Relay,
    /// A group of systems that rules of a firewall name.
    Group,
    /// A rule of a firewall for a group.
    GroupRule,
    /// A connection between two others.
    Edge,
    /// A setting of a whole account.
    Account,
    /// Nothing that a model holds.
    Noise,
}

/// A type of resource.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::import) struct ResourceType {
    /// What it is.
    #[serde(rename = "is")]
    pub(super) role: Role,
    /// Its catalogued service.
    #[serde(default)]
    pub(super) service: Option<String>,
    /// Its service model, where no catalogued service says it.
    #[serde(default)]
    pub(super) model: Option<ServiceModel>,
    /// Attributes that are settings of the service: theirs, ours.
    #[serde(default)]
    pub(super) settings: Vec<(String, String)>,
    /// An attribute and a word in it that make it say nothing of controls: a listener that only redirects, say.
    #[serde(default)]
    pub(super) unless: Option<(String, String)>,
    /// What attributes say of controls.
    #[serde(default)]
    pub(super) controls: Vec<ControlRule>,
    /// What attributes say of other resources.
    #[serde(default)]
    pub(super) references: Vec<ReferenceRule>,
    /// Connections between resources that two attributes name.
    #[serde(default)]
    pub(super) edges: Vec<EdgeRule>,
}

/// What an attribute says of a control: attribute, test, control, status if it is met, if it is not, if nothing is
/// said and the provider's default is known, and what that tells of where attacks can come from.
#[derive(Debug, Deserialize)]
pub(super) struct ControlRule(
    pub(super) String,
    pub(super) Test,
    pub(super) String,
    pub(super) Option<ControlStatus>,
    pub(super) Option<ControlStatus>,
    pub(super) Option<ControlStatus>,
    pub(super) Option<Tells>,
);

/// What a control tells of where attacks can come from.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Tells {
    /// From the internet, if it is not met.
    Internet,
    /// That, and if it is met from inside only.
    Either,
}

/// What is asked of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Test {
    /// It is true.
    True,
    /// It is not true.
    NotTrue,
    /// It is there.
    Set,
    /// It is not there.
    Unset,
    /// It is one of these words.
    OneOf(Vec<String>),
    /// It is none of these words.
    NoneOf(Vec<String>),
    /// It is a number above this.
    Above(i64),
    /// It is a number of at most this.
    AtMost(i64),
    /// It is no range of addresses that means everywhere.
    NotAnywhere,
    /// It is a policy that lets not everybody in.
    NoWildcardPrincipal,
    /// It is a policy that does not allow everything.
    NoWildcardAction,
    /// It is a policy that refuses connections in clear.
    SecureTransport,
    /// It holds no secret in clear.
    NoSecret,
    /// It is no access list that lets the public in.
    NotPublic,
}

impl TryFrom<String> for Test {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let words = |list: &str| list.split('|').map(str::to_owned).collect();
        let number = |text: &str| text.parse().map_err(|_| format!("`{text}` is no number"));
        Ok(match text.split_once(':') {
            Some(("one-of", list)) => Self::OneOf(words(list)),
            Some(("none-of", list)) => Self::NoneOf(words(list)),
            Some(("above", text)) => Self::Above(number(text)?),
            Some(("at-most", text)) => Self::AtMost(number(text)?),
            _ => match text.as_str() {
                "true" => Self::True,
                "not-true" => Self::NotTrue,
                "set" => Self::Set,
                "unset" => Self::Unset,
                "not-anywhere" => Self::NotAnywhere,
                "no-wildcard-principal" => Self::NoWildcardPrincipal,
                "no-wildcard-action" => Self::NoWildcardAction,
                "secure-transport" => Self::SecureTransport,
                "no-secret" => Self::NoSecret,
                "not-public" => Self::NotPublic,
                other => return Err(format!("`{other}` is no test")),
            },
        })
    }
}

/// What an attribute says of the resource that it names.
#[derive(Debug, Deserialize)]
pub(super) struct ReferenceRule(pub(super) String, pub(super) Says);

/// A sentence about this resource and the one that an attribute names.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum Says {
    /// `KIND this`: exposure comes from the other one.
    ToThis(ConnectionKind),
    /// `this KIND`: exposure goes to the other one; with a `?` it may.
    FromThis(ConnectionKind, bool),
    /// This is a part of the other one.
    PartOf,
    /// The other one is a part of this.
    HasPart,
    /// This is a member of the other one, a group.
    Member,
}

impl TryFrom<String> for Says {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let kind = |word: &str| ConnectionKind::from_id(word).ok_or_else(|| format!("`{word}` is no kind of connection"));
        Ok(match text.as_str() {
            "part of" => Self::PartOf,
            "has part" => Self::HasPart,
            "member" => Self::Member,
            _ => match text.split_once(' ') {
                Some((word, "this")) => Self::ToThis(kind(word)?),
                Some(("this", word)) => Self::FromThis(kind(word.trim_end_matches('?'))?, word.ends_with('?')),
                _ => return Err(format!("`{text}` says nothing")),
            },
        })
    }
}

/// A connection between the resources that two attributes name: attribute, kind, attribute.
#[derive(Debug, Deserialize)]
pub(super) struct EdgeRule(pub(super) String, pub(super) ConnectionKind, pub(super) String);

/// The types.
static TYPES: LazyLock<HashMap<String, ResourceType>> =
    LazyLock::new(|| serde_json::from_str(include_str!("resources.json")).expect("the shipped table is valid"));

/// What a type of resource means, if it is known.
pub(in crate::import) fn resource_type(kind: &str) -> Option<&'static ResourceType> {
    TYPES.get(kind)
}

/// Who runs resources of a type.
pub(super) fn provider(kind: &str) -> Option<&'static str> {
    match kind.split('_').next()? {
        "aws" => Some("aws"),
        "azurerm" | "azuread" => Some("azure"),
        "google" => Some("gcp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{ControlCatalog, ResponsibilityMatrix};

    #[test]
    fn the_table_names_only_what_the_catalogue_holds() {
        let catalog = ControlCatalog::shipped();
        for (kind, meaning) in TYPES.iter() {
            if let Some(service) = &meaning.service {
                let known = ResponsibilityMatrix::shipped().service(service).unwrap_or_else(|| panic!("{kind}: {service}"));
                assert!(meaning.model.is_none(), "{kind}");
                for (_, setting) in &meaning.settings {
                    assert!(known.settings().contains(&setting.as_str()), "{kind}: {setting}");
                }
            }
            for rule in &meaning.controls {
                let control = catalog.find(&rule.2).unwrap_or_else(|| panic!("{kind}: {}", rule.2));
                assert!(catalog.control(control).layer.is_some(), "{kind}: {}", rule.2);
            }
            let stands_alone = matches!(meaning.role, Role::System | Role::Identity | Role::Security | Role::Network);
            assert!(!stands_alone || meaning.service.is_some() || meaning.model.is_some(), "{kind} is a system of no kind");
            assert_eq!(meaning.role == Role::Edge, !meaning.edges.is_empty(), "{kind}");
        }
    }
}
