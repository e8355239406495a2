//! A slow, obvious reading of the specification (§ is one of its sections): no heaps, no indexes, small functions named as in the text.
//!
//! Works straight from JSON values and shares no code with the product; models are valid (§10).

use jiff::civil::Date;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// An interval inside `[0, 1]` (§3); its low end is number 0, its high end number 1.
pub(crate) type Interval = [f64; 2];

/// The numbers of the two ends.
const ENDS: [usize; 2] = [0, 1];

/// A control's interval, and `stale` or (for the provider's default) `default`, else empty.
/// Of two reasons the greater word is the one that names the gap.
type Control = (Interval, &'static str);

/// A state: one layer that exists on one system (§4).
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) system: usize,
    pub(crate) layer: usize,
    pub(crate) cell: String,
    pub(crate) owner: Option<String>,
    pub(crate) verdict: &'static str,
    pub(crate) control: Interval,
    pub(crate) coverage: Interval,
    pub(crate) severity: Interval,
    pub(crate) gap: Option<&'static str>,
}

/// An arc between two states (their places in `states`), with both ends of its factor (§4).
#[derive(Clone, Debug)]
pub(crate) struct Arc {
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) factor: Interval,
    /// Empty for a climb.
    pub(crate) connection: String,
    /// Counted from 0 through the climb table, then through the cross table.
    pub(crate) rule: usize,
}

/// The reference: systems in ascending id, states by system and layer, arcs.
pub(crate) struct Reference<'a> {
    policy: &'a Value,
    services: &'a Value,
    controls: &'a Value,
    parties: &'a [Value],
    as_of: Date,
    pub(crate) layers: Vec<String>,
    /// The model's, in ascending id, with what the rules say.
    pub(crate) systems: Vec<Value>,
    pub(crate) criticality: Vec<Interval>,
    /// By system, then layer.
    pub(crate) states: Vec<State>,
    pub(crate) arcs: Vec<Arc>,
}

impl<'a> Reference<'a> {
    /// Applies rules, resolves cells, verdicts, coverage, gaps, connection ids and arcs.
    pub(crate) fn new(model: &'a Value, policy: &'a Value, services: &'a Value, controls: &'a Value, as_of: &str) -> Self {
        let names = |values| list(values).iter().map(|v| text(v).to_string());
        let mut it = Reference {
            policy,
            services,
            controls,
            parties: list(&model["parties"]),
            as_of: as_of.parse().expect("a date"),
            layers: names(&policy["layers"]).collect(),
            systems: Vec::new(),
            criticality: Vec::new(),
            states: Vec::new(),
            arcs: Vec::new(),
        };
        let complete = |s| it.with_rules(s, list(&model["rules"]));
        it.systems = list(&model["systems"]).iter().map(complete).collect();
        it.systems.sort_by_key(|s| text(&s["id"]).to_string());
        let criticality = |s: &Value| scale(&policy["criticality"], &s["criticality"]);
        it.criticality = it.systems.iter().map(criticality).collect();
        for s in 0..it.systems.len() {
            for layer in 0..it.layers.len() {
                if it.exists(&it.systems[s], &it.layers[layer]) {
                    let state = it.assess(s, layer);
                    it.states.push(state);
                }
            }
        }
        it.arcs = it.compile(list(&model["connections"]));
        it
    }

    /// A system's id.
    pub(crate) fn id(&self, system: usize) -> &str {
        text(&self.systems[system]["id"])
    }

