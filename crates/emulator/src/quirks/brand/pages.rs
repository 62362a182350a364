//! A brand's pages: sign-in, error, sign-out. What a caller writes is hidden beside the brand; the defaults are made here.

use super::{below, brand};
use crate::{Call, Context, Error, Reply};
use org::Key;
use serde_json::{Map, Value, json};

fn kept(ctx: &Context<'_>, brand: &Key, page: &str) -> Option<Value> {
    ctx.hidden(brand, page)
        .filter(|page| page.is_object())
        .cloned()
}

fn found(ctx: &Context<'_>, call: &Call, page: &str) -> Result<Reply, Error> {
    let key = brand(ctx, call)?;
    kept(ctx, &key, page)
        .map(Reply::ok)
        .ok_or_else(|| Error::not_found(&key.id(), "BrandPage"))
}

fn removed(ctx: &mut Context<'_>, call: &Call, page: &str) -> Result<Reply, Error> {
    let key = brand(ctx, call)?;
    ctx.hide(&key, page, Value::Null);
    Ok(Reply::no_content())
}

/// The page as written, with every setting of the widget named.
fn sign_in_page(given: &Map<String, Value>) -> Value {
    let mut page = Map::new();
    page.insert(
        "pageContent".to_owned(),
        given.get("pageContent").cloned().unwrap_or_default(),
    );
    if let Some(policy) = given.get("contentSecurityPolicySetting") {
        page.insert("contentSecurityPolicySetting".to_owned(), policy.clone());
    }
    page.insert(
        "widgetVersion".to_owned(),
        given.get("widgetVersion").cloned().unwrap_or_default(),
    );
    let written = given
        .get("widgetCustomizations")
        .cloned()
        .unwrap_or_default();
    let mut widget = Map::new();
    for (name, usual) in WIDGET {
        let usual = match *usual {
            "true" | "false" => json!(false),
            _ if *name == "widgetGeneration" => json!("G2"),
            _ => Value::Null,
        };
        widget.insert(
            (*name).to_owned(),
            written.get(*name).cloned().unwrap_or(usual),
        );
    }
    if let Some(prompt) = written.get(PROMPT) {
        widget.insert(PROMPT.to_owned(), prompt.clone());
    }
    page.insert("widgetCustomizations".to_owned(), Value::Object(widget));
    Value::Object(page)
}

fn replace(ctx: &mut Context<'_>, call: &Call, page: &str) -> Result<Reply, Error> {
    let key = brand(ctx, call)?;
    let written = sign_in_page(call.object()?);
    ctx.hide(&key, page, written.clone());
    Ok(Reply::ok(written))
}

/// The prompt to stay signed in is shown when the page is read, not when it is written.
fn read(ctx: &Context<'_>, call: &Call, page: &str) -> Result<Reply, Error> {
    let mut reply = found(ctx, call, page)?;
    if let crate::Content::Json(body) = &mut reply.body
        && let Some(widget) = body
            .get_mut("widgetCustomizations")
            .and_then(Value::as_object_mut)
    {
        let empty = json!({"title": null, "subtitle": null, "acceptButtonText": null, "rejectButtonText": null});
        widget.entry(PROMPT).or_insert(empty);
    }
    Ok(reply)
}

pub(super) fn customized_sign_in(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    read(ctx, call, "sign-in")
}

pub(super) fn replace_sign_in(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    replace(ctx, call, "sign-in")
}

pub(super) fn delete_sign_in(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    removed(ctx, call, "sign-in")
}

pub(super) fn preview_sign_in(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    read(ctx, call, "sign-in-preview")
}

pub(super) fn replace_preview_sign_in(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    replace(ctx, call, "sign-in-preview")
}

pub(super) fn delete_preview_sign_in(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    removed(ctx, call, "sign-in-preview")
}

pub(super) fn default_sign_in(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    brand(ctx, call)?;
    let mut widget = Map::new();
    for (name, usual) in WIDGET {
        let usual = if *usual == "true" {
            json!(true)
        } else {
            json!(usual)
        };
        widget.insert((*name).to_owned(), usual);
    }
    let prompt = json!({"title": "Stay signed in", "subtitle": "Sign in less often.", "acceptButtonText": "Yes", "rejectButtonText": "No"});
    widget.insert(PROMPT.to_owned(), prompt);
    Ok(Reply::ok(
        json!({"pageContent": SIGN_IN, "widgetVersion": "^7", "widgetCustomizations": widget}),
    ))
}

