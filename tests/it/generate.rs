//! Random valid models, the same for the same seed: every feature of §2 and §3, nothing that §10 rejects.
//!
//! The tables below repeat what a generator must know of the catalogue to keep a system's own splits legal.

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

const LAYERS: [&str; 11] =
    ["physical", "virtualization", "os", "network", "applications", "directory", "monitoring", "config", "access", "code", "data"];
/// Rows of the responsibility matrix, a letter a layer bottom to top:
/// customer, provider, shared, not-applicable, unknown.
const MODELS: [(&str, &str); 8] = [
    ("on-premises", "ccccccccccc"),
    ("colocation", "scccccccccc"),
    ("iaas", "ppccccccccc"),
    ("caas", "ppsscsscccc"),
    ("paas", "pppsssscccc"),
    ("faas", "pppsssscccc"),
    ("saas", "pppppssccpc"),
    ("unknown", "uuuuuuuuuuu"),
];

/// Catalogue services: names (the first its id), model, row.
const SERVICES: [(&[&str], &str, &str); 41] = [
    (&["aws.fargate", "fargate", "aws_ecs_service"], "caas", "pppscsscccc"),
    (&["aws.eks", "eks", "aws_eks_cluster"], "caas", "ppsscsscccc"),
    (&["aws.lambda", "lambda", "aws_lambda_function"], "faas", "pppsssscccc"),
    (&["aws.beanstalk"], "paas", "ppssssscccc"),
    (&["aws.rds", "rds", "aurora", "aws_db_instance"], "paas", "pppsssscccc"),
    (&["azure.vm", "azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine"], "iaas", "ppccccccccc"),
    (&["azure.app_service"], "paas", "pppsssscccc"),
    (&["azure.functions"], "faas", "pppsssscccc"),
    (&["azure.aks", "aks", "azurerm_kubernetes_cluster"], "caas", "ppsscsscccc"),
    (&["gcp.gke_standard", "gke", "google_container_cluster"], "caas", "ppsscsscccc"),
    (&["gcp.cloud_run", "google_cloud_run_service"], "caas", "pppscsscccc"),
    (&["gcp.functions", "google_cloudfunctions_function"], "faas", "pppsssscccc"),
    (&["github_actions_hosted"], "paas", "pppsssscccc"),
    (&["aws.ec2", "ec2", "aws_instance"], "iaas", "ppccccccccc"),
    (&["aws.s3", "s3", "aws_s3_bucket"], "paas", "pppspssccnc"),
    (&["aws.rds_custom"], "paas", "ppsscsscccc"),
    (&["aws.cognito"], "paas", "pppppssccnc"),
    (&["aws.kms"], "paas", "pppspssccnc"),
    (&["aws.cloudfront"], "paas", "pppspssccsc"),
    (&["aws.vpc"], "iaas", "ppncnccccnn"),
    (&["aws.emr"], "caas", "ppssssscccc"),
    (&["azure.sql_vm"], "iaas", "ppccccccccc"),
    (&["azure.entra"], "saas", "pppppssccpc"),
    (&["azure.disk"], "iaas", "ppncnncccnc"),
    (&["azure.arc"], "on-premises", "ccccccccccc"),
    (&["m365", "office365", "exchange_online"], "saas", "pppppssccpc"),
    (&["dynamics365"], "saas", "pppppssccsc"),
    (&["gcp.gce", "gce", "google_compute_instance"], "iaas", "ppccccccccc"),
    (&["gcp.gke_autopilot"], "caas", "pppscsscccc"),
    (&["gcp.bigquery"], "paas", "pppspsscccc"),
    (&["workspace", "gsuite", "google_workspace"], "saas", "pppppssccpc"),
    (&["gcp.apigee_hybrid"], "caas", "cccccsscccc"),
    (&["oci.autonomous"], "paas", "pppspsscccc"),
    (&["salesforce"], "saas", "pppppssccsc"),
    (&["okta"], "saas", "pppppssccpc"),
    (&["github"], "saas", "pppppsscccc"),
    (&["snowflake"], "saas", "pppspsscccc"),
    (&["datadog"], "saas", "pppppssccpc"),
    (&["heroku"], "paas", "pppsssscccc"),
    (&["vmware_cloud"], "iaas", "psccccccccc"),
    (&["colo"], "colocation", "scccccccccc"),
];

