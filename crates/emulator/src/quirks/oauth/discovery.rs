//! What an org tells about itself before anybody signs in: metadata, endpoints, keys.

use crate::edition::IDENTITY_ENGINE;
use crate::{Call, Context, Error, Reply, links, locate, world::kind};
use serde_json::{Value, json};

/// Id, cell and pipeline of the org.
pub(super) fn organization(ctx: &mut Context<'_>, _call: &Call) -> Result<Reply, Error> {
    let off = [
        "analyticsCollectionEnabled",
        "omEnabled",
        "pssoEnabled",
        "desktopMFAEnabled",
        "itpEnabled",
    ];
    let mut settings = json!({"bugReportingEnabled": true});
    if let Some(members) = settings.as_object_mut() {
        members.extend(off.map(|name| (name.to_owned(), Value::Bool(false))));
    }
    let engine = ctx.world.edition.has(IDENTITY_ENGINE);
    let pipeline = if engine { "idx" } else { "v1" };
    Ok(Reply::ok(json!({
        "id": ctx.world.org_id, "cell": "ok0", "_links": {"organization": links::to(ctx, "", &[])},
        "pipeline": pipeline, "settings": settings,
    })))
}

/// The org's keys.
pub(super) fn keys(ctx: &mut Context<'_>, _call: &Call) -> Result<Reply, Error> {
    Ok(Reply::ok(
        json!({"keys": ctx.world.key.public().into_iter().collect::<Vec<_>>()}),
    ))
}

/// OpenID Connect discovery of the org.
pub(super) fn openid(ctx: &mut Context<'_>, _call: &Call) -> Result<Reply, Error> {
    let base = ctx.world.base_url.clone();
    Ok(Reply::ok(metadata(&base, &format!("{base}/oauth2"), true)))
}

/// OAuth discovery of the org.
pub(super) fn oauth(ctx: &mut Context<'_>, _call: &Call) -> Result<Reply, Error> {
    let base = ctx.world.base_url.clone();
    Ok(Reply::ok(metadata(&base, &format!("{base}/oauth2"), false)))
}

/// OpenID Connect discovery of a custom authorization server.
pub(super) fn openid_custom(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    custom(ctx, call, true)
}

/// OAuth discovery of a custom authorization server.
pub(super) fn oauth_custom(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    custom(ctx, call, false)
}

fn custom(ctx: &Context<'_>, call: &Call, openid: bool) -> Result<Reply, Error> {
    let server = ctx.find(&locate::item(
        ctx,
        kind("authorization-server")?,
        &call.params,
    )?)?;
    let own = format!("{}/oauth2/{}", ctx.world.base_url, server.key().id());
    let issuer = server.text_at("issuer").unwrap_or(&own);
    Ok(Reply::ok(metadata(issuer, issuer, openid)))
}

/// The keys of a custom authorization server: the org's.
pub(super) fn keys_custom(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    ctx.find(&locate::item(
        ctx,
        kind("authorization-server")?,
        &call.params,
    )?)?;
    keys(ctx, call)
}

/// Discovery document of an authorization server: its issuer and where its endpoints begin.
fn metadata(issuer: &str, endpoints: &str, openid: bool) -> Value {
    let methods = [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
        "none",
    ];
    let mut all = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{endpoints}/v1/authorize"),
        "token_endpoint": format!("{endpoints}/v1/token"),
        "registration_endpoint": format!("{}/oauth2/v1/clients", issuer.split("/oauth2").next().unwrap_or(issuer)),
        "jwks_uri": format!("{endpoints}/v1/keys"),
        "response_types_supported": ["code", "token", "id_token", "code id_token", "code token", "id_token token", "code id_token token"],
        "response_modes_supported": ["query", "fragment", "form_post", "okta_post_message"],
        "grant_types_supported": ["authorization_code", "implicit", "refresh_token", "password", "client_credentials",
            "urn:ietf:params:oauth:grant-type:device_code"],
        "subject_types_supported": ["public"],
        "scopes_supported": ["openid", "email", "profile", "address", "phone", "offline_access", "groups"],
        "token_endpoint_auth_methods_supported": methods,
        "code_challenge_methods_supported": ["S256"],
        "introspection_endpoint": format!("{endpoints}/v1/introspect"),
        "introspection_endpoint_auth_methods_supported": methods,
        "revocation_endpoint": format!("{endpoints}/v1/revoke"),
        "revocation_endpoint_auth_methods_supported": methods,
        "end_session_endpoint": format!("{endpoints}/v1/logout"),
        "request_parameter_supported": true,
        "request_object_signing_alg_values_supported": ["HS256", "RS256", "ES256"],
        "device_authorization_endpoint": format!("{endpoints}/v1/device/authorize"),
        "dpop_signing_alg_values_supported": ["RS256", "ES256"],
    });
    if let (true, Some(members)) = (openid, all.as_object_mut()) {
        members.insert(
            "userinfo_endpoint".to_owned(),
            json!(format!("{endpoints}/v1/userinfo")),
        );
        members.insert(
            "id_token_signing_alg_values_supported".to_owned(),
            json!(["RS256"]),
        );
        members.insert(
            "claims_supported".to_owned(),
            json!([
                "iss",
                "ver",
                "sub",
                "aud",
                "iat",
                "exp",
                "jti",
                "auth_time",
                "amr"
            ]),
        );
    }
    all
}