/// Which versions of a page there are.
fn overview(ctx: &Context<'_>, call: &Call, page: &str) -> Result<Reply, Error> {
    let key = brand(ctx, call)?;
    let place = |version: &str| {
        below(
            ctx,
            &key,
            &format!("pages/{page}/{version}"),
            &["GET", "PUT", "DELETE"],
        )
    };
    let own = below(ctx, &key, &format!("pages/{page}"), &["GET"]);
    let usual = below(ctx, &key, &format!("pages/{page}/default"), &["GET"]);
    Ok(Reply::ok(
        json!({"_links": {"self": own, "default": usual, "customized": place("customized"), "preview": place("preview")}}),
    ))
}

pub(super) fn sign_in(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    overview(ctx, call, "sign-in")
}

pub(super) fn error(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    overview(ctx, call, "error")
}

pub(super) fn widget_versions(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    brand(ctx, call)?;
    Ok(Reply::ok(json!(["*", "^5", "^6", "^7", "7.20"])))
}

fn replace_plain(ctx: &mut Context<'_>, call: &Call, page: &str) -> Result<Reply, Error> {
    let key = brand(ctx, call)?;
    let written = Value::Object(call.object()?.clone());
    ctx.hide(&key, page, written.clone());
    Ok(Reply::ok(written))
}

pub(super) fn default_error(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    brand(ctx, call)?;
    Ok(Reply::ok(json!({"pageContent": ERROR})))
}

pub(super) fn customized_error(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    found(ctx, call, "error")
}

pub(super) fn replace_error(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    replace_plain(ctx, call, "error")
}

pub(super) fn delete_error(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    removed(ctx, call, "error")
}

pub(super) fn preview_error(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    found(ctx, call, "error-preview")
}

pub(super) fn replace_preview_error(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    replace_plain(ctx, call, "error-preview")
}

pub(super) fn delete_preview_error(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    removed(ctx, call, "error-preview")
}

pub(super) fn sign_out(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = brand(ctx, call)?;
    Ok(Reply::ok(
        kept(ctx, &key, "sign-out").unwrap_or_else(|| json!({"type": "OKTA_DEFAULT"})),
    ))
}

pub(super) fn replace_sign_out(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    replace_plain(ctx, call, "sign-out")
}

const PROMPT: &str = "postAuthKeepMeSignedInPrompt";
const SIGN_IN: &str = "<!DOCTYPE html><html><head><title>{{pageTitle}}</title>{{{SignInWidgetResources}}}</head><body><div id=\"okta-login-container\"></div>{{{OktaUtil}}}</body></html>";
const ERROR: &str = "<!DOCTYPE html><html><head><title>{{errorSummary}}</title></head><body>{{{errorDescription}}}</body></html>";

/// Settings of the sign-in widget and what they are by default.
const WIDGET: &[(&str, &str)] = &[
    ("signInLabel", "Sign In"),
    ("usernameLabel", "Username"),
    ("usernameInfoTip", ""),
    ("passwordLabel", "Password"),
    ("passwordInfoTip", ""),
    ("showPasswordVisibilityToggle", "true"),
    ("showUserIdentifier", "true"),
    ("forgotPasswordLabel", "Forgot password?"),
    ("forgotPasswordUrl", ""),
    ("unlockAccountLabel", "Unlock account?"),
    ("unlockAccountUrl", ""),
    ("helpLabel", "Help"),
    ("helpUrl", ""),
    ("customLink1Label", ""),
    ("customLink1Url", ""),
    ("customLink2Label", ""),
    ("customLink2Url", ""),
    ("authenticatorPageCustomLinkLabel", ""),
    ("authenticatorPageCustomLinkUrl", ""),
    (
        "classicRecoveryFlowEmailOrUsernameLabel",
        "Email or Username",
    ),
    ("widgetGeneration", "G2"),
];