/// Their `when` rules: service, setting, value, layer, cell.
const WHEN: [(&str, &str, &str, usize, char); 31] = [
    ("aws.fargate", "platform_version", "pinned", 2, 's'),
    ("aws.eks", "node_type", "self_managed", 2, 'c'),
    ("aws.eks", "node_type", "fargate", 2, 'p'),
    ("aws.eks", "node_type", "auto_mode", 2, 'p'),
    ("aws.lambda", "runtime_update_mode", "auto", 4, 'p'),
    ("aws.lambda", "runtime_update_mode", "function_update", 4, 's'),
    ("aws.lambda", "runtime_update_mode", "manual", 4, 'c'),
    ("aws.lambda", "package_type", "image", 4, 'c'),
    ("aws.lambda", "vpc_attached", "true", 3, 's'),
    ("aws.lambda", "vpc_attached", "false", 3, 'p'),
    ("aws.beanstalk", "managed_platform_updates", "false", 2, 'c'),
    ("aws.beanstalk", "managed_platform_updates", "true", 2, 's'),
    ("aws.rds", "auto_minor_version_upgrade", "false", 4, 's'),
    ("aws.rds", "auto_minor_version_upgrade", "true", 4, 'p'),
    ("aws.rds", "engine_mode", "custom", 2, 's'),
    ("azure.vm", "patch_mode", "automatic_by_platform", 2, 's'),
    ("azure.vm", "patch_mode", "manual", 2, 'c'),
    ("azure.vm", "patch_mode", "automatic_by_os", 2, 'c'),
    ("azure.app_service", "custom_container", "true", 4, 'c'),
    ("azure.functions", "custom_container", "true", 4, 'c'),
    ("azure.aks", "node_os_upgrade_channel", "none", 2, 'c'),
    ("azure.aks", "node_os_upgrade_channel", "unmanaged", 2, 'c'),
    ("azure.aks", "node_os_upgrade_channel", "security_patch", 2, 'p'),
    ("azure.aks", "node_os_upgrade_channel", "node_image", 2, 'p'),
    ("gcp.gke_standard", "auto_upgrade", "true", 2, 'p'),
    ("gcp.gke_standard", "auto_upgrade", "false", 2, 's'),
    ("gcp.cloud_run", "base_image_updates", "automatic", 4, 's'),
    ("gcp.cloud_run", "base_image_updates", "on_deploy", 4, 'c'),
    ("gcp.functions", "update_policy", "automatic", 4, 'p'),
    ("gcp.functions", "update_policy", "on_deploy", 4, 's'),
    ("github_actions_hosted", "runner", "self_hosted", 2, 'c'),
];

/// Controls of every layer, without the layer's name.
const CONTROLS: [&str; 11] = [
    "site-access surveillance environment media-disposal media-transport asset-tracking cabling redundancy hardware-supply provider-attestation",
    "tenant-isolation hypervisor-patching mgmt-plane-access image-integrity secure-boot resource-limits memory-storage-reuse virtual-network-isolation provider-admin-access isolation-assurance",
    "patching hardening malware-defence host-firewall local-admin agent-inventory file-integrity image-lifecycle disk-encryption host-logs",
    "segmentation ingress-filter egress-filter source-restriction private-endpoints intrusion-detection flow-logs ddos network-docs remote-admin",
    "inventory patching supported-versions hardening allow-list update-verification input-validation isolation vuln-scanning app-recovery",
    "signing-key-custody token-validation directory-hardening federation-inventory directory-admin sync-isolation directory-logs break-glass directory-backup helpdesk-verification",
    "log-scope provider-logs log-protection log-retention central-collection alerting review time-sync incident-response notification",
    "secure-baseline drift-detection change-control public-exposure metadata-protection account-structure default-credentials service-inventory guardrails legacy-retirement",
    "mfa least-privilege privileged-access account-inventory joiner-mover-leaver access-review credential-rotation session-limits workload-identity third-party-grants",
    "secure-sdlc repo-access secret-scanning dependency-inventory dependency-fix code-testing build-integrity release-approval env-separation vuln-intake",
    "inventory classification flow-map encrypt-at-rest encrypt-in-transit key-management access-limits exfiltration-guard retention-disposal backup-restore",
];

