//! Factors of a user: enrolled, activated, listed. Their secrets are never made; what is answered is what Okta shows of them.

use super::{Quirk, user};
use crate::member;
use crate::syslog::Target;
use crate::{Call, Context, Error, Reply, links};
use org::{Key, Object};
use serde_json::{Map, Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("listFactors", list),
        ("enrollFactor", enroll),
        ("getFactor", get),
        ("activateFactor", activate),
        ("unenrollFactor", unenroll),
        ("listSupportedFactors", supported),
        ("listSupportedSecurityQuestions", questions),
    ],
    ..Quirk::NONE
};

fn factors(ctx: &Context<'_>, user: &Key) -> Vec<Value> {
    ctx.hidden(user, FACTORS)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = user::find(ctx, call)?;
    let all = factors(ctx, user.key());
    Ok(Reply::ok(Value::Array(
        all.iter().map(|factor| view(ctx, &user, factor)).collect(),
    )))
}

fn id(factor: &Value) -> &str {
    factor.get("id").and_then(Value::as_str).unwrap_or_default()
}

fn one(ctx: &Context<'_>, call: &Call, user: &Object) -> Result<Value, Error> {
    let found = factors(ctx, user.key())
        .into_iter()
        .find(|factor| id(factor) == call.param(1));
    found.ok_or_else(|| Error::not_found(call.param(1), "UserFactor"))
}

fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = user::find(ctx, call)?;
    let factor = one(ctx, call, &user)?;
    Ok(Reply::ok(view(ctx, &user, &factor)))
}

fn enroll(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = user::find(ctx, call)?;
    let text = |name: &str| call.text(name).unwrap_or_default();
    let (kind, provider) = (text("factorType"), text("provider"));
    if kind.is_empty() || provider.is_empty() {
        return Err(Error::blank(if kind.is_empty() {
            "factorType"
        } else {
            "provider"
        }));
    }
    let mut profile = call
        .member("profile")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    profile.shift_remove("answer");
    if let Some(question) = profile.get("question").and_then(Value::as_str) {
        let text = QUESTIONS
            .iter()
            .find(|(name, _)| *name == question)
            .map_or(question, |(_, text)| *text)
            .to_owned();
        profile.insert("questionText".to_owned(), json!(text));
    }
    let active = matches!(kind, "question" | "token:hardware") || call.flag("activate", false);
    let now = ctx.stamp();
    let prefix = if kind == "question" { "ufs" } else { "mbl" };
    let factor = json!({
        "id": ctx.new_id(prefix), "factorType": kind, "provider": provider, "vendorName": provider,
        "status": if active { "ACTIVE" } else { "PENDING_ACTIVATION" }, "created": now, "lastUpdated": now, "profile": profile,
    });
    let mut all = factors(ctx, user.key());
    all.push(factor.clone());
    ctx.hide(user.key(), FACTORS, Value::Array(all));
    ctx.log("user.mfa.factor.activate", vec![Target::of(&user)]);
    Ok(Reply::ok(view(ctx, &user, &factor)))
}

fn activate(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = user::find(ctx, call)?;
    one(ctx, call, &user)?;
    let now = ctx.stamp();
    let mut all = factors(ctx, user.key());
    for factor in all.iter_mut().filter(|factor| id(factor) == call.param(1)) {
        member::set(factor, "status", json!("ACTIVE"));
        member::set(factor, "lastUpdated", json!(now));
    }
    ctx.hide(user.key(), FACTORS, Value::Array(all));
    let factor = one(ctx, call, &user)?;
    Ok(Reply::ok(view(ctx, &user, &factor)))
}

fn unenroll(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = user::find(ctx, call)?;
    one(ctx, call, &user)?;
    let mut all = factors(ctx, user.key());
    all.retain(|factor| id(factor) != call.param(1));
    ctx.hide(user.key(), FACTORS, Value::Array(all));
    ctx.log("user.mfa.factor.deactivate", vec![Target::of(&user)]);
    Ok(Reply::no_content())
}

/// Unenrolls everything.
pub(crate) fn forget_all(ctx: &mut Context<'_>, user: &Key) {
    ctx.hide(user, FACTORS, json!([]));
}

fn view(ctx: &Context<'_>, user: &Object, factor: &Value) -> Value {
    let owner = links::item_path(user.key());
    let item = format!("{owner}/factors/{}", id(factor));
    let kind = factor
        .get("factorType")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let pending = factor.get("status").and_then(Value::as_str) == Some("PENDING_ACTIVATION");
    let mut all = Map::new();
    if pending {
        let resend = links::to(ctx, &format!("{item}/resend"), &["POST"]);
        let mut named = json!({"name": kind});
        if let (Some(named), Value::Object(resend)) = (named.as_object_mut(), resend) {
            named.extend(resend);
        }
        all.insert("resend".to_owned(), json!([named]));
        all.insert(
            "activate".to_owned(),
            links::to(ctx, &format!("{item}/lifecycle/activate"), &["POST"]),
        );
    }
    match kind {
        "question" => drop(all.insert(
            "questions".to_owned(),
            links::to(ctx, &format!("{owner}/factors/questions"), &["GET"]),
        )),
        _ if !pending => drop(all.insert(
            "verify".to_owned(),
            links::to(ctx, &format!("{item}/verify"), &["POST"]),
        )),
        _ => {}
    }
    let allow: &[&str] = if pending {
        &["GET"]
    } else {
        &["GET", "DELETE"]
    };
    all.insert("self".to_owned(), links::to(ctx, &item, allow));
    all.insert("user".to_owned(), links::to(ctx, &owner, &["GET"]));
    let mut body = factor.clone();
    member::set(&mut body, "_links", Value::Object(all));

    body
}

fn supported(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let user = user::find(ctx, call)?;
    let enroll = links::to(
        ctx,
        &format!("{}/factors", links::item_path(user.key())),
        &["POST"],
    );
    let enrolled = factors(ctx, user.key());
    let items = SUPPORTED.iter().map(|(kind, provider)| {
        let found = enrolled.iter().find(|f| f.get("factorType").and_then(Value::as_str) == Some(kind));
        let status = found.and_then(|f| f.get("status")).and_then(Value::as_str).unwrap_or("NOT_SETUP");
        json!({"factorType": kind, "provider": provider, "vendorName": provider, "_links": {"enroll": enroll}, "status": status})
    });
    Ok(Reply::ok(Value::Array(items.collect())))
}

fn questions(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    user::find(ctx, call)?;
    let items = QUESTIONS
        .iter()
        .map(|(name, text)| json!({"question": name, "questionText": text}));
    Ok(Reply::ok(Value::Array(items.collect())))
}

/// Name of the factors beside a user.
const FACTORS: &str = "factors";
/// Factors a user may enroll: type and provider.
const SUPPORTED: &[(&str, &str)] = &[
    ("sms", "OKTA"),
    ("question", "OKTA"),
    ("token:software:totp", "GOOGLE"),
];
/// Security questions: name and text.
const QUESTIONS: &[(&str, &str)] = &[
    (
        "disliked_food",
        "What is the food you least liked as a child?",
    ),
    (
        "first_award",
        "What did you earn your first medal or award for?",
    ),
    (
        "favorite_security_question",
        "What is your favorite security question?",
    ),
    (
        "first_computer_game",
        "What was the first computer game you played?",
    ),
    ("favorite_art_piece", "What is your favorite piece of art?"),
    (
        "first_thing_cooked",
        "What was the first thing you learned to cook?",
    ),
    ("childhood_dream_job", "What was your dream job as a child?"),
];
