//! What would happen: the policies and rules an app falls under. Conditions are not weighed; every active one is shown.

use super::type_of;
use crate::{Call, Context, Error, Reply, member};
use org::Object;
use serde_json::{Value, json};

/// Which policies and rules would apply to an app: those of each type asked for, by priority.
pub(super) fn simulate(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let asked = call.object()?;
    let app = asked
        .get("appInstance")
        .and_then(Value::as_str)
        .ok_or_else(|| Error::blank("appInstance"))?;
    if ctx.named("app", &[app]).is_none() {
        return Err(Error::not_found(app, "AppInstance"));
    }
    let types = asked
        .get("policyTypes")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let mut result = Vec::new();
    for wanted in types.iter().filter_map(Value::as_str) {
        let mut policies = ctx.all("policy");
        policies.retain(|p| type_of(p.body()) == wanted && p.text_at("status") == Some("ACTIVE"));
        policies.sort_by_key(|policy| policy.body().get("priority").and_then(Value::as_i64));
        let described = policies.iter().map(|policy| {
            let mut rules = ctx.children("policy-rule", &policy.key().id());
            rules.sort_by_key(|rule| rule.body().get("priority").and_then(Value::as_i64));
            let rules = rules.iter().map(|rule| verdict(rule)).collect::<Vec<_>>();
            let mut described = verdict(policy);
            member::set(&mut described, "rules", Value::Array(rules));
            described
        });
        result.push(json!({"policyType": wanted, "result": {"policies": described.collect::<Vec<_>>()}, "status": "MATCH",
            "undefined": {"policies": []}, "evaluated": {"policies": []}}));
    }
    Ok(Reply::ok(json!({"evaluation": result})))
}

fn verdict(object: &Object) -> Value {
    json!({"id": object.key().id(), "name": object.text_at("name"), "status": "MATCH", "conditions": []})
}
