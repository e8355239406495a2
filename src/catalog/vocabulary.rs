//! The closed vocabularies of the model file: each word once, with its identifier.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Defines an enum whose variants are words of the model file: identifier, list of all, and parsing in one place.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $Name:ident { $($(#[$doc:meta])* $Variant:ident = $id:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Copy, Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum $Name {
            $($(#[$doc])* #[serde(rename = $id)] $Variant,)+
        }

        impl $Name {
            /// Every word, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$Variant,)+];
            /// Every identifier, in the order of [`Self::ALL`].
            pub const IDS: &'static [&'static str] = &[$($id,)+];

            /// The identifier as written in a model file.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$Variant => $id,)+ }
            }

            /// The word with this identifier, if there is one.
            pub fn from_id(id: &str) -> Option<Self> {
                match id { $($id => Some(Self::$Variant),)+ _ => None }
            }
        }

        impl std::fmt::Display for $Name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.pad(self.id())
            }
        }
    };
}

vocabulary! {
    /// A layer of the shared responsibility model, bottom to top.
    Layer {
        /// Physical hosts, network and data center.
        Physical = "physical",
        /// Virtualization layer.
        Virtualization = "virtualization",
        /// Operating system.
        Os = "os",
        /// Network control.
        Network = "network",
        /// Applications: installed software, runtime, middleware.
        Applications = "applications",
        /// Identity and directory infrastructure.
        Directory = "directory",
        /// Alerting and monitoring.
        Monitoring = "monitoring",
        /// Platform and resource configuration.
        Config = "config",
        /// Identity and access.
        Access = "access",
        /// Application logic and code.
        Code = "code",
        /// Information and data.
        Data = "data",
    }
}

impl Layer {
    /// How many layers the model has.
    pub const COUNT: usize = Self::ALL.len();

    /// Position from the bottom, 0 to 10.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The layer's full name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Physical => "Physical hosts, network and data center",
            Self::Virtualization => "Virtualization layer",
            Self::Os => "Operating system",
            Self::Network => "Network control",
            Self::Applications => "Applications",
            Self::Directory => "Identity and directory infrastructure",
            Self::Monitoring => "Alerting and monitoring",
            Self::Config => "Platform and resource configuration",
            Self::Access => "Identity and access",
            Self::Code => "Application logic and code",
            Self::Data => "Information and data",
        }
    }
}

vocabulary! {
    /// How a system is delivered; each has a row in the responsibility matrix.
    ServiceModel {
        /// Everything is the customer's.
        OnPremises = "on-premises",
        /// Own machines in somebody else's building.
        Colocation = "colocation",
        /// Virtual machines, disks, networks.
        Iaas = "iaas",
        /// Managed containers.
        Caas = "caas",
        /// Managed platforms.
        Paas = "paas",
        /// Serverless functions.
        Faas = "faas",
        /// Software as a service.
        Saas = "saas",
        /// Not known: every cell is unknown.
        Unknown = "unknown",
    }
}

vocabulary! {
    /// Who must secure a layer, according to the responsibility matrix.
    Cell {
        /// The customer.
        Customer = "customer",
        /// The provider.
        Provider = "provider",
        /// Both: the split has to be written down.
        Shared = "shared",
        /// The layer does not exist on this system.
        NotApplicable = "not-applicable",
        /// The matrix does not say.
        Unknown = "unknown",
        /// A `when` rule decides, and the system states none of its settings. Treated as unknown.
        Undetermined = "undetermined",
    }
}

impl Cell {
    /// Whether the cell leaves the question open: unknown or undetermined.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Unknown | Self::Undetermined)
    }

    /// Whether both sides have a part in the layer, or may have: only there a split makes sense.
    pub const fn allows_split(self) -> bool {
        matches!(self, Self::Shared) || self.is_open()
    }
}

vocabulary! {
    /// Status of a control or of a whole layer: OSCAL's words plus two.
    ControlStatus {
        /// In place.
        Implemented = "implemented",
        /// A compensating control is in place.
        Alternative = "alternative",
        /// In place in part.
        Partial = "partial",
        /// Decided, not in place.
        Planned = "planned",
        /// Not in place.
        NotImplemented = "not-implemented",
        /// Does not apply.
        NotApplicable = "not-applicable",
        /// Not known.
        Unknown = "unknown",
    }
}

impl ControlStatus {
    /// Whether the status claims something that only evidence shows, and so ages with it.
    pub const fn needs_evidence(self) -> bool {
        matches!(self, Self::Implemented | Self::Alternative | Self::Partial)
    }
}

vocabulary! {
    /// What a party is.
    PartyKind {
        /// Runs services for the customer.
        Provider = "provider",
        /// The organisation.
        Customer = "customer",
        /// A part of the customer.
        Team = "team",
        /// Works under contract for the customer.
        ThirdParty = "third-party",
    }
}

