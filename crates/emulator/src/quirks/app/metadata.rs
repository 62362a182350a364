//! SAML metadata of an app, as XML.

use super::{find, kept};
use crate::{Call, Context, Error, Reply};
use serde_json::Value;

/// The metadata of the key named by `kid`, or of the app's own.
pub(super) fn preview(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let app = find(ctx, call)?;
    if app
        .text_at("signOnMode")
        .is_none_or(|mode| !mode.starts_with("SAML"))
    {
        return Err(Error::new("E0000019"));
    }
    let keys = kept(ctx, app.key(), "keys");
    let text = |key: &Value, at: &str| {
        key.pointer(at)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let named = call
        .query("kid")
        .and_then(|kid| keys.iter().find(|key| text(key, "/kid") == kid));
    let certificate = named
        .or(keys.first())
        .map(|key| text(key, "/x5c/0"))
        .unwrap_or_default();
    let (id, name, base) = (
        app.key().id(),
        app.text_at("name").unwrap_or_default(),
        &ctx.world.base_url,
    );
    let format = app
        .body()
        .pointer("/settings/signOn/subjectNameIdFormat")
        .and_then(Value::as_str);
    let format = format.unwrap_or("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified");
    let services: String = ["POST", "Redirect"]
        .iter()
        .map(|binding| {
            format!(
                "<md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-{binding}\" \
                 Location=\"{base}/app/{name}/{id}/sso/saml\"/>"
            )
        })
        .collect();
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><md:EntityDescriptor entityID=\"http://www.okta.com/{id}\" \
         xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\"><md:IDPSSODescriptor WantAuthnRequestsSigned=\"false\" \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\"><md:KeyDescriptor use=\"signing\">\
         <ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>{certificate}\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor><md:NameIDFormat>{format}</md:NameIDFormat>\
         {services}</md:IDPSSODescriptor></md:EntityDescriptor>"
    );
    Ok(Reply::text("application/xml", xml))
}
