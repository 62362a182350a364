//! Identity providers: links by protocol, trust and signing facts Okta adds, linked users; keys are in `keys`.

mod certificate;
mod keys;
mod signing;
mod users;

use super::{Change, Quirk, profile_mapping};
use crate::member;
use crate::world::kind;
use crate::{Call, Content, Context, Error, Reply, generic, links, locate};
use org::{Key, Object};
use serde_json::{Map, Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("listIdentityProviders", list),
        ("replaceIdentityProvider", replace),
        ("getIdentityProviderMetadata", metadata),
        ("listCsrsForIdentityProvider", signing::list_csrs),
        ("generateCsrForIdentityProvider", signing::generate_csr),
        ("getCsrForIdentityProvider", signing::get_csr),
        ("revokeCsrForIdentityProvider", signing::revoke_csr),
        ("publishCsrForIdentityProvider", signing::publish_csr),
        ("listIdentityProviderSigningKeys", signing::list_keys),
        ("listActiveIdentityProviderSigningKey", signing::active_key),
        ("generateIdentityProviderSigningKey", signing::generate_key),
        ("getIdentityProviderSigningKey", signing::get_key),
        ("cloneIdentityProviderKey", signing::clone_key),
        ("listIdentityProviderApplicationUsers", users::list),
        ("getIdentityProviderApplicationUser", users::get),
        ("linkUserToIdentityProvider", users::link),
        ("unlinkUserFromIdentityProvider", users::unlink),
        ("listUserIdentityProviders", users::providers),
        ("listSocialAuthTokens", users::tokens),
    ],
    check: Some(check),
    shape: Some(shape),
    written: Some(written),
    removed: Some(profile_mapping::forget_of),
    view: Some(view),
    ..Quirk::NONE
};

/// The keys partners sign with.
pub(crate) const KEYS: Quirk = Quirk {
    operations: &[
        ("createIdentityProviderKey", keys::create),
        ("replaceIdentityProviderKey", keys::replace),
    ],
    removing: Some(keys::removing),
    ..Quirk::NONE
};

fn is_saml(body: &Value) -> bool {
    body.get("type").and_then(Value::as_str) == Some("SAML2")
}

fn check(ctx: &Context<'_>, _: &Call, change: &Change) -> Result<(), Error> {
    for member in ["name", "type"] {
        let given = change.given.get(member).and_then(Value::as_str);
        if given.is_none_or(str::is_empty) && (member == "name" || change.old.is_none()) {
            return Err(Error::blank(member));
        }
    }
    let kid = change
        .given
        .pointer("/protocol/credentials/trust/kid")
        .and_then(Value::as_str);
    match kid {
        Some(kid) if ctx.named("idp-key", &[kid]).is_none() => Err(Error::invalid(
            "kid",
            [format!("kid: There is no key {kid}.")],
        )),
        _ => Ok(()),
    }
}

/// A provider's own name at Okta is made once and kept; members that say nothing go.
fn shape(ctx: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    if is_saml(&change.new) {
        let known = change
            .old
            .as_ref()
            .and_then(|old| old.body().pointer(AUDIENCE))
            .cloned();
        let audience = known.unwrap_or_else(|| {
            let own = ctx.world.ids.hex(18);
            json!(format!(
                "https://www.okta.com/saml2/service-provider/sp{own}"
            ))
        });
        let given = change
            .given
            .pointer(AUDIENCE)
            .is_some_and(|given| !given.is_null());
        if !given {
            member::set(
                &mut change.new,
                "protocol.credentials.trust.audience",
                audience,
            );
        }
        if let Some(members) = change.new.as_object_mut() {
            members.shift_remove("issuerMode");
        }
    } else {
        tidy_client(&mut change.new);
    }
    Ok(())
}

fn tidy_client(body: &mut Value) {
    if let Some(client) = body
        .pointer_mut("/protocol/credentials/client")
        .and_then(Value::as_object_mut)
        && client.get("pkce_required") == Some(&Value::Null)
    {
        client.shift_remove("pkce_required");
    }
    if let Some(settings) = body
        .pointer_mut("/protocol/settings")
        .and_then(Value::as_object_mut)
    {
        settings.shift_remove("honorPersistentNameId");
    }
    if let Some(slo) = body
        .pointer_mut("/protocol/endpoints/slo")
        .and_then(Value::as_object_mut)
    {
        slo.entry("binding").or_insert(json!("HTTP-REDIRECT"));
    }
}

