//! Apps: names made from labels, client secrets shown once, policies every app falls under, links that depend on the app.
//!
//! Signing keys and requests for certificates are in `keys`, client secrets in `secrets`, ID token settings in `id_token`,
//! people and groups of an app in `assignment`. Defaults per sign-on mode are data (`okta/resources/app.toml`).

mod assignment;
mod certificate;
mod group_push;
mod id_token;
mod keys;
mod metadata;
mod oddments;
mod policy;
mod provisioning;
mod secrets;
mod sign_on;
mod view;

pub(crate) use assignment::{GROUPS, USERS};
pub(crate) use group_push::PUSH;
pub(crate) use policy::ASSIGNMENT;

use super::{Change, Quirk};
use crate::world::kind;
use crate::{Call, Context, Error, Reply, birth, generic, locate};
use org::{Key, Object};
use serde_json::{Map, Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("createApplication", create),
        ("replaceApplication", replace),
        ("deleteApplication", delete),
        ("listApplications", list),
        ("getApplicationIdTokenSettings", id_token::get),
        ("updateApplicationIdTokenSettings", id_token::update),
        ("listApplicationKeys", keys::list),
        ("getApplicationKey", keys::get),
        ("generateApplicationKey", keys::generate),
        ("cloneApplicationKey", keys::clone),
        ("listCsrsForApplication", keys::list_requests),
        ("generateCsrForApplication", keys::generate_request),
        ("getCsrForApplication", keys::get_request),
        ("revokeCsrFromApplication", keys::revoke_request),
        ("listOAuth2ClientSecrets", secrets::list),
        ("getOAuth2ClientSecret", secrets::get),
        ("createOAuth2ClientSecret", secrets::create),
        ("deleteOAuth2ClientSecret", secrets::delete),
        ("activateOAuth2ClientSecret", secrets::activate),
        ("deactivateOAuth2ClientSecret", secrets::deactivate),
        ("previewSAMLmetadataForApplication", metadata::preview),
        ("uploadApplicationLogo", oddments::upload_logo),
        ("listOAuth2TokensForApplication", oddments::list_tokens),
        ("getOAuth2TokenForApplication", oddments::token),
        ("revokeOAuth2TokenForApplication", oddments::token),
        ("revokeOAuth2TokensForApplication", oddments::revoke_tokens),
        ("grantConsentToScope", oddments::grant),
        ("listFeaturesForApplication", provisioning::features),
        ("getFeatureForApplication", provisioning::features),
        ("updateFeatureForApplication", provisioning::update_feature),
        (
            "getDefaultProvisioningConnectionForApplication",
            provisioning::connection,
        ),
        (
            "updateDefaultProvisioningConnectionForApplication",
            provisioning::update_connection,
        ),
        (
            "activateDefaultProvisioningConnectionForApplication",
            provisioning::switch_connection,
        ),
        (
            "deactivateDefaultProvisioningConnectionForApplication",
            provisioning::switch_connection,
        ),
    ],
    check: Some(check),
    shape: Some(shape),
    written: Some(written),
    view: Some(view::view),
    ..Quirk::NONE
};

/// Creates an app, and shows its client secret this once.
fn create(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let owners = locate::collection(ctx, kind("app")?, &[])?;
    let key = generic::create_under(ctx, call, kind("app")?, owners)?;
    if !call.flag("activate", true) {
        ctx.change(&key, |body| body["status"] = json!("INACTIVE"));
    }
    let object = ctx.find(&key)?;
    let mut body = ctx.view(&object);
    secrets::show(ctx, &key, &mut body);
    Ok(Reply::ok(body))
}

/// Replaces an app; a client secret the caller sends becomes its secret and is shown.
fn replace(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = locate::item(ctx, kind("app")?, &call.params)?;
    let sent = secrets::sent(call.body.as_ref());
    let mut reply = generic::replace(ctx, call, kind("app")?)?;
    if let (Some(secret), crate::Content::Json(body)) = (sent, &mut reply.body) {
        secrets::set(ctx, &key, &secret);
        secrets::show(ctx, &key, body);
    }
    Ok(reply)
}

fn delete(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let object = find(ctx, call)?;
    if object.text_at("status") == Some("ACTIVE") {
        return Err(Error::new("E0000056")
            .with_cause("The application must be deactivated before deletion."));
    }
    for mapping in ctx.all("profile-mapping") {
        let ends = ["source", "target"].map(|end| {
            mapping
                .body()
                .pointer(&format!("/{end}/id"))
                .and_then(Value::as_str)
        });
        if ends.contains(&Some(object.key().id().as_str())) {
            ctx.forget(mapping.key());
        }
    }
    generic::delete(ctx, call, kind("app")?)
}

/// Apps by `q`, `filter` and those a person uses (`filter=user.id eq "…"`), with that person when `expand` asks so.
fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = kind("app")?;
    if call
        .query("limit")
        .and_then(|limit| limit.parse::<i64>().ok())
        .is_some_and(|limit| limit < 1)
    {
        return Err(Error::new("E0000001").with_cause("limit: must be at least 1"));
    }
    let objects = generic::listed(ctx, call, app)?;
    generic::reply_page(ctx, call, app, objects)
}

