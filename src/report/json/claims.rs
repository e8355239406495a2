//! What a result claims, read back from its JSON for `verify`.

use crate::analysis::Target;
use crate::analysis::fixes::{Candidate, Fix, candidates};
use crate::analysis::verify::{Claim, ClaimedPath};
use crate::catalog::{BasisPoints, End, FixKind, Layer};
use crate::graph::{ExposureGraph, Semiring, State};
use serde_json::Value;

/// The results whose claims can be checked.
pub const CHECKED: &[&str] = &["weaklink/blast/1", "weaklink/exposed/1", "weaklink/why/1", "weaklink/fix/1"];

/// Why a text is no result with claims about a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoClaims {
    /// It is no JSON, or no result.
    NotAResult,
    /// A result of another kind.
    Unchecked(String),
    /// It was made with another policy.
    OtherPolicy,
    /// Something in it is not as the contract has it, or names what the model has not.
    Malformed(String),
}

/// Everything that a result claims, each with what it is about.
///
/// # Errors
/// The text is no such result, or is about another model or policy.
pub fn claims(graph: &ExposureGraph<'_>, text: &str) -> Result<Vec<(String, Claim)>, NoClaims> {
    let result: Value = serde_json::from_str(text).map_err(|_| NoClaims::NotAResult)?;
    let schema = result["schema"].as_str().filter(|schema| schema.starts_with("weaklink/")).ok_or(NoClaims::NotAResult)?;
    if !CHECKED.contains(&schema) {
        return Err(NoClaims::Unchecked(schema.to_owned()));
    }
    let profiles: Vec<&str> = graph.policy.profiles.iter().map(|profile| profile.id()).collect();
    if result["policy"]["hash"] != graph.policy.hash.as_str() || result["policy"]["profiles"] != serde_json::json!(profiles) {
        return Err(NoClaims::OtherPolicy);
    }
    let reader = Reader { graph };
    match schema {
        "weaklink/blast/1" => reader.radius(&result, true),
        "weaklink/exposed/1" => reader.radius(&result, false),
        "weaklink/why/1" => reader.why(&result),
        _ => reader.fixes(&result),
    }
}

struct Reader<'g> {
    graph: &'g ExposureGraph<'g>,
}

fn malformed(what: &str) -> NoClaims {
    NoClaims::Malformed(what.to_owned())
}

fn list<'v>(value: &'v Value, what: &str) -> Result<&'v [Value], NoClaims> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| malformed(what))
}

fn number(value: &Value, what: &str) -> Result<u64, NoClaims> {
    value.as_u64().ok_or_else(|| malformed(what))
}

fn basis_points(value: &Value, what: &str) -> Result<BasisPoints, NoClaims> {
    let value = number(value, what)?;
    u16::try_from(value).ok().filter(|value| *value <= 10_000).map(BasisPoints).ok_or_else(|| malformed(what))
}

