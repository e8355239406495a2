//! One OSCAL document: its system, its components, what it leverages, and every place that speaks of a control.

use super::layers;
use crate::catalog::Criticality;
use crate::import::Observations;
use crate::import::tree::{find, get, items, text, text_of};
use crate::source::{Fault, Node, Span};
use std::collections::HashMap;

/// A system security plan or a component definition.
pub(super) struct Plan<'a> {
    /// The document.
    pub(super) node: &'a Node<'a>,
    /// Its uuid, in small letters as all of them.
    pub(super) uuid: String,
    /// Whether it is a component definition, which has no system of its own.
    pub(super) is_definition: bool,
    /// What controls can be implemented by: the plan's system first, then components.
    pub(super) subjects: Vec<Subject<'a>>,
    /// The authorizations that it leverages.
    pub(super) authorizations: Vec<Authorization<'a>>,
    /// Every place that speaks of a control.
    pub(super) said: Vec<Said<'a>>,
}

/// A system or component.
pub(super) struct Subject<'a> {
    /// What it is.
    pub(super) kind: Kind,
    /// The type as the document writes it, in small letters.
    pub(super) sort: String,
    /// Name for people.
    pub(super) name: Option<&'a str>,
    /// Its uuids; the system has one for each component that is the system itself.
    pub(super) uuids: Vec<String>,
    /// The leveraged authorization that it comes with.
    pub(super) authorization: Option<String>,
    /// What it is in the leveraged plan.
    pub(super) inherited: Option<String>,
    /// Where.
    pub(super) span: Span,
    node: &'a Node<'a>,
}

/// What a component is, as far as that decides its connections.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The system of the plan.
    System,
    /// A system that the plan's system leverages.
    LeveragedSystem,
    /// Software.
    Software,
    /// Hardware.
    Hardware,
    /// A connection to a remote system.
    Interconnection,
    /// Anything else: a service, a network, an appliance.
    Other,
}

/// A leveraged authorization.
pub(super) struct Authorization<'a> {
    /// Its uuid.
    pub(super) uuid: String,
    /// What it calls the leveraged system.
    pub(super) title: Option<&'a str>,
    /// The uuid of the party that runs it.
    pub(super) party: Option<String>,
    /// Where.
    pub(super) span: Span,
}

/// A place that speaks of a control: a requirement, a statement, or what a component does about it.
pub(super) struct Said<'a> {
    /// The control, `ac-2.1`.
    pub(super) control: String,
    /// Whose, as a position of [`Plan::subjects`].
    pub(super) subject: usize,
    /// The place.
    pub(super) node: &'a Node<'a>,
}

/// Types of components that are papers.
const PAPERS: [&str; 8] = ["policy", "procedure", "process", "process-procedure", "plan", "guidance", "standard", "validation"];

impl<'a> Plan<'a> {
    /// The plan of a document; what is none, or of a version that is not read, is told.
    pub(super) fn of(document: &'a Node<'a>, seen: &mut Observations) -> Option<Self> {
        let security = get(document, "system-security-plan");
        let Some(node) = security.or_else(|| get(document, "component-definition")) else {
            seen.diagnostics.error(document.span, super::not_oscal());
            return None;
        };
        if let Some(version) =
            find(node, "metadata.oscal-version").filter(|version| text(version).is_none_or(|text| !text.starts_with("1.")))
        {
            seen.diagnostics.error(version.span, Fault::ForeignVersion { format: "OSCAL", expected: "1.0 to 1.2" });
            return None;
        }
        let mut plan = Self {
            node,
            uuid: uuid_of(node, "uuid").unwrap_or_default(),
            is_definition: security.is_none(),
            subjects: Vec::new(),
            authorizations: Vec::new(),
            said: Vec::new(),
        };
        if security.is_some() {
            plan.read_security(seen);
        } else {
            plan.read_definition(seen);
        }
        Some(plan)
    }

    /// The position of the first subject that is a component.
    pub(super) fn first_component(&self) -> usize {
        usize::from(!self.is_definition)
    }