/// The app the call's first path parameter names.
fn find(ctx: &Context<'_>, call: &Call) -> Result<std::sync::Arc<Object>, Error> {
    let id = call.param(0);
    ctx.named("app", &[id])
        .ok_or_else(|| Error::not_found(id, "AppInstance"))
}

fn check(ctx: &Context<'_>, _: &Call, change: &Change) -> Result<(), Error> {
    let blank = |value: Option<&Value>| value.and_then(Value::as_str).is_none_or(str::is_empty);
    if blank(change.given.get("label")) {
        return Err(Error::blank("label"));
    }
    let Some(old) = &change.old else {
        return Ok(());
    };
    let idle = old.text_at("status") == Some("INACTIVE")
        && old.text_at("signOnMode") == Some("AUTO_LOGIN");
    if idle && is_made_by_hand(ctx, old.text_at("name").unwrap_or_default()) {
        let cause = "This operation on app metadata is not yet supported: No active instances.";
        return Err(Error::new("E0000024").with_cause(cause));
    }
    Ok(())
}

fn shape(ctx: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    let id = change.key.id();
    let Some(body) = change.new.as_object_mut() else {
        return Ok(());
    };
    if change.old.is_none() && !body.contains_key("name") {
        let name = made_name(ctx, body);
        body.insert("name".to_owned(), json!(name));
    }
    let by_hand = is_made_by_hand(
        ctx,
        body.get("name").and_then(Value::as_str).unwrap_or_default(),
    );
    if change.old.is_some() && by_hand {
        // a caller need not repeat the name Okta made: the defaults are those of an app without one
        let mut given = change.given.clone();
        if let Some(members) = given.as_object_mut() {
            members.shift_remove("name");
        }
        let birth = &change.key.kind().facts().birth;
        birth::fill(birth, body, &mut ctx.scope(&given, &id, ""));
    }
    sign_on::settle(ctx, body, by_hand);
    let links = change
        .given
        .pointer("/visibility/appLinks")
        .and_then(Value::as_object)
        .filter(|links| !links.is_empty());
    if let (Some(links), false, None) = (links, by_hand, &change.old)
        && let Some(visibility) = body.get_mut("visibility").and_then(Value::as_object_mut)
    {
        visibility.insert("appLinks".to_owned(), Value::Object(links.clone()));
    }
    finish(ctx, &id, body);
    let client = body
        .get_mut("credentials")
        .and_then(|c| c.get_mut("oauthClient"))
        .and_then(Value::as_object_mut);
    let given = client.and_then(|client| client.shift_remove("client_secret"));
    if let Some(Value::String(given)) = given {
        secrets::set(ctx, &change.key, &given);
    }
    Ok(())
}

/// Whether an app of this name is no member of the integration network.
fn is_made_by_hand(ctx: &Context<'_>, name: &str) -> bool {
    name.starts_with(&format!("{}_", org_name(ctx)))
}

/// Facts that follow from others: the resource name, the names of the app's links, the push status of a written template.
fn finish(ctx: &Context<'_>, id: &str, body: &mut Map<String, Value>) {
    let name = body
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let orn = format!("orn:okta:idp:{}:apps:{name}:{id}", ctx.world.org_id);
    body.insert("orn".to_owned(), json!(orn));
    if let Some(visibility) = body.get_mut("visibility").and_then(Value::as_object_mut) {
        visibility
            .entry("appLinks")
            .or_insert_with(|| view::link_names(ctx, &name));
    }
    let template = body
        .get_mut("credentials")
        .and_then(|c| c.get_mut("userNameTemplate"))
        .and_then(Value::as_object_mut);
    if let Some(template) = template
        && template.get("type").and_then(Value::as_str) == Some("CUSTOM")
    {
        template
            .entry("pushStatus")
            .or_insert_with(|| json!("DONT_PUSH"));
    }
}

/// Okta's name for an app made by hand: the org's name, the label's letters and digits, a number.
fn made_name(ctx: &Context<'_>, body: &Map<String, Value>) -> String {
    let org = org_name(ctx);
    let label = body
        .get("label")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_lowercase();
    let letters: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
    let number = ctx.all("app").len() + 1;
    format!("{org}_{letters}_{number}")
}

fn written(ctx: &mut Context<'_>, change: &Change) -> Result<(), Error> {
    if change.old.is_some() {
        return Ok(());
    }
    if ctx
        .get(&change.key)
        .is_some_and(|object| object.text_at("orn").is_none())
    {
        // made from birth: nobody shaped it
        let mut body = change.new.clone();
        if let Some(members) = body.as_object_mut() {
            finish(ctx, &change.key.id(), members);
        }
        ctx.keep(change.key.clone(), body);
    }
    policy::assign_defaults(ctx, &change.key)?;
    keys::make_first(ctx, &change.key);
    secrets::make_first(ctx, &change.key);
    super::app_schema::make(ctx, &change.key)?;
    super::profile_mapping::make(ctx, &change.key)
}

/// A list kept beside the app's body: keys, certificate requests, client secrets.
fn kept(ctx: &Context<'_>, app: &Key, name: &str) -> Vec<Value> {
    ctx.hidden(app, name)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

/// The org's name in its address.
fn org_name(ctx: &Context<'_>) -> String {
    crate::birth::host(&ctx.world.base_url)
        .split(['.', ':'])
        .next()
        .unwrap_or_default()
        .to_owned()
}
