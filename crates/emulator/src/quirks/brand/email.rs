//! E-mail templates of a brand and their customizations: one default language, previews, who receives.

use super::super::{Change, Quirk};
use super::owner;
use crate::member;
use crate::world::kind;
use crate::{Call, Content, Context, Error, Reply, generic, links, locate};
use http::StatusCode;
use org::{Key, Object};
use serde_json::{Map, Value, json};

/// Templates.
pub(crate) const TEMPLATES: Quirk = Quirk {
    operations: &[
        ("listEmailTemplates", list),
        ("getEmailTemplate", get),
        ("getEmailDefaultContent", default_content),
        ("getEmailDefaultPreview", default_preview),
        ("getEmailSettings", settings),
        ("replaceEmailSettings", replace_settings),
        ("sendTestEmail", send_test),
    ],
    view: Some(view_template),
    ..Quirk::NONE
};

/// Their customizations.
pub(crate) const CUSTOMIZATIONS: Quirk = Quirk {
    operations: &[
        ("deleteAllCustomizations", delete_all),
        ("getCustomizationPreview", preview),
    ],
    check: Some(check),
    shape: Some(shape),
    written: Some(written),
    removing: Some(removing),
    view: Some(view_customization),
    ..Quirk::NONE
};

fn template(ctx: &Context<'_>, call: &Call) -> Result<Key, Error> {
    let key = locate::item(ctx, kind("email-template")?, &call.params)?;
    match ctx.get(&key) {
        Some(_) => Ok(key),
        None => Err(Error::not_found(call.param(1), "EmailTemplate")),
    }
}

fn view_template(ctx: &Context<'_>, template: &Object, body: &mut Value) {
    let customizations = ctx
        .children("email-customization", template.key().path())
        .len();
    let settings = recipients(ctx, template.key());
    member::set(
        body,
        "_embedded",
        json!({"settings": {"recipients": settings}, "customizationCount": customizations}),
    );
}

fn recipients(ctx: &Context<'_>, template: &Key) -> Value {
    ctx.hidden(template, RECIPIENTS)
        .cloned()
        .unwrap_or_else(|| json!("ALL_USERS"))
}

fn settings_body(ctx: &Context<'_>, template: &Key) -> Value {
    let path = links::item_path(template);
    json!({"recipients": recipients(ctx, template), "_links": {
        "template": links::to(ctx, &path, &["GET"]), "self": links::to(ctx, &format!("{path}/settings"), &["GET", "PUT"])}})
}

fn settings(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let template = template(ctx, call)?;
    Ok(Reply::ok(settings_body(ctx, &template)))
}

fn replace_settings(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let template = template(ctx, call)?;
    let recipients = call
        .member("recipients")
        .cloned()
        .ok_or_else(|| Error::blank("recipients"))?;
    if !["ALL_USERS", "ADMINS_ONLY", "NO_USERS"]
        .iter()
        .any(|known| recipients == *known)
    {
        return Err(Error::invalid(
            "recipients",
            ["recipients: The value is not known."],
        ));
    }
    ctx.hide(&template, RECIPIENTS, recipients);
    Ok(Reply::ok(settings_body(ctx, &template)))
}

fn content(ctx: &Context<'_>, template: &Key, path: &str) -> Value {
    let root = links::item_path(template);
    let name = template.id();
    json!({"subject": format!("{name} of ${{org.name}}"), "body": format!("<html><body><p>{name}</p></body></html>"), "_links": {
        "template": links::to(ctx, &root, &["GET"]),
        "self": links::to(ctx, &format!("{root}/{path}"), &["GET"]),
        "test": links::to(ctx, &format!("{root}/test"), &["POST"])}})
}

fn default_content(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let template = template(ctx, call)?;
    let mut body = content(ctx, &template, "default-content");
    let preview = format!("{}/default-content/preview", links::item_path(&template));
    member::set(
        &mut body,
        "_links.preview",
        links::to(ctx, &preview, &["GET"]),
    );
    Ok(Reply::ok(body))
}

fn default_preview(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let template = template(ctx, call)?;
    Ok(Reply::ok(content(
        ctx,
        &template,
        "default-content/preview",
    )))
}

fn send_test(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    template(ctx, call)?;
    Ok(Reply::no_content())
}