/// Profiles of a new provider's people are mapped to every user type; a SAML provider signs its requests with a key of its own.
fn written(ctx: &mut Context<'_>, change: &Change) -> Result<(), Error> {
    if change.old.is_none() {
        profile_mapping::make_inbound(ctx, &change.key)?;
    }
    if change.old.is_none() && is_saml(&change.new) {
        let key = signing::new_key(ctx);
        let kid = key.get("kid").cloned().unwrap_or_default();
        signing::keep_keys(ctx, &change.key, vec![key]);
        ctx.change(&change.key, |body| {
            member::set(body, "protocol.credentials.signing", json!({"kid": kid}))
        });
    }
    Ok(())
}

/// `q` finds any part of a name.
fn list(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let kind = kind("idp")?;
    let part = call.query("q").unwrap_or_default().to_lowercase();
    let mut rest = call.clone();
    rest.query.retain(|(name, _)| name != "q");
    let mut providers = generic::listed(ctx, &rest, kind)?;
    providers.retain(|provider| provider.title().to_lowercase().contains(&part));
    generic::reply_page(ctx, call, kind, providers)
}

/// `created` is null in the answer to a replacement, as recorded.
fn replace(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let mut reply = generic::replace(ctx, call, kind("idp")?)?;
    if let Content::Json(body) = &mut reply.body {
        member::set(body, "created", Value::Null);
    }
    Ok(reply)
}

/// Providers that speak OpenID Connect or OAuth lead to the authorization request, with its own templates in it.
fn view(ctx: &Context<'_>, provider: &Object, body: &mut Value) {
    if is_saml(provider.body()) {
        return;
    }
    let base = &ctx.world.base_url;
    let id = provider.key().id();
    let mut authorize = links::to(ctx, "", &["GET"]);
    member::set(
        &mut authorize,
        "href",
        json!(format!("{base}/oauth2/v1/authorize?idp={id}{AUTHORIZE}")),
    );
    member::set(&mut authorize, "templated", json!(true));
    let mut all = Map::new();
    all.insert("authorize".to_owned(), authorize);
    all.insert(
        "clientRedirectUri".to_owned(),
        links::to(ctx, "/oauth2/v1/authorize/callback", &["POST"]),
    );
    member::set(body, "_links", Value::Object(all));
}

fn provider(ctx: &Context<'_>, call: &Call) -> Result<Key, Error> {
    let key = locate::item(ctx, kind("idp")?, &call.params)?;
    ctx.find(&key).map(|_| key)
}

/// What a SAML partner loads: entity id, signing certificate, where to post assertions.
fn metadata(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = provider(ctx, call)?;
    let object = ctx.find(&key)?;
    let entity = object
        .body()
        .pointer(AUDIENCE)
        .and_then(Value::as_str)
        .unwrap_or_default();
    let acs = format!("{}/sso/saml2/{}", ctx.world.base_url, key.id());
    let certificate = signing::certificate(ctx, &key);
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><md:EntityDescriptor entityID=\"{entity}\" xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\">\
         <md:SPSSODescriptor AuthnRequestsSigned=\"true\" WantAssertionsSigned=\"true\" protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
         <md:KeyDescriptor use=\"signing\"><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>{certificate}\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:AssertionConsumerService \
         Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" Location=\"{acs}\" index=\"0\" isDefault=\"true\"/></md:SPSSODescriptor></md:EntityDescriptor>"
    );
    Ok(Reply::text("application/xml;charset=ISO-8859-1", xml))
}

const AUDIENCE: &str = "/protocol/credentials/trust/audience";
const AUTHORIZE: &str = "&client_id={clientId}&response_type={responseType}&response_mode={responseMode}&scope={scopes}&redirect_uri={redirectUri}&state={state}&nonce={nonce}";