    /// The catalogue's entry for a service or one of its aliases (§1).
    fn catalogued(&self, name: &Value) -> Option<&'a Value> {
        list(&self.services["services"]).iter().find(|s| &s["id"] == name || list(&s["aliases"]).contains(name))
    }

    /// The service's model, else the stated one, else `unknown` (§2).
    fn model_of<'s>(&'s self, system: &'s Value) -> &'s str {
        let named = self.catalogued(&system["service"]).unwrap_or(system);
        named["model"].as_str().unwrap_or("unknown")
    }

    /// "The system's provider is `provider`, else its service's" (§2).
    fn provider_of<'s>(&'s self, system: &'s Value) -> Option<&'s str> {
        let of_service = self.catalogued(&system["service"]);
        let of_service = of_service.map(|s| text(&s["provider"]));
        system["provider"].as_str().or(of_service)
    }

    /// The matrix's cell; `undetermined` where a `when` rule lacks its setting (§1).
    fn cell(&self, system: &Value, layer: &str) -> String {
        let of_model = text(&self.services["defaults"][self.model_of(system)][layer]);
        let Some(service) = self.catalogued(&system["service"]) else {
            return of_model.to_string();
        };
        let own = service["cells"][layer].as_str().unwrap_or(of_model);
        let of_layer = |w: &&Value| w["layer"] == layer;
        let rules = || list(&service["when"]).iter().filter(of_layer);
        let stated = |w: &Value| setting(system, text(&w["setting"]));
        if rules().count() > 0 && rules().all(|w| stated(w).is_none()) {
            return "undetermined".to_string();
        }
        let winner = rules().rfind(|w| stated(w).as_deref() == w["equals"].as_str());
        winner.map_or(own, |w| text(&w["cell"])).to_string()
    }

    /// All but what the matrix (on an unknown cell: the author) calls not-applicable (§2, §10).
    fn exists(&self, system: &Value, layer: &str) -> bool {
        let cell = self.cell(system, layer);
        let stated = &system["layers"][layer]["status"];
        cell != "not-applicable" && (stated != "not-applicable" || !is_open(&cell))
    }

    /// The system with everything that rules say and it does not state itself (§2).
    fn with_rules(&self, system: &Value, rules: &[Value]) -> Value {
        let holds = |rule: &&Value| self.matches(system, &rule["match"]);
        let matching: Vec<&Value> = rules.iter().filter(holds).collect();
        let mut said = json!({});
        for rule in &matching {
            let plain = map(rule).into_iter();
            let plain = plain.filter(|(key, _)| key != "match" && key != "layers");
            said = merge(&said, &Value::Object(plain.collect()));
        }
        let with_settings = merge(&said, system);
        for rule in &matching {
            for (layer, claim) in map(&rule["layers"]) {
                let claim = self.applicable(&with_settings, &layer, &claim);
                said = merge(&said, &json!({ "layers": { layer: claim } }));
            }
        }
        merge(&said, system)
    }

    /// "Parts of a rule that cannot apply to a system … are skipped" (§2).
    fn applicable(&self, system: &Value, layer: &str, claim: &Value) -> Value {
        let cell = self.cell(system, layer);
        let mut claim = map(claim);
        claim.retain(|key, value| match key.as_str() {
            _ if cell == "not-applicable" => false,
            "split" => cell == "shared" || is_open(&cell),
            "status" => is_open(&cell) || value != "not-applicable",
            _ => true,
        });
        Value::Object(claim)
    }

    /// "All keys of a `match` must hold, a list holds if one value does" (§2).
    fn matches(&self, system: &Value, wanted: &Value) -> bool {
        let service = |name: &Value| self.catalogued(name).map(|s| &s["id"]);
        let one = |key: &str, want: &Value| match key {
            "service" => service(want).is_some() && service(want) == service(&system["service"]),
            "provider" => self.provider_of(system) == want.as_str(),
            "model" => self.model_of(system) == text(want),
            "owner" => &system["owner"] == want,
            "tags" => list(&system["tags"]).contains(want),
            _ => glob(text(want).as_bytes(), text(&system["id"]).as_bytes()),
        };
        map(wanted).iter().all(|(key, want)| match want {
            Value::Array(values) => values.iter().any(|v| one(key, v)),
            value => one(key, value),
        })
    }

    /// "Evidence older than the policy's `evidence_max_age_days` on the analysis date".
    fn is_stale(&self, evidence: &Value) -> bool {
        evidence["as_of"].as_str().is_some_and(|date| {
            let date: Date = date.parse().expect("a date");
            let age = date.until(self.as_of).expect("a span").get_days();
            i64::from(age) > self.policy["evidence_max_age_days"].as_i64().expect("days")
        })
    }

    /// "Side: `provider` is the provider's side; the other three are the customer's" (§1).
    /// The only party that need not be declared is a system's provider.
    fn is_provider(&self, party: &str) -> bool {
        let declared = self.parties.iter().find(|p| p["id"] == party);
        declared.is_none_or(|p| p["kind"] == "provider")
    }

    /// `[1, 1]` if the provider is `attested` and not stale, else `provider_unattested`.
    fn attestation(&self, provider: Option<&str>) -> Control {
        let party = self.parties.iter().find(|p| p["id"].as_str() == provider);
        let attested = party.map(|p| &p["attested"]);
        match attested.filter(|a| a.is_object()) {
            Some(attested) if !self.is_stale(attested) => ([1.0, 1.0], ""),
            Some(_) => (pair(&self.policy["provider_unattested"]), "stale"),
            None => (pair(&self.policy["provider_unattested"]), "default"),
        }
    }

    /// The interval of a status, made unknown by old evidence.
    fn status(&self, status: &str, old: bool) -> Control {
        let stale = old && ["implemented", "alternative", "partial"].contains(&status);
        let (word, why) = if stale { ("unknown", "stale") } else { (status, "") };
        (pair(&self.policy["status"][word]), why)
    }

    /// Control of a layer or of a half (§3); `provider` is `Some` on a provider's layer.
    fn control(&self, layer: &str, claim: &Value, provider: Option<Option<&str>>) -> Control {
        let old = self.is_stale(&claim["evidence"]);
        let unlisted = match (claim["status"].as_str(), provider) {
            (Some(status), _) => self.status(status, old),
            (None, Some(provider)) => self.attestation(provider),
            (None, None) => self.status("unknown", old),
        };
        let listed = map(&claim["controls"]);
        let mut counted = Vec::new();
        let of_layer = |c: &&Value| c["layer"] == layer;
        for control in list(&self.controls["controls"]).iter().filter(of_layer) {
            let baseline = control["baseline"] == true;
            let prevents = control["role"] == "prevent";
            match listed.get(text(&control["id"])).map(text) {
                Some("not-applicable") => {}
                Some(status) if baseline || prevents => counted.push(self.status(status, old)),
                None if baseline => counted.push(unlisted),
                _ => {}
            }
        }
        counted.into_iter().reduce(weaker).unwrap_or(unlisted)
    }

    /// A half of a split, filled from the layer, its owner from the system (§3).
    fn half(&self, system: &Value, claim: &Value, side: &str) -> Value {
        let owner = match side {
            "customer" => system["owner"].clone(),
            _ => json!(self.provider_of(system)),
        };
        let mut half = map(claim);
        half.retain(|key, _| ["status", "controls", "evidence"].contains(&key.as_str()));
        half.insert("owner".to_string(), owner);
        half.extend(map(&claim["split"][side]));
        Value::Object(half)
    }

    /// The declared owner D: the layer's, else on a customer's layer the system's.
    fn declared<'s>(&self, system: &'s Value, claim: &'s Value, cell: &str) -> Option<&'s str> {
        let of_system = system["owner"].as_str().filter(|_| cell == "customer");
        claim["owner"].as_str().or(of_system)
    }

    /// `nobody`, as owner or as owner of a half.
    fn is_nobodys(&self, claim: &Value) -> bool {
        claim["owner"] == "nobody" || claim["split"]["customer"]["owner"] == "nobody" || claim["split"]["provider"]["owner"] == "nobody"
    }

    /// "`split` with both halves, each owned by its own side".
    fn is_split(&self, system: &Value, claim: &Value) -> bool {
        let own = |side, fits: &dyn Fn(&str) -> bool| {
            let half = self.half(system, claim, side);
            claim["split"][side].is_object() && half["owner"].as_str().is_some_and(fits)
        };
        let provider = self.provider_of(system);
        let fits = |o: &str| self.is_provider(o) && provider.is_none_or(|p| p == o);
        own("customer", &|o| !self.is_provider(o)) && own("provider", &fits)
    }

    /// The table of §3, "Accountability of a layer".
    fn verdict(&self, system: &Value, claim: &Value, cell: &str) -> &'static str {
        let nobody = self.is_nobodys(claim);
        let owner = self.declared(system, claim, cell);
        let own_provider = self.provider_of(system);
        match (cell, owner) {
            ("provider", _) if nobody => "contradicted",
            _ if nobody => "unowned",
            ("customer", None) => "unclaimed",
            ("customer", Some(d)) if self.is_provider(d) => "contradicted",
            ("customer", Some(_)) => "clear",
            ("provider", Some(d)) if own_provider == Some(d) => "clear",
            ("provider", Some(d)) if !self.is_provider(d) => "double",
            ("provider", Some(_)) if own_provider.is_some() => "contradicted",
            ("provider", _) => "clear",
            _ if self.is_split(system, claim) => "clear",
            ("shared", _) => "unsplit",
            (_, Some(_)) => "clear",
            (_, None) => "unclaimed",
        }
    }

    /// Control of a state (§3): the minimum of a good split's halves, else the layer's own.
    fn control_of(&self, system: &Value, layer: &str, claim: &Value, cell: &str) -> Control {
        let open = cell == "shared" || is_open(cell);
        if open && !self.is_nobodys(claim) && self.is_split(system, claim) {
            let [customer, provider] = ["customer", "provider"].map(|side| self.half(system, claim, side));
            let attesting = Some(provider["owner"].as_str());
            let customers = self.control(layer, &customer, None);
            return weaker(customers, self.control(layer, &provider, attesting));
        }
        let named = |d: &&str| is_open(cell) && *d != "nobody" && self.is_provider(d);
        let providers = match cell {
            "provider" => Some(self.provider_of(system)),
            _ => claim["owner"].as_str().filter(named).map(Some),
        };
        self.control(layer, claim, providers)
    }

    /// "The declared owner, else the system's provider or owner as the cell says, both owners of a split" (§5).
    pub(crate) fn accountable(&self, v: usize) -> Vec<String> {
        let state = &self.states[v];
        let system = &self.systems[state.system];
        let claim = &system["layers"][&self.layers[state.layer]];
        let open = state.cell == "shared" || is_open(&state.cell);
        if self.is_nobodys(claim) {
            return Vec::new();
        }
        if open && self.is_split(system, claim) {
            return ["customer", "provider"].map(|side| text(&self.half(system, claim, side)["owner"]).to_string()).to_vec();
        }
        let provider = self.provider_of(system).filter(|_| state.cell == "provider");
        self.declared(system, claim, &state.cell).or(provider).map(str::to_string).into_iter().collect()
    }

    /// "Every layer that claims it" (§5): by itself or by a half of its split.
    pub(crate) fn claims(&self, v: usize, control: &str) -> bool {
        let state = &self.states[v];
        let claim = &self.systems[state.system]["layers"][&self.layers[state.layer]];
        [claim, &claim["split"]["customer"], &claim["split"]["provider"]].iter().any(|part| {
            let status = &part["controls"][control];
            !status.is_null() && status != "not-applicable"
        })
    }

    /// Coverage, severity and gap kind of one state (§3).
    fn assess(&self, s: usize, layer: usize) -> State {
        let system = &self.systems[s];
        let claim = &system["layers"][&self.layers[layer]];
        let cell = self.cell(system, &self.layers[layer]);
        let verdict = self.verdict(system, claim, &cell);
        let control = self.control_of(system, &self.layers[layer], claim, &cell);
        let accountability = pair(&self.policy["accountability"][verdict]);
        let coverage = ENDS.map(|e| accountability[e] * control.0[e]);
        let threat = scale(&self.policy["threat"], &system["facing"]);
        let severity = ENDS.map(|e| threat[e] * (1.0 - coverage[1 - e]));
        let gap = (severity[1] > 0.0).then(|| gap_kind(verdict, &cell, control));
        State {
            system: s,
            layer,
            owner: self.declared(system, claim, &cell).map(str::to_string),
            cell,
            verdict,
            control: control.0,
            coverage,
            severity,
            gap,
        }
    }

    /// The state of a layer, if that layer exists on the system.
    fn state(&self, system: usize, layer: &Value) -> Option<usize> {
        self.of(system).find(|&v| self.layers[self.states[v].layer] == text(layer))
    }

    /// The states of a system.
    fn of(&self, system: usize) -> impl Iterator<Item = usize> {
        (0..self.states.len()).filter(move |&v| self.states[v].system == system)
    }

    /// `w = level × max(floor, (resistance × barrier) × detection)` for one end (§4): for the
    /// low end every coverage takes its high end, and the reverse.
    fn factor(&self, rule: &Value, to: usize, barrier: f64, detection: f64, end: usize) -> f64 {
        let level = number(&self.policy["levels"][text(&rule["level"])]);
        let coverage = self.states[to].coverage[1 - end];
        let resistance = match text(&rule["level"]) {
            "certain" => 1.0,
            _ => 1.0 - number(&self.policy["resist"]) * coverage,
        };
        let floor = number(&self.policy["floor"]);
        level * f64::max(floor, (resistance * barrier) * detection)
    }

    /// The ownership boundary of climbs, and what `hosts` hands down (§4, "Arcs").
    fn may_pass(&self, rule: &Value, from: usize, to: usize) -> bool {
        let [out_of, into] = [from, to].map(|v| self.states[v].cell.as_str());
        let inherited = rule["to"] == "os" || rule["to"] == "applications";
        match rule["profile"].as_str() {
            Some("up") => !(out_of == "customer" && into == "provider"),
            Some(_) => into != "provider",
            None => !(rule["kind"] == "hosts" && inherited && into == "customer"),
        }
    }

    /// The arc of a numbered rule between two systems, if its layers exist; a climb is by null.
    fn arc(&self, rule: (usize, &Value), ends: [usize; 2], by: (&str, &Value)) -> Option<Arc> {
        let ((row, rule), [a, b], (id, by)) = (rule, ends, by);
        let (from, to) = (self.state(a, &rule["from"])?, self.state(b, &rule["to"])?);
        let detection = |e| if a == b { 1.0 } else { self.detection(a, e) };
        let w = |e| self.factor(rule, to, self.barrier(by, e), detection(e), e);
        let possible = by["certainty"] == "possible";
        let factor = [if possible { 0.0 } else { w(0) }, w(1)];
        let connection = id.to_string();
        self.may_pass(rule, from, to).then_some(Arc { from, to, factor, connection, rule: row })
    }

    /// All arcs (§4): climbs of the policy's profiles in every system; of every connection the
    /// cross rules forward, reverse (not for `copy: false`), and both ways for `peers`.
    fn compile(&self, connections: &[Value]) -> Vec<Arc> {
        let mut arcs = Vec::new();
        let climbs = list(&self.policy["climb"]);
        let systems = 0..self.systems.len();
        for (row, rule) in climbs.iter().enumerate() {
            if list(&self.policy["profiles"]).contains(&rule["profile"]) {
                let climb = |s| self.arc((row, rule), [s, s], ("", &Value::Null));
                arcs.extend(systems.clone().filter_map(climb));
            }
        }
        for (id, connection) in connection_ids(connections) {
            let called = |key| systems.clone().find(|s| connection[key] == self.id(*s));
            let [from, to] = ["from", "to"].map(|key| called(key).expect("a system"));
            for (row, rule) in list(&self.policy["cross"]).iter().enumerate() {
                let ways = match rule["direction"] == "reverse" {
                    _ if rule["kind"] != connection["kind"] => vec![],
                    true if connection["copy"] == false => vec![],
                    true => vec![[to, from]],
                    false if rule["kind"] == "peers" => vec![[from, to], [to, from]],
                    false => vec![[from, to]],
                };
                let cross = |way| self.arc((climbs.len() + row, rule), way, (&id, connection));
                arcs.extend(ways.into_iter().filter_map(cross));
            }
        }
        arcs
    }

    /// Barrier of a connection's controls, by class in ascending name.
    fn barrier(&self, connection: &Value, end: usize) -> f64 {
        let mut classes: BTreeMap<&str, f64> = BTreeMap::new();
        let counts = |c: &&Value| c["status"] != "not-applicable";
        for control in list(&connection["controls"]).iter().filter(counts) {
            let strength = number(&self.policy["strengths"][text(&control["strength"])]);
            let status = pair(&self.policy["status"][text(&control["status"])]);
            let best = classes.entry(text(&control["class"])).or_insert(0.0);
            *best = best.max(strength * status[1 - end]);
        }
        classes.values().fold(1.0, |all, best| all * (1.0 - best))
    }

    /// `1 − detect × coverage(source system, monitoring)`; 1 where that layer does not exist.
    fn detection(&self, system: usize, end: usize) -> f64 {
        let detect = number(&self.policy["detect"]);
        let monitoring = self.state(system, &json!("monitoring"));
        monitoring.map_or(1.0, |m| 1.0 - detect * self.states[m].coverage[1 - end])
    }

    /// Exposure of every state: relax all arcs until nothing changes.
    pub(crate) fn solve(&self, seeds: &[(usize, f64)], high: bool) -> Vec<f64> {
        let mut exposure = vec![0.0_f64; self.states.len()];
        for &(state, severity) in seeds {
            exposure[state] = exposure[state].max(severity);
        }
        let mut changed = true;
        while changed {
            changed = false;
            for arc in &self.arcs {
                let value = exposure[arc.from] * arc.factor[usize::from(high)];
                if value > exposure[arc.to] {
                    exposure[arc.to] = value;
                    changed = true;
                }
            }
        }
        exposure
    }

    /// The same by brute force over all simple paths, for tiny estates: a second opinion.
    pub(crate) fn exposure_by_simple_paths(&self, seeds: &[(usize, f64)], high: bool) -> Vec<f64> {
        let mut best = vec![0.0; self.states.len()];
        for &(state, severity) in seeds {
            let mut on_path = vec![false; self.states.len()];
            self.walk(state, severity, high, &mut on_path, &mut best);
        }
        best
    }

    fn walk(&self, at: usize, value: f64, high: bool, on_path: &mut [bool], best: &mut [f64]) {
        best[at] = best[at].max(value);
        on_path[at] = true;
        for arc in self.arcs.iter().filter(|a| a.from == at) {
            if !on_path[arc.to] {
                let value = value * arc.factor[usize::from(high)];
                self.walk(arc.to, value, high, on_path, best);
            }
        }
        on_path[at] = false;
    }

    /// Exposure, one end, when every state has this severity.
    fn exposure(&self, end: usize, severity: impl Fn(usize) -> f64) -> Vec<f64> {
        let seeds = (0..self.states.len()).map(|v| (v, severity(v)));
        self.solve(&seeds.collect::<Vec<_>>(), end == 1)
    }

    /// The largest value over a system's layers.
    fn of_system(&self, system: usize, values: &[f64]) -> f64 {
        self.of(system).map(|v| values[v]).fold(0.0, f64::max)
    }

    /// `Σ c(t) × value(t)` in ascending system id, one end.
    fn weigh(&self, end: usize, value: impl Fn(usize) -> f64) -> f64 {
        let systems = 0..self.systems.len();
        systems.map(|t| self.criticality[t][end] * value(t)).sum()
    }

    /// The shape of `score` (§12).
    pub(crate) fn score(&self) -> Value {
        let exposure = ENDS.map(|e| self.exposure(e, |v| self.states[v].severity[e]));
        let of = |s: usize, e: usize| self.of_system(s, &exposure[e]);
        let systems = 0..self.systems.len();
        let risk = |s: usize, e: usize| self.criticality[s][e] * of(s, e);
        let largest = ENDS.map(|e| systems.clone().map(|s| risk(s, e)).fold(0.0, f64::max));
        let posture = largest.map(|risk| (10000 - bp(risk)).div_euclid(100));
        let scores = systems.map(|s| self.system_score(s, &exposure));
        json!({
            "posture": { "low": posture[1], "high": posture[0] },
            "risk_points": published(ENDS.map(|e| self.weigh(e, |s| of(s, e)))),
            "systems": scores.collect::<Vec<_>>(),
            "gaps": self.gap_scores(&exposure[1]),
        })
    }

    /// One system: exposure, own, inherited, risk, impact and its layers.
    fn system_score(&self, s: usize, exposure: &[Vec<f64>; 2]) -> Value {
        let of = ENDS.map(|e| self.of_system(s, &exposure[e]));
        let own = |e| self.of(s).map(move |v| self.states[v].severity[e]);
        let others = |v: &State, e: usize| one_if(v.system != s) * v.severity[e];
        let reach = ENDS.map(|e| self.exposure(e, |v| others(&self.states[v], e)));
        let layers = self.of(s).map(|v| {
            let state = &self.states[v];
            json!({
                "layer": self.layers[state.layer], "cell": state.cell, "owner": state.owner,
                "verdict": state.verdict, "control": published(state.control),
                "coverage": published(state.coverage), "severity": published(state.severity),
                "gap": state.gap, "exposure": published(ENDS.map(|e| exposure[e][v])),
            })
        });
        json!({
            "id": self.id(s),
            "criticality": published(self.criticality[s]),
            "exposure": published(of),
            "own": published(ENDS.map(|e| own(e).fold(0.0, f64::max))),
            "inherited": published(ENDS.map(|e| self.of_system(s, &reach[e]))),
            "risk": published(ENDS.map(|e| self.criticality[s][e] * of[e])),
            "impact": published(ENDS.map(|e| self.impact(s, e))),
            "layers": layers.collect::<Vec<_>>(),
        })
    }

    /// `impact` = Σ over other systems t of c(t) × P(system → t).
    fn impact(&self, s: usize, end: usize) -> f64 {
        let reach = self.exposure(end, |v| one_if(self.states[v].system == s));
        self.weigh(end, |t| one_if(t != s) * self.of_system(t, &reach))
    }

    /// All gaps with blast, downstream, marginal and share, on the high end.
    fn gap_scores(&self, exposure: &[f64]) -> Vec<Value> {
        let is_gap = |v: &usize| self.states[*v].gap.is_some();
        let gaps: Vec<usize> = (0..self.states.len()).filter(is_gap).collect();
        let from_gap = |&g: &usize| self.solve(&[(g, self.states[g].severity[1])], true);
        let reach: Vec<Vec<f64>> = gaps.iter().map(from_gap).collect();
        let shares = self.shapley(&reach);
        let mut scores = Vec::new();
        for (i, &g) in gaps.iter().enumerate() {
            let state = &self.states[g];
            let without = self.exposure(1, |v| one_if(v != g) * self.states[v].severity[1]);
            let fall = |t| self.of_system(t, exposure) - self.of_system(t, &without);
            let blast = self.solve(&[(g, 1.0)], true);
            let blasted = |t: usize| bp(self.of_system(t, &blast)) >= self.threshold();
            let hit = |t: usize| t != state.system && blasted(t);
            scores.push(json!({
                "system": self.id(state.system), "layer": self.layers[state.layer],
                "kind": state.gap, "severity": bp(state.severity[1]),
                "blast": {
                    "systems": (0..self.systems.len()).filter(|&t| hit(t)).count(),
                    "criticality": bp(self.weigh(1, |t| one_if(hit(t)))),
                },
                "downstream": bp(self.weigh(1, |t| self.of_system(t, &reach[i]))),
                "marginal": bp(self.weigh(1, fall)),
                "share": bp(shares[i]),
            }));
        }
        scores
    }

    /// Shapley values of the max-game (§6): with x sorted ascending, each step `x(k) − x(k−1)`
    /// is shared by all gaps at or above it.
    fn shapley(&self, reach: &[Vec<f64>]) -> Vec<f64> {
        let mut shares = vec![0.0; reach.len()];
        for t in 0..self.systems.len() {
            let at_t = |g: usize| (self.of_system(t, &reach[g]), g);
            let mut x: Vec<(f64, usize)> = (0..reach.len()).map(at_t).collect();
            x.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
            let (mut below, mut value) = (0.0, 0.0);
            for (k, &(level, gap)) in x.iter().enumerate() {
                value += (level - below) / (x.len() - k) as f64;
                below = level;
                shares[gap] += self.criticality[t][1] * value;
            }
        }
        shares
    }

    fn threshold(&self) -> i64 {
        bp(number(&self.policy["threshold"]))
    }

    /// Blast radius of a system (`id`) or a layer (`id:layer`), at the policy's threshold.
    pub(crate) fn blast(&self, target: &str) -> Value {
        let whole = (0..self.systems.len()).any(|s| self.id(s) == target);
        let named = |v: usize| {
            let id = self.id(self.states[v].system);
            id == target || !whole && self.name(v) == target
        };
        let named: Vec<usize> = (0..self.states.len()).filter(|v| named(*v)).collect();
        let ends = ENDS.map(|e| self.exposure(e, |v| one_if(named.contains(&v))));
        let paths = self.witnesses(&named, &ends[1]);
        let mut states = Vec::new();
        for (v, state) in self.states.iter().enumerate() {
            if bp(ends[1][v]) >= self.threshold() {
                let path: Vec<String> = paths[v].iter().map(|u| self.name(*u)).collect();
                states.push(json!({
                    "system": self.id(state.system), "layer": self.layers[state.layer],
                    "exposure": published(ENDS.map(|e| ends[e][v])),
                    "hops": path.len() - 1, "path": path,
                }));
            }
        }
        json!({ "target": target, "threshold": self.threshold(), "states": states })
    }

    /// The name of a state in a path or as a target.
    fn name(&self, v: usize) -> String {
        let state = &self.states[v];
        format!("{}:{}", self.id(state.system), self.layers[state.layer])
    }

    /// Witness paths by ascending hops: "An arc u → v is tight if E(u) × w equals E(v)"; the parent
    /// is the smallest by state (system id, layer), connection id and rule number (§9).
    fn witnesses(&self, failed: &[usize], exposure: &[f64]) -> Vec<Vec<usize>> {
        let mut paths = vec![Vec::new(); self.states.len()];
        for &v in failed {
            paths[v] = vec![v];
        }
        for hops in 1..self.states.len() {
            for v in 0..self.states.len() {
                let tight = |a: &&Arc| exposure[a.from] * a.factor[1] == exposure[v];
                let fewer = |a: &&Arc| a.to == v && paths[a.from].len() == hops;
                let parents = self.arcs.iter().filter(fewer).filter(tight);
                let parent = parents.min_by_key(|a| (a.from, &a.connection, a.rule));
                if let (true, Some(arc)) = (paths[v].is_empty() && exposure[v] > 0.0, parent) {
                    paths[v] = [paths[arc.from].as_slice(), &[v]].concat();
                }
            }
        }
        paths
    }
}