impl PartyKind {
    /// The side of the shared responsibility model that the party stands on.
    pub const fn side(self) -> Side {
        match self {
            Self::Provider => Side::Provider,
            Self::Customer | Self::Team | Self::ThirdParty => Side::Customer,
        }
    }
}

vocabulary! {
    /// A side of the shared responsibility model, and the half of a split that belongs to it.
    Side {
        /// Customer, teams and third parties.
        Customer = "customer",
        /// Providers.
        Provider = "provider",
    }
}

vocabulary! {
    /// How exposure may cross from one system to another. Read `from KIND to` as a sentence.
    ConnectionKind {
        /// `to` runs on `from`.
        Hosts = "hosts",
        /// Network reachability.
        Reaches = "reaches",
        /// Symmetric reachability; acts both ways.
        Peers = "peers",
        /// `to` accepts identities that `from` asserts.
        Authenticates = "authenticates",
        /// `from` keeps a key, token or role for `to`.
        HoldsCredentials = "holds-credentials",
        /// `from` sends data to `to`.
        Feeds = "feeds",
        /// `from` is the store of record of `to`'s data.
        Stores = "stores",
        /// `from` builds or ships what `to` runs.
        Deploys = "deploys",
        /// `from` is the control plane or automation of `to`.
        Manages = "manages",
        /// `from` watches `to`; its agent may run there.
        Monitors = "monitors",
        /// `from` keeps copies of `to`'s data.
        BacksUp = "backs-up",
        /// `from` keeps `to`'s keys or credentials.
        KeepsSecrets = "keeps-secrets",
        /// `to` executes code or packages of `from`.
        Supplies = "supplies",
    }
}

vocabulary! {
    /// How much a system matters to the organisation.
    Criticality {
        /// The organisation stands or falls with it.
        CrownJewel = "crown-jewel",
        /// Matters much.
        High = "high",
        /// Matters.
        Moderate = "moderate",
        /// Matters little.
        Low = "low",
    }
}

vocabulary! {
    /// From where a system can be attacked.
    Facing {
        /// Reachable from the internet.
        Internet = "internet",
        /// Reachable for partners.
        Partner = "partner",
        /// Reachable inside.
        Internal = "internal",
        /// Cut off.
        Isolated = "isolated",
    }
}

vocabulary! {
    /// How strong a connection's control is.
    Strength {
        /// Holds against most.
        Strong = "strong",
        /// Holds against many.
        Moderate = "moderate",
        /// Holds against few.
        Weak = "weak",
    }
}

vocabulary! {
    /// Whether a connection is known to exist.
    Certainty {
        /// It exists.
        Certain = "certain",
        /// Inferred; it may not exist.
        Possible = "possible",
    }
}

vocabulary! {
    /// Whether the owner that is declared agrees with the responsibility matrix.
    Verdict {
        /// One accountable owner (or a written split) that agrees with the matrix.
        Clear = "clear",
        /// The customer's side claims a layer that is the provider's.
        Double = "double",
        /// A shared layer whose split is not written down.
        Unsplit = "unsplit",
        /// The claim disagrees with the matrix: each side assumes that the other does it.
        Contradicted = "contradicted",
        /// Nobody owns the layer.
        Unowned = "unowned",
        /// Nothing is said about who owns the layer.
        Unclaimed = "unclaimed",
    }
}

vocabulary! {
    /// What can be done about exposure.
    FixKind {
        /// Close a gap: an owner, and every control of the layer in place.
        Close = "close",
        /// Settle who owns a layer: name an owner, or write the split.
        Own = "own",
        /// Put a strong control on a connection, or make one of its own strong and implemented.
        Control = "control",
        /// Take a connection away.
        Remove = "remove",
    }
}

vocabulary! {
    /// Why a layer is not covered: the first kind that applies, in this order.
    GapKind {
        /// Nobody owns it.
        Unowned = "unowned",
        /// The declared owner disagrees with the matrix.
        Contradicted = "contradicted",
        /// Shared, and the split is not written down.
        Unsplit = "unsplit",
        /// Both sides claim all of it.
        Double = "double",
        /// A setting that decides the owner is not stated.
        Undetermined = "undetermined",
        /// Nobody is said to own it.
        Unclaimed = "unclaimed",
        /// No control is in place.
        Missing = "missing",
        /// The evidence is too old.
        Stale = "stale",
        /// Controls are in place in part.
        Partial = "partial",
        /// The provider's controls rest on no attestation.
        Unattested = "unattested",
        /// Nothing is known about the controls.
        Unknown = "unknown",
    }
}

vocabulary! {
    /// Which end of an interval a computation is about.
    End {
        /// Every unknown turns out well.
        Low = "low",
        /// Every unknown turns out badly.
        High = "high",
    }
}

impl End {
    /// Both ends, low first.
    pub const BOTH: [Self; 2] = [Self::Low, Self::High];

    /// The other end.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Low => Self::High,
            Self::High => Self::Low,
        }
    }
}