impl Reader<'_> {
    fn state(&self, step: &Value) -> Result<State, NoClaims> {
        let (system, layer) = (step["system"].as_str().unwrap_or_default(), step["layer"].as_str().unwrap_or_default());
        let found = self.graph.estate.find_system(system).zip(Layer::from_id(layer)).map(|(system_ix, layer)| State::new(system_ix, layer));
        found
            .filter(|state| self.graph.contains(*state))
            .ok_or_else(|| malformed(&format!("the layer {system}:{layer}, which the model does not have")))
    }

    fn path(&self, steps: &Value) -> Result<ClaimedPath, NoClaims> {
        let steps = list(steps, "a path")?;
        let states = steps.iter().map(|step| self.state(step)).collect::<Result<Vec<State>, NoClaims>>()?;
        let via = steps.iter().skip(1).map(|step| step["via"].as_str().filter(|via| *via != "climb").map(str::to_owned)).collect();
        Ok(ClaimedPath { states, via })
    }

    fn target(&self, name: &Value) -> Result<Target, NoClaims> {
        let name = name.as_str().unwrap_or_default();
        Target::named(self.graph, name).map_err(|_| malformed(&format!("the target {name}, which the model does not have")))
    }

    fn semiring(result: &Value) -> Result<Semiring, NoClaims> {
        match result["semiring"].as_str() {
            Some("product") => Ok(Semiring::Product),
            Some("bottleneck") => Ok(Semiring::Bottleneck),
            Some("reach") => Ok(Semiring::Reach { threshold: basis_points(&result["threshold"], "threshold")? }),
            _ => Err(malformed("semiring")),
        }
    }

    fn radius(&self, result: &Value, is_forward: bool) -> Result<Vec<(String, Claim)>, NoClaims> {
        let (target, semiring) = (self.target(&result["target"])?, Self::semiring(result)?);
        let claim = |entry: &Value| {
            let path = self.path(&entry["path"])?;
            let exposure = basis_points(&entry["exposure"]["high"], "exposure")?;
            let own = Target::State(self.state(entry)?);
            let [starts, ends] = if is_forward { [target, own] } else { [own, target] };
            let about = format!("{}:{}", entry["system"].as_str().unwrap_or_default(), entry["layer"].as_str().unwrap_or_default());
            Ok((about, Claim::Witness { path, exposure, starts: Some(starts), ends: Some(ends), semiring }))
        };
        list(&result["states"], "states")?.iter().map(claim).collect()
    }

    fn why(&self, result: &Value) -> Result<Vec<(String, Claim)>, NoClaims> {
        let ends = [Some(self.target(&result["from"])?), Some(self.target(&result["to"])?)];
        let semiring = Self::semiring(result)?;
        let claim = |(ix, entry): (usize, &Value)| {
            let path = self.path(&entry["steps"])?;
            let exposure = basis_points(&entry["exposure"]["high"], "exposure")?;
            Ok((format!("path {}", ix + 1), Claim::Witness { path, exposure, starts: ends[0], ends: ends[1], semiring }))
        };
        list(&result["paths"], "paths")?.iter().enumerate().map(claim).collect()
    }

    fn fix(&self, entry: &Value) -> Result<Candidate, NoClaims> {
        let kind = entry["kind"].as_str().and_then(FixKind::from_id).ok_or_else(|| malformed("the kind of a fix"))?;
        let cost = u32::try_from(number(&entry["cost"], "cost")?).map_err(|_| malformed("cost"))?;
        let connection = || {
            let id = entry["connection"].as_str().unwrap_or_default();
            self.graph.estate.find_connection(id).ok_or_else(|| malformed(&format!("the connection {id}, which the model does not have")))
        };
        let class = || {
            let class = entry["class"].as_str().unwrap_or_default();
            let at =
                self.graph.policy.classes.iter().position(|known| known == class).ok_or_else(|| malformed("the class of a control"))?;
            Ok(at as u16)
        };
        let fix = match kind {
            FixKind::Close => Fix::Close(self.state(entry)?),
            FixKind::Own => Fix::Own(self.state(entry)?),
            FixKind::Control => Fix::Control(connection()?, class()?),
            FixKind::Remove => Fix::Remove(connection()?),
        };
        Ok(Candidate { fix, cost })
    }

    fn fixes(&self, result: &Value) -> Result<Vec<(String, Claim)>, NoClaims> {
        let kinds: Vec<FixKind> = list(&result["kinds"], "kinds")?.iter().filter_map(|kind| FixKind::from_id(kind.as_str()?)).collect();
        let candidates = candidates(self.graph, &kinds);
        let all = |fixes: &Value| list(fixes, "fixes")?.iter().map(|fix| self.fix(fix)).collect::<Result<Vec<Candidate>, NoClaims>>();
        let mut claims = Vec::new();
        let plan = &result["plan"];
        if !plan.is_null() {
            let weighed = |entry: &Value| Ok((self.path(&entry["path"])?, number(&entry["weight"], "weight")? as f64 / 1e9));
            let certificate = list(&plan["certificate"], "certificate")?.iter().map(weighed).collect::<Result<_, NoClaims>>()?;
            claims.push((
                "the plan".to_owned(),
                Claim::Plan {
                    end: plan["end"].as_str().and_then(End::from_id).ok_or_else(|| malformed("end"))?,
                    budget: number(&plan["budget"], "budget")?,
                    fixes: all(&plan["fixes"])?,
                    base: number(&plan["base"], "base")?,
                    residual: number(&plan["residual"], "residual")?,
                    bound: number(&plan["bound"], "bound")?,
                    candidates: candidates.clone(),
                    certificate,
                },
            ));
        }
        let protection = &result["protection"];
        if !protection.is_null() && protection["protected"] == true {
            let path = |entry: &Value| Ok((self.path(&entry["path"])?, number(&entry["cost"], "cost")?));
            let paths = list(&protection["paths"], "paths")?.iter().map(path).collect::<Result<_, NoClaims>>()?;
            claims.push((
                "the cut".to_owned(),
                Claim::Cut {
                    target: self.target(&protection["target"])?,
                    threshold: basis_points(&protection["threshold"], "threshold")?,
                    fixes: all(&protection["fixes"])?,
                    cost: number(&protection["cost"], "cost")?,
                    bound: number(&protection["bound"], "bound")?,
                    candidates,
                    paths,
                },
            ));
        }
        Ok(claims)
    }
}