    fn read_security(&mut self, seen: &mut Observations) {
        let implementation = get(self.node, "system-implementation");
        let name = find(self.node, "system-characteristics.system-name").and_then(text);
        let name = name.or_else(|| find(self.node, "metadata.title").and_then(text)).map(tidy);
        self.subjects.push(Subject::the_system(self.node, name));
        let mut by_uuid = HashMap::new();
        for node in implementation.and_then(|node| get(node, "components")).map_or(&[][..], items) {
            let Some(subject) = Subject::of(node) else {
                seen.not_understood(node.span, "component without uuid");
                continue;
            };
            let ix = match subject.sort.as_str() {
                "this-system" => 0,
                paper if PAPERS.contains(&paper) => {
                    seen.not_understood(node.span, subject.sort.clone());
                    0
                }
                _ => self.subjects.len(),
            };
            by_uuid.extend(subject.uuids.iter().map(|uuid| (uuid.clone(), ix)));
            if subject.sort == "this-system" {
                let system = &mut self.subjects[0];
                system.uuids.extend(subject.uuids);
                system.node = node;
            } else if ix > 0 {
                self.subjects.push(subject);
            }
        }
        self.authorizations = implementation
            .and_then(|node| get(node, "leveraged-authorizations"))
            .map_or(&[][..], items)
            .iter()
            .filter_map(Authorization::of)
            .collect();
        let requirements = find(self.node, "control-implementation.implemented-requirements").map_or(&[][..], items);
        for requirement in requirements {
            self.read_requirement(requirement, 0, &by_uuid, seen);
        }
    }

    fn read_definition(&mut self, seen: &mut Observations) {
        for node in get(self.node, "components").map_or(&[][..], items) {
            let Some(subject) = Subject::of(node) else {
                seen.not_understood(node.span, "component without uuid");
                continue;
            };
            if PAPERS.contains(&subject.sort.as_str()) {
                seen.not_understood(node.span, subject.sort);
                continue;
            }
            let ix = self.subjects.len();
            self.subjects.push(subject);
            let implementations = get(node, "control-implementations").map_or(&[][..], items).iter();
            for requirement in implementations.flat_map(|node| get(node, "implemented-requirements").map_or(&[][..], items)) {
                self.read_requirement(requirement, ix, &HashMap::new(), seen);
            }
        }
    }

    /// A requirement and its statements speak of the subject that they stand under, each part of them of its component.
    fn read_requirement(&mut self, requirement: &'a Node<'a>, of: usize, by_uuid: &HashMap<String, usize>, seen: &mut Observations) {
        let Some(control) = text_of(requirement, "control-id").map(layers::control) else { return };
        let statements = get(requirement, "statements").map_or(&[][..], items);
        for node in std::iter::once(requirement).chain(statements) {
            self.said.push(Said { control: control.clone(), subject: of, node });
            for part in get(node, "by-components").map_or(&[][..], items) {
                let Some(uuid) = uuid_of(part, "component-uuid") else { continue };
                if let Some(&subject) = by_uuid.get(&uuid) {
                    seen.reference(part.span);
                    self.said.push(Said { control: control.clone(), subject, node: part });
                } else {
                    seen.warn(part.span, Fault::Dangling { what: "component", name: uuid });
                }
            }
        }
    }

    /// How much the system matters: its sensitivity level, else the highest of its objectives.
    pub(super) fn criticality(&self) -> Option<Criticality> {
        let characteristics = get(self.node, "system-characteristics")?;
        let levels = ["confidentiality", "integrity", "availability"].map(|goal| format!("security-objective-{goal}"));
        let stated = text_of(characteristics, "security-sensitivity-level").and_then(level);
        let impact = get(characteristics, "security-impact-level");
        stated.or_else(|| levels.iter().filter_map(|goal| text_of(impact?, goal).and_then(level)).min())
    }

    /// What the plan calls the kind of cloud service that its system is.
    pub(super) fn tags(&self) -> Vec<String> {
        let characteristics = get(self.node, "system-characteristics");
        ["cloud-service-model", "cloud-deployment-model"]
            .into_iter()
            .filter_map(|name| Some(format!("{name}:{}", characteristics.and_then(|node| properties(node, name).next())?)))
            .collect()
    }

    /// The uuid of the party that owns the plan's system.
    pub(super) fn owner(&self) -> Option<String> {
        let metadata = get(self.node, "metadata").and_then(|node| role(node, "responsible-parties", &["system-owner", "owner"]));
        metadata.or_else(|| self.subjects[0].owner())
    }

    /// The uuid of the party with one of some roles in the whole document.
    pub(super) fn party(&self, roles: &[&str]) -> Option<String> {
        get(self.node, "metadata").and_then(|node| role(node, "responsible-parties", roles))
    }