/// Ids of connections (§2): the explicit one, else `from>kind>to` with a running number for
/// repeats, in the order of their canonical JSON; a number taken by an explicit id is skipped, and
/// so is one whose text is another connection's unnumbered id.
pub(crate) fn connection_ids(connections: &[Value]) -> BTreeMap<String, &Value> {
    let mut ids = BTreeMap::new();
    let (explicit, mut derived): (Vec<&Value>, Vec<&Value>) = connections.iter().partition(|c| c["id"].is_string());
    for connection in explicit {
        ids.insert(text(&connection["id"]).to_string(), connection);
    }
    derived.sort_by_key(std::string::ToString::to_string);
    let stem = |connection: &Value| ["from", "kind", "to"].map(|key| text(&connection[key])).join(">");
    let stems: Vec<String> = derived.iter().map(|connection| stem(connection)).collect();
    for connection in derived {
        let stem = stem(connection);
        let numbered = (2..).map(|n| format!("{stem}#{n}")).filter(|id| !stems.contains(id));
        let mut free = std::iter::once(stem.clone()).chain(numbered);
        let id = free.find(|id| !ids.contains_key(id)).expect("an id");
        ids.insert(id, connection);
    }
    ids
}

/// The first gap kind that applies (§3).
fn gap_kind(verdict: &'static str, cell: &str, (control, why): Control) -> &'static str {
    match verdict {
        "unowned" | "contradicted" | "unsplit" | "double" => verdict,
        _ if cell == "undetermined" => "undetermined",
        "unclaimed" => "unclaimed",
        _ if control[1] == 0.0 => "missing",
        _ if why == "stale" => "stale",
        _ if control[1] < 1.0 => "partial",
        _ if why == "default" => "unattested",
        _ => "unknown",
    }
}

/// An unknown cell, or an undetermined one, which "is treated as unknown" (§1).
fn is_open(cell: &str) -> bool {
    cell == "unknown" || cell == "undetermined"
}

/// The minimum of two controls, end by end; what made either unknown is kept.
fn weaker(a: Control, b: Control) -> Control {
    (ENDS.map(|e| a.0[e].min(b.0[e])), a.1.max(b.1))
}

/// `bp(x) = floor(x × 10000 + 0.5)` (§9).
pub(crate) fn bp(x: f64) -> i64 {
    (x * 10000.0 + 0.5).floor() as i64
}

fn one_if(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

/// An interval in basis points (§12).
fn published(x: Interval) -> Value {
    json!({ "low": bp(x[0]), "high": bp(x[1]) })
}

/// A word's value on a scale of the policy; not stated is the hull of all of them (§3, §6).
fn scale(values: &Value, word: &Value) -> Interval {
    let counts = |name: &str| word.is_null() || word == name;
    let all: Vec<f64> = map(values).iter().filter(|v| counts(v.0)).map(|v| number(v.1)).collect();
    let low = all.iter().copied().fold(f64::INFINITY, f64::min);
    [low, all.iter().copied().fold(0.0, f64::max)]
}

/// "Maps merge key by key; scalars, lists and `evidence` are replaced whole" (§2).
fn merge(under: &Value, over: &Value) -> Value {
    let (Value::Object(a), Value::Object(b)) = (under, over) else {
        return over.clone();
    };
    let mut merged = a.clone();
    for (key, value) in b {
        let old = merged.get(key).filter(|_| key != "evidence");
        let value = old.map_or(value.clone(), |old| merge(old, value));
        merged.insert(key.clone(), value);
    }
    Value::Object(merged)
}

/// "Settings compare as text (YAML true is `true`)" (§1).
fn setting(system: &Value, name: &str) -> Option<String> {
    let value = &system["settings"][name];
    let text = value.as_str().map_or(value.to_string(), str::to_string);
    (!value.is_null()).then_some(text)
}

/// "In `id` only `*` and `?` are special" (§2).
fn glob(pattern: &[u8], word: &[u8]) -> bool {
    match pattern {
        [] => word.is_empty(),
        [b'*', rest @ ..] => (0..=word.len()).any(|n| glob(rest, &word[n..])),
        [b'?', rest @ ..] => !word.is_empty() && glob(rest, &word[1..]),
        [c, rest @ ..] => word.first() == Some(c) && glob(rest, &word[1..]),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

fn number(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}

fn pair(value: &Value) -> Interval {
    ENDS.map(|e| number(&value[e]))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