const SUFFIXES: [&str; 12] = ["", "-a", ".prod", "/ns/pod", ":eu-1", "@2", "[\"k\"]", "/b/c", "#2", ">x*", "\\n'<&|`", ":os:{}"];
const NAMES: [&str; 8] = ["plain", "naïve café", "Zahlungen – Köln", "склад", "مخزن", "日本🏯", "a\u{301}e\u{308}", "<b>&amp;\"'\\"];
const KINDS: [&str; 13] = [
    "hosts",
    "reaches",
    "peers",
    "authenticates",
    "holds-credentials",
    "feeds",
    "stores",
    "deploys",
    "manages",
    "monitors",
    "backs-up",
    "keeps-secrets",
    "supplies",
];
/// Fresh, exactly as old as allowed, one day too old, future: on the analysis date 2026-11-01.
const DATES: [&str; 6] = ["2026-11-01", "2025-11-01", "2025-10-31", "2026-09-30", "2024-02-29", "2027-01-15"];
const PROVIDERS: [&str; 3] = ["aws", "azure", "gcp"];
const CUSTOMERS: [&str; 3] = ["acme", "team-o", "msp"];
const STATUSES: [&str; 9] =
    ["implemented", "implemented", "implemented", "alternative", "partial", "partial", "planned", "not-implemented", "unknown"];
const CLASSES: [&str; 6] = ["approval", "authn", "authz", "encryption", "integrity", "segmentation"];
const FACINGS: [&str; 4] = ["internet", "partner", "internal", "isolated"];
const CRITICALITIES: [&str; 4] = ["crown-jewel", "high", "moderate", "low"];
const TAGS: [&str; 4] = ["pci", "prod", "eu", "日本"];

/// A random valid model with so many systems; read it at analysis date 2026-11-01.
pub(crate) fn estate(seed: u64, systems: usize) -> Value {
    let mut r = Random(seed);
    let rules: Vec<Value> = (0..r.below(5)).map(|_| r.rule()).collect();
    let all: Vec<Value> = (0..systems).map(|i| r.system(i, &rules)).collect();
    let ids: Vec<String> = all.iter().map(|s| s["id"].as_str().expect("an id").to_string()).collect();
    json!({
        "weaklink": 1,
        "name": r.pick(&NAMES),
        "parties": r.parties(),
        "systems": all,
        "connections": r.connections(&ids),
        "rules": rules,
    })
}

/// splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// Three providers, one customer, a team and a third party; attestations fresh, old or none.
    fn parties(&mut self) -> Vec<Value> {
        let mut parties = Vec::new();
        for id in PROVIDERS {
            let mut party = json!({ "id": id, "kind": "provider" });
            if self.chance(70) {
                party["attested"] = json!({ "as_of": self.pick(&DATES), "source": "SOC 2" });
            }
            parties.push(party);
        }
        parties.push(json!({ "id": "acme", "kind": "customer", "name": "Acmé ⚙" }));
        parties.push(json!({ "id": "team-o", "kind": "team", "of": "acme" }));
        parties.push(json!({ "id": "msp", "kind": "third-party" }));
        parties
    }

    fn tags(&mut self) -> Vec<&'static str> {
        let first = self.below(TAGS.len());
        (0..=self.below(2)).map(|i| TAGS[(first + i) % TAGS.len()]).collect()
    }

    /// One setting of the catalogue, with a value that some rule names or none does.
    fn setting(&mut self, of: Option<&str>) -> Option<(&'static str, Value)> {
        let named: Vec<_> = WHEN.iter().filter(|w| of.is_none_or(|id| w.0 == id)).collect();
        if named.is_empty() {
            return None;
        }
        let (_, setting, value, _, _) = *self.pick(&named);
        let value = match value {
            _ if self.chance(25) => json!("other"),
            "true" | "false" if self.chance(50) => json!(value == "true"),
            _ => json!(value),
        };
        Some((setting, value))
    }

    /// A system with some of everything; `rules` may set settings that move its cells.
    fn system(&mut self, i: usize, rules: &[Value]) -> Value {
        let mut system = Map::new();
        system.insert("id".into(), json!(format!("s{i}{}", self.pick(&SUFFIXES))));
        let mut service = None;
        match self.below(100) {
            0..40 => {
                let (names, model, _) = SERVICES[self.below(SERVICES.len())];
                service = Some(names[0]);
                system.insert("service".into(), json!(self.pick(names)));
                if self.chance(15) {
                    system.insert("model".into(), json!(model));
                }
            }
            40..90 => {
                let (model, _) = self.pick(&MODELS);
                system.insert("model".into(), json!(model));
            }
            _ => {}
        }
        if self.chance(if service.is_some() { 20 } else { 65 }) {
            let provider = if self.chance(6) { "hetzner" } else { self.pick(&PROVIDERS) };
            system.insert("provider".into(), json!(provider));
        }
        if self.chance(60) {
            system.insert("owner".into(), json!(self.pick(&CUSTOMERS)));
        }
        if self.chance(70) {
            system.insert("criticality".into(), json!(self.pick(&CRITICALITIES)));
        }
        if self.chance(70) {
            system.insert("facing".into(), json!(self.pick(&FACINGS)));
        }
        if self.chance(50) {
            system.insert("name".into(), json!(self.pick(&NAMES)));
        }
        if self.chance(45) {
            system.insert("tags".into(), json!(self.tags()));
        }
        let mut settings = Map::new();
        for _ in 0..self.below(3) {
            settings.extend(self.setting(service).map(|(k, v)| (k.to_string(), v)));
        }
        if !settings.is_empty() {
            system.insert("settings".into(), json!(settings));
        }
        let mut system = Value::Object(system);
        let mut layers = Map::new();
        for (layer, name) in LAYERS.iter().enumerate() {
            let cells = cells(&system, service, layer, rules);
            if !cells.contains(&'n') && self.chance(80) {
                let claim = self.claim(layer, &cells, system["provider"].as_str());
                layers.insert(name.to_string(), claim);
            }
        }
        if !layers.is_empty() || self.chance(50) {
            system["layers"] = Value::Object(layers);
        }
        system
    }

    /// A system's claim on a layer whose cell is one of `cells`, whatever the rules do.
    fn claim(&mut self, layer: usize, cells: &BTreeSet<char>, provider: Option<&str>) -> Value {
        let mut claim = self.half(layer);
        if self.chance(5) {
            claim["note"] = json!("patched monthly – ünïcode");
        }
        if cells.iter().all(|c| "su".contains(*c)) && self.chance(70) {
            claim["split"] = self.split(layer, provider);
            if self.chance(90) {
                return claim;
            }
        }
        if !cells.contains(&'u') && self.chance(35) || self.chance(20) {
            let everyone = [PROVIDERS, CUSTOMERS].concat();
            claim["owner"] = json!(if self.chance(8) { "nobody" } else { self.pick(&everyone) });
        }
        if cells.iter().all(|c| *c == 'u') && cells.len() == 1 && self.chance(6) {
            claim["status"] = json!("not-applicable");
        }
        claim
    }

    /// Status, controls and evidence of a layer or a half, each of them or not.
    fn half(&mut self, layer: usize) -> Value {
        let mut claim = json!({});
        if self.chance(75) {
            claim["status"] = json!(self.pick(&STATUSES));
        }
        if self.chance(40) {
            let listed = self.controls(layer);
            if !listed.is_empty() {
                claim["controls"] = json!(listed);
            }
        }
        if self.chance(35) {
            claim["evidence"] = json!({ "as_of": self.pick(&DATES), "source": "audit" });
        }
        claim
    }

    /// Listed controls of a layer: a few, or (to leave no baseline unlisted) all of them.
    fn controls(&mut self, layer: usize) -> Map<String, Value> {
        let names: Vec<&str> = CONTROLS[layer].split(' ').collect();
        let percent = self.pick(&[10, 25, 50, 100]);
        let usual = self.pick(&["implemented", "partial", "not-applicable"]);
        let mut listed = Map::new();
        for name in names {
            if self.chance(percent) {
                let status = match self.below(10) {
                    0..5 => usual,
                    5 => "not-applicable",
                    _ => self.pick(&STATUSES),
                };
                listed.insert(format!("{}.{name}", LAYERS[layer]), json!(status));
            }
        }
        listed
    }

    /// Both halves or one, their owners right, wrong, silent or nobody.
    fn split(&mut self, layer: usize, provider: Option<&str>) -> Value {
        let mut split = json!({});
        for (side, own, other) in [("customer", CUSTOMERS, PROVIDERS), ("provider", PROVIDERS, CUSTOMERS)] {
            if self.chance(12) {
                continue;
            }
            let mut half = self.half(layer);
            match self.below(100) {
                0..65 => half["owner"] = json!(self.pick(&own)),
                65..70 => half["owner"] = json!(self.pick(&other)),
                70..72 => half["owner"] = json!("nobody"),
                _ => {}
            }
            let declared = provider.filter(|p| PROVIDERS.contains(p));
            if side == "provider" && half["owner"].is_string() && self.chance(60) {
                half["owner"] = json!(declared.unwrap_or("aws"));
            }
            split[side] = half;
        }
        split
    }

    /// A rule: any match keys, one value or a list, and any of the things a rule may say.
    fn rule(&mut self) -> Value {
        let mut wanted = Map::new();
        for _ in 0..self.below(3) {
            let key = self.pick(&["service", "provider", "model", "owner", "tags", "id"]);
            let values: Vec<&str> = (0..=self.below(4)).map(|_| self.match_value(key)).collect();
            let value = if values.len() == 1 { json!(values[0]) } else { json!(values) };
            wanted.insert(key.to_string(), value);
        }
        let mut rule = json!({ "match": wanted });
        let mut layers = Map::new();
        for _ in 0..self.below(4) {
            let layer = self.below(LAYERS.len());
            let mut claim = self.half(layer);
            if self.chance(50) {
                claim["split"] = self.split(layer, Some("aws"));
            }
            if self.chance(20) {
                claim["owner"] = json!(self.pick(&["aws", "azure", "acme", "msp", "nobody"]));
            }
            layers.insert(LAYERS[layer].to_string(), claim);
        }
        if !layers.is_empty() {
            rule["layers"] = Value::Object(layers);
        }
        if self.chance(30) {
            rule["owner"] = json!(self.pick(&CUSTOMERS));
        }
        if self.chance(30) {
            rule["criticality"] = json!(self.pick(&CRITICALITIES));
        }
        if self.chance(30) {
            rule["facing"] = json!(self.pick(&FACINGS));
        }
        if let (true, Some((setting, value))) = (self.chance(30), self.setting(None)) {
            rule["settings"] = json!({ setting: value });
        }
        rule
    }

    fn match_value(&mut self, key: &str) -> &'static str {
        match key {
            "service" => {
                let (names, _, _) = SERVICES[self.below(SERVICES.len())];
                self.pick(names)
            }
            "provider" => self.pick(&["aws", "azure", "gcp", "github", "hetzner"]),
            "model" => self.pick(&MODELS).0,
            "owner" => self.pick(&CUSTOMERS),
            "tags" => self.pick(&TAGS),
            _ => self.pick(&["*", "s1*", "s?", "s?[*", "*eu*", "*/*", "s*[\"k\"]", "?2*", "*\\*", "none*"]),
        }
    }

    /// About two connections a system, some repeated, some with explicit ids that look like derived ones.
    fn connections(&mut self, systems: &[String]) -> Vec<Value> {
        let mut connections: Vec<Value> = Vec::new();
        let mut ids = BTreeSet::new();
        if systems.len() < 2 {
            return connections;
        }
        for n in 0..systems.len() * 2 {
            let from = self.below(systems.len());
            let to = (from + 1 + self.below(systems.len() - 1)) % systems.len();
            let mut connection = self.connection(&systems[from], &systems[to]);
            if let (true, Some(last)) = (self.chance(15), connections.last()) {
                connection = last.clone();
                connection.as_object_mut().expect("a map").remove("id");
                if self.chance(60) {
                    connection["note"] = json!("again");
                }
            }
            let [from, kind, to] = ["from", "kind", "to"].map(|k| connection[k].as_str().expect("text"));
            let id = match self.below(20) {
                0..5 => format!("c{n}"),
                5 => format!("{from}>{kind}>{to}"),
                6 => format!("{from}>{kind}>{to}#2"),
                _ => String::new(),
            };
            if !id.is_empty() && id.len() <= 512 && ids.insert(id.clone()) {
                connection["id"] = json!(id);
            }
            connections.push(connection);
        }
        connections
    }

    fn connection(&mut self, from: &str, to: &str) -> Value {
        let kind = self.pick(&KINDS);
        let mut connection = json!({ "from": from, "to": to, "kind": kind });
        if self.chance(50) {
            let controls: Vec<Value> = (0..=self.below(4)).map(|_| self.connection_control()).collect();
            connection["controls"] = json!(controls);
        }
        if self.chance(20) {
            connection["certainty"] = json!(self.pick(&["certain", "possible", "possible"]));
        }
        if kind == "feeds" && self.chance(50) {
            connection["copy"] = json!(self.chance(30));
        }
        connection
    }

    fn connection_control(&mut self) -> Value {
        let mut control = json!({
            "class": self.pick(&CLASSES),
            "strength": self.pick(&["strong", "moderate", "weak"]),
            "status": if self.chance(12) { "not-applicable" } else { self.pick(&STATUSES) },
        });
        if self.chance(5) {
            control["note"] = json!("mTLS");
        }
        control
    }
}

