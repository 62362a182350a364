//! Brands: one default, each with a theme; their pages are in `pages`, their e-mail templates in `email`.

mod email;
mod pages;

use super::{Change, Quirk};
use crate::member;
use crate::world::kind;
use crate::{Call, Content, Context, Error, Reply, generic, links, locate};
use http::StatusCode;
use http::header::LOCATION;
use org::{Key, Object};
use serde_json::{Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[
        ("getBrand", get),
        ("listBrandDomains", domains),
        ("getSignInPage", pages::sign_in),
        ("getDefaultSignInPage", pages::default_sign_in),
        ("getCustomizedSignInPage", pages::customized_sign_in),
        ("replaceCustomizedSignInPage", pages::replace_sign_in),
        ("deleteCustomizedSignInPage", pages::delete_sign_in),
        ("getPreviewSignInPage", pages::preview_sign_in),
        ("replacePreviewSignInPage", pages::replace_preview_sign_in),
        ("deletePreviewSignInPage", pages::delete_preview_sign_in),
        ("listAllSignInWidgetVersions", pages::widget_versions),
        ("getErrorPage", pages::error),
        ("getDefaultErrorPage", pages::default_error),
        ("getCustomizedErrorPage", pages::customized_error),
        ("replaceCustomizedErrorPage", pages::replace_error),
        ("deleteCustomizedErrorPage", pages::delete_error),
        ("getPreviewErrorPage", pages::preview_error),
        ("replacePreviewErrorPage", pages::replace_preview_error),
        ("deletePreviewErrorPage", pages::delete_preview_error),
        ("getSignOutPageSettings", pages::sign_out),
        ("replaceSignOutPageSettings", pages::replace_sign_out),
        ("uploadBrandThemeLogo", upload),
        ("uploadBrandThemeFavicon", upload),
        ("uploadBrandThemeBackgroundImage", upload),
        ("deleteBrandThemeLogo", remove_image),
        ("deleteBrandThemeFavicon", remove_image),
        ("deleteBrandThemeBackgroundImage", remove_image),
    ],
    check: Some(check),
    shape: Some(shape),
    ..Quirk::NONE
};

pub(crate) use email::{CUSTOMIZATIONS, TEMPLATES};

fn check(ctx: &Context<'_>, _: &Call, change: &Change) -> Result<(), Error> {
    let name = member::text(&change.given, "name").unwrap_or_default();
    if name.trim().is_empty() {
        return Err(Error::blank("name"));
    }
    let custom =
        member::text(&change.given, "customPrivacyPolicyUrl").is_some_and(|url| !url.is_empty());
    if custom && change.given.get("agreeToCustomPrivacyPolicy") != Some(&Value::Bool(true)) {
        let cause = "agreeToCustomPrivacyPolicy: Consent is needed to change the privacy policy.";
        return Err(Error::invalid("agreeToCustomPrivacyPolicy", [cause]));
    }
    let taken = ctx
        .all("brand")
        .iter()
        .any(|brand| *brand.key() != change.key && brand.text_at("name") == Some(name));
    if taken {
        return Err(Error::invalid(
            "name",
            ["name: There is already a brand with this name."],
        ));
    }
    Ok(())
}

/// An empty address is none.
fn shape(_: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    if member::text(&change.new, "customPrivacyPolicyUrl") == Some("") {
        member::set(&mut change.new, "customPrivacyPolicyUrl", Value::Null);
    }
    Ok(())
}

fn brand(ctx: &Context<'_>, call: &Call) -> Result<Key, Error> {
    let key = locate::item(ctx, kind("brand")?, &call.params)?;
    ctx.find(&key).map(|_| key)
}

fn get(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let mut reply = generic::get(ctx, call, kind("brand")?)?;
    if let Content::Json(body) = &mut reply.body
        && call.asks("expand", "domains")
    {
        member::set(
            body,
            "_embedded",
            json!({"domains": domains_of(ctx, call.param(0))}),
        );
    }
    Ok(reply)
}

fn domains_of(ctx: &Context<'_>, brand: &str) -> Value {
    let mut domains = ctx.all("domain");
    domains.retain(|domain| domain.text_at("brandId") == Some(brand));
    domains.iter().map(|domain| ctx.view(domain)).collect()
}

fn domains(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = brand(ctx, call)?;
    Ok(Reply::ok(json!({"domains": domains_of(ctx, &key.id())})))
}

/// The member of a theme that a path names.
fn image(call: &Call) -> &'static str {
    match call.path.rsplit('/').next() {
        Some("logo") => "logo",
        Some("favicon") => "favicon",
        _ => "backgroundImage",
    }
}

fn theme(ctx: &Context<'_>, call: &Call) -> Result<Key, Error> {
    let key = locate::item(ctx, kind("theme")?, &call.params)?;
    ctx.find(&key).map(|_| key)
}

/// Keeps no picture: the answer and the theme show where one would be.
fn upload(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = theme(ctx, call)?;
    let address = format!(
        "{}/fs/bco/7/fs0{}",
        ctx.world.base_url,
        ctx.world.ids.token(17)
    );
    ctx.change(&key, |body| body[image(call)] = json!(address));
    Ok(Reply::with(StatusCode::CREATED, json!({"url": address})).with_header(LOCATION, &address))
}

fn remove_image(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    let key = theme(ctx, call)?;
    let usual = match image(call) {
        "logo" => json!(format!("{}/assets/img/logo.png", ctx.world.base_url)),
        "favicon" => json!(format!("{}/favicon.ico", ctx.world.base_url)),
        _ => Value::Null,
    };
    ctx.change(&key, |body| body[image(call)] = usual);
    Ok(Reply::no_content())
}

/// Path of a brand's page or template below the brand.
fn below(ctx: &Context<'_>, brand: &Key, path: &str, allow: &[&str]) -> Value {
    links::to(ctx, &format!("{}/{path}", links::item_path(brand)), allow)
}

/// The owner of a template or customization.
fn owner(object: &Object) -> Key {
    object
        .key()
        .parent()
        .unwrap_or_else(|| object.key().clone())
}