    /// What another document may call the plan's system.
    pub(super) fn called(&self) -> impl Iterator<Item = &'a str> {
        let paths = ["system-characteristics.system-name", "system-characteristics.system-name-short", "metadata.title"];
        paths.into_iter().filter_map(|path| find(self.node, path).and_then(text).map(tidy))
    }
}

impl<'a> Subject<'a> {
    fn the_system(node: &'a Node<'a>, name: Option<&'a str>) -> Self {
        let sort = "this-system".to_owned();
        Self { kind: Kind::System, sort, name, uuids: Vec::new(), authorization: None, inherited: None, span: node.span, node }
    }

    /// A component, unless it has no uuid: then nothing could refer to it.
    fn of(node: &'a Node<'a>) -> Option<Self> {
        let sort = text_of(node, "type").unwrap_or_default().to_ascii_lowercase();
        let first = |name: &str| properties(node, name).next().map(str::to_ascii_lowercase);
        let authorization = first("leveraged-authorization-uuid");
        let kind = match sort.as_str() {
            "system" | "leveraged-system" if authorization.is_some() => Kind::LeveragedSystem,
            "software" | "application" | "operating-system" => Kind::Software,
            "hardware" | "physical" => Kind::Hardware,
            "interconnection" => Kind::Interconnection,
            _ => Kind::Other,
        };
        let name = text_of(node, "title").map(tidy);
        let uuids = vec![uuid_of(node, "uuid")?];
        Some(Self { kind, sort, name, uuids, authorization, inherited: first("inherited-uuid"), span: node.span, node })
    }

    /// The values of a property.
    pub(super) fn properties(&self, name: &str) -> impl Iterator<Item = &'a str> {
        properties(self.node, name)
    }

    /// Whether it is an operating system.
    pub(super) fn is_operating_system(&self) -> bool {
        self.sort == "operating-system" || self.properties("asset-type").any(|value| value == "operating-system")
    }

    /// Whether it stands outside the system.
    pub(super) fn is_external(&self) -> bool {
        self.properties("implementation-point").any(|value| value == "external")
    }

    /// The uuid of the party that answers for it: its owner, else who administers it.
    pub(super) fn owner(&self) -> Option<String> {
        let roles = ["system-owner", "asset-owner", "owner", "asset-administrator", "administrator", "admin"];
        role(self.node, "responsible-roles", &roles)
    }

    /// The uuid of the party that provides it.
    pub(super) fn provider(&self) -> Option<String> {
        role(self.node, "responsible-roles", &["provider"])
    }
}

impl<'a> Authorization<'a> {
    /// An authorization, unless it has no uuid: then nothing could refer to it.
    fn of(node: &'a Node<'a>) -> Option<Self> {
        let (title, party) = (text_of(node, "title").map(tidy), uuid_of(node, "party-uuid"));
        Some(Self { uuid: uuid_of(node, "uuid")?, title, party, span: node.span })
    }
}

/// A uuid, in small letters: documents write the same one both ways.
pub(super) fn uuid_of(node: &Node<'_>, key: &str) -> Option<String> {
    text_of(node, key).filter(|uuid| !uuid.is_empty()).map(str::to_ascii_lowercase)
}

/// The values of a property of a thing.
pub(super) fn properties<'a>(node: &'a Node<'a>, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
    let name = name.to_owned();
    let all = get(node, "props").map_or(&[][..], items).iter();
    all.filter(move |property| text_of(property, "name") == Some(&name)).filter_map(|property| text_of(property, "value"))
}

/// The first party of the first of some roles that has one.
fn role(node: &Node<'_>, list: &str, roles: &[&str]) -> Option<String> {
    let stated = get(node, list).map_or(&[][..], items);
    roles.iter().find_map(|wanted| {
        let of_role = stated.iter().filter(|role| text_of(role, "role-id") == Some(wanted));
        let mut parties = of_role.flat_map(|role| get(role, "party-uuids").map_or(&[][..], items));
        parties.find_map(|party| text(party).map(str::to_ascii_lowercase))
    })
}

/// A title without the marks of emphasis around it.
fn tidy(title: &str) -> &str {
    title.trim_matches(|c: char| c.is_whitespace() || c == '*')
}

fn level(word: &str) -> Option<Criticality> {
    match word.trim_start_matches("fips-199-") {
        "high" => Some(Criticality::High),
        "moderate" | "medium" => Some(Criticality::Moderate),
        "low" => Some(Criticality::Low),
        _ => None,
    }
}