/// Every cell that a layer of a system may have, whichever of the rules that state settings match it.
fn cells(system: &Value, service: Option<&str>, layer: usize, rules: &[Value]) -> BTreeSet<char> {
    let with_settings: Vec<&Value> = rules.iter().map(|r| &r["settings"]).filter(|s| s.is_object()).collect();
    let mut cells = BTreeSet::new();
    for subset in 0..1_usize << with_settings.len() {
        let mut settings = Map::new();
        for (i, said) in with_settings.iter().enumerate() {
            if subset >> i & 1 == 1 {
                settings.extend(said.as_object().expect("a map").clone());
            }
        }
        settings.extend(system["settings"].as_object().cloned().unwrap_or_default());
        cells.insert(cell(system, service, layer, &settings));
    }
    cells
}

/// The cell of a layer under these settings; `u` for unknown and for undetermined.
fn cell(system: &Value, service: Option<&str>, layer: usize, settings: &Map<String, Value>) -> char {
    let at = |row: &str| row.chars().nth(layer).expect("eleven letters");
    let Some(service) = service else {
        let model = system["model"].as_str().unwrap_or("unknown");
        return MODELS.iter().find(|m| m.0 == model).map_or('u', |m| at(m.1));
    };
    let own = SERVICES.iter().find(|s| s.0[0] == service).map_or('u', |s| at(s.2));
    let rules = || WHEN.iter().filter(|w| w.0 == service && w.3 == layer);
    let text = |setting: &str| settings.get(setting).map(|v| v.as_str().map_or(v.to_string(), str::to_string));
    if rules().next().is_some() && rules().all(|w| text(w.1).is_none()) {
        return 'u';
    }
    rules().rfind(|w| text(w.1).as_deref() == Some(w.2)).map_or(own, |w| w.4)
}