fn check(ctx: &Context<'_>, _: &Call, change: &Change) -> Result<(), Error> {
    for member in ["language", "subject", "body"] {
        if change
            .given
            .get(member)
            .and_then(Value::as_str)
            .is_none_or(str::is_empty)
        {
            return Err(Error::blank(member));
        }
    }
    let siblings = siblings(ctx, &change.key);
    let same = |other: &Object| other.body().get("language") == change.given.get("language");
    if siblings.iter().any(|other| same(other)) {
        return Err(Error::new("E0000183"));
    }
    let second = change.old.is_none() && siblings.iter().any(|other| is_default(other.body()));
    if second && is_default(&change.given) {
        return Err(Error::new("E0000182"));
    }
    let was_default = change
        .old
        .as_ref()
        .is_some_and(|old| is_default(old.body()));
    if was_default && change.given.get("isDefault") == Some(&Value::Bool(false)) {
        return Err(Error::new("E0000185"));
    }
    Ok(())
}

fn siblings(ctx: &Context<'_>, key: &Key) -> Vec<std::sync::Arc<Object>> {
    let owner = key
        .parent()
        .map(|owner| owner.path().to_owned())
        .unwrap_or_default();
    let mut all = ctx.children("email-customization", &owner);
    all.retain(|other| other.key() != key);
    all
}

fn is_default(body: &Value) -> bool {
    body.get("isDefault") == Some(&Value::Bool(true))
}

/// The first one is the default whether or not it says so.
fn shape(ctx: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    if siblings(ctx, &change.key).is_empty() {
        member::set(&mut change.new, "isDefault", json!(true));
    }
    Ok(())
}

/// A new default ends the old one.
fn written(ctx: &mut Context<'_>, change: &Change) -> Result<(), Error> {
    if is_default(&change.new) {
        for other in siblings(ctx, &change.key) {
            ctx.change(other.key(), |body| body["isDefault"] = json!(false));
        }
    }
    Ok(())
}

fn removing(ctx: &Context<'_>, customization: &Object) -> Result<(), Error> {
    if is_default(customization.body()) && !siblings(ctx, customization.key()).is_empty() {
        return Err(Error::new("E0000184"));
    }
    Ok(())
}

fn view_customization(ctx: &Context<'_>, customization: &Object, body: &mut Value) {
    let template = links::item_path(&owner(customization));
    let own = links::item_path(customization.key());
    let mut all = Map::new();
    for (rel, path, allow) in [
        ("preview", format!("{own}/preview"), &["GET"][..]),
        ("template", template.clone(), &["GET"]),
        ("settings", format!("{template}/settings"), &["GET", "PUT"]),
        ("self", own.clone(), &["GET", "PUT", "DELETE"]),
        ("test", format!("{template}/test"), &["POST"]),
    ] {
        all.insert(rel.to_owned(), links::to(ctx, &path, allow));
    }
    member::set(body, "_links", Value::Object(all));
}

fn delete_all(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let template = template(ctx, call)?;
    for customization in ctx.children("email-customization", template.path()) {
        ctx.forget(customization.key());
    }
    Ok(Reply::bare(StatusCode::NO_CONTENT))
}

/// The customization with its variables filled in; the emulated org fills in their names.
fn preview(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = locate::item(ctx, kind("email-customization")?, &call.params)?;
    let customization = ctx.find(&key)?;
    let path = format!("customizations/{}/preview", key.id());
    let mut body = content(ctx, &owner(&customization), &path);
    member::set(
        &mut body,
        "subject",
        json!(customization.text_at("subject")),
    );
    member::set(&mut body, "body", json!(customization.text_at("body")));
    Ok(Reply::ok(body))
}

/// Templates; what they embed is there only as far as asked for.
fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let mut reply = generic::list(ctx, call, kind("email-template")?)?;
    if let Content::Json(Value::Array(items)) = &mut reply.body {
        items.iter_mut().for_each(|item| trim(call, item));
    }
    Ok(reply)
}

fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    template(ctx, call)?;
    let mut reply = generic::get(ctx, call, kind("email-template")?)?;
    if let Content::Json(item) = &mut reply.body {
        trim(call, item);
    }
    Ok(reply)
}

fn trim(call: &Call, item: &mut Value) {
    let Some(embedded) = item.get_mut("_embedded").and_then(Value::as_object_mut) else {
        return;
    };
    embedded.retain(|name, _| call.asks("expand", name));
    if embedded.is_empty()
        && let Some(members) = item.as_object_mut()
    {
        members.shift_remove("_embedded");
    }
}

const RECIPIENTS: &str = "recipients";
