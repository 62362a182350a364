//! Applications of a seed: every sign-on mode, with users and groups.

use super::Size;
use super::people::People;
use super::planter::{Planter, SeedError};
use serde_json::{Value, json};

/// Which apps there are.
pub(super) struct Apps {
    /// Ids of all apps, in the order of planting.
    pub(super) ids: Vec<String>,
    /// Client ids of the OIDC apps.
    pub(super) clients: Vec<String>,
}

pub(super) fn plant(
    planter: &mut Planter<'_>,
    size: Size,
    people: &People,
) -> Result<Apps, SeedError> {
    let mut apps = Apps {
        ids: Vec::new(),
        clients: Vec::new(),
    };
    for n in 0..size.apps {
        let body = application(n);
        let id = planter.create("/api/v1/apps", &body)?;
        if body.get("signOnMode").and_then(Value::as_str) == Some("OPENID_CONNECT") {
            let app = planter.read(&format!("/api/v1/apps/{id}"))?;
            let client = app
                .pointer("/credentials/oauthClient/client_id")
                .and_then(Value::as_str);
            apps.clients.extend(client.map(str::to_owned));
        }
        assign(planter, n, &id, people)?;
        apps.ids.push(id);
    }
    if let Some(last) = apps.ids.last() {
        planter.act(
            "POST",
            &format!("/api/v1/apps/{last}/lifecycle/deactivate"),
            None,
        )?;
    }
    Ok(apps)
}

/// Two groups with priorities, one or two people of their own.
fn assign(
    planter: &mut Planter<'_>,
    n: usize,
    app: &str,
    people: &People,
) -> Result<(), SeedError> {
    for priority in 0..2 {
        let Some(group) = people
            .groups
            .get((n * 2 + priority) % people.groups.len().max(1))
        else {
            continue;
        };
        let body = json!({"priority": priority, "profile": {}});
        planter.act(
            "PUT",
            &format!("/api/v1/apps/{app}/groups/{group}"),
            Some(&body),
        )?;
    }
    let Some(user) = people.users.get(n % people.users.len().max(1)) else {
        return Ok(());
    };
    let body = json!({"id": user, "scope": "USER", "credentials": {"userName": format!("app-user-{n}@example.com")}});
    planter.act("POST", &format!("/api/v1/apps/{app}/users"), Some(&body))
}

fn application(n: usize) -> Value {
    let label = |what: &str| format!("{what} {n:02}");
    match n % MODES {
        0 => oidc(
            &label("Web shop"),
            "web",
            &["authorization_code", "refresh_token"],
            "client_secret_basic",
        ),
        1 => saml(&label("Wiki"), n),
        2 => json!({
            "name": "bookmark", "label": label("Handbook"), "signOnMode": "BOOKMARK",
            "settings": {"app": {"requestIntegration": false, "url": format!("https://handbook-{n}.example.com/")}},
        }),
        3 => json!({
            "label": label("Travel"), "signOnMode": "AUTO_LOGIN",
            "settings": {"signOn": {"loginUrl": format!("https://travel-{n}.example.com/login"), "redirectUrl": null}},
        }),
        4 => oidc(
            &label("Field app"),
            "native",
            &["authorization_code"],
            "none",
        ),
        5 => json!({
            "name": "template_basic_auth", "label": label("Archive"), "signOnMode": "BASIC_AUTH",
            "settings": {"app": {
                "url": format!("https://archive-{n}.example.com/login"),
                "authURL": format!("https://archive-{n}.example.com/auth"),
            }},
        }),
        6 => oidc(
            &label("Nightly job"),
            "service",
            &["client_credentials"],
            "client_secret_post",
        ),
        7 => json!({
            "name": "template_sps", "label": label("Payroll"), "signOnMode": "SECURE_PASSWORD_STORE",
            "settings": {"app": {
                "url": format!("https://payroll-{n}.example.com/login"),
                "usernameField": "user", "passwordField": "password",
                "optionalField1": "", "optionalField1Value": "", "optionalField2": "", "optionalField2Value": "",
                "optionalField3": "", "optionalField3Value": "",
            }},
        }),
        8 => json!({
            "name": "template_swa", "label": label("Fleet"), "signOnMode": "BROWSER_PLUGIN",
            "settings": {"app": {
                "url": format!("https://fleet-{n}.example.com/login"), "buttonField": "go",
                "usernameField": "user", "passwordField": "password", "loginUrlRegex": null,
            }},
        }),
        _ => json!({
            "name": "template_wsfed", "label": label("Reports"), "signOnMode": "WS_FEDERATION",
            "settings": {"app": {
                "audienceRestriction": format!("urn:reports:{n}"), "groupName": null, "groupValueFormat": "windowsDomainQualifiedName",
                "realm": format!("urn:reports:{n}"), "wReplyURL": format!("https://reports-{n}.example.com/"),
                "attributeStatements": null, "nameIDFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
                "authnContextClassRef": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
                "siteURL": format!("https://reports-{n}.example.com"), "wReplyOverride": false, "groupFilter": null,
                "usernameAttribute": "username",
            }},
        }),
    }
}

fn oidc(label: &str, application_type: &str, grant_types: &[&str], authentication: &str) -> Value {
    let interactive = application_type != "service";
    let slug = label.to_lowercase().replace(' ', "-");
    let redirect: Vec<String> = if interactive {
        vec![format!("https://{slug}.example.com/callback")]
    } else {
        Vec::new()
    };
    let response_types = if interactive {
        json!(["code"])
    } else {
        json!(["token"])
    };
    json!({
        "name": "oidc_client", "label": label, "signOnMode": "OPENID_CONNECT",
        "credentials": {"oauthClient": {"token_endpoint_auth_method": authentication}},
        "settings": {"oauthClient": {
            "application_type": application_type, "grant_types": grant_types,
            "response_types": response_types, "redirect_uris": redirect,
        }},
    })
}

fn saml(label: &str, n: usize) -> Value {
    json!({
        "label": label, "signOnMode": "SAML_2_0",
        "settings": {"signOn": {
            "defaultRelayState": "", "ssoAcsUrl": format!("https://wiki-{n}.example.com/acs"),
            "idpIssuer": "http://www.okta.com/${org.externalKey}", "audience": format!("urn:wiki:{n}"),
            "recipient": format!("https://wiki-{n}.example.com/acs"), "destination": format!("https://wiki-{n}.example.com/acs"),
            "subjectNameIdTemplate": "${user.userName}",
            "subjectNameIdFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            "responseSigned": true, "assertionSigned": true, "signatureAlgorithm": "RSA_SHA256", "digestAlgorithm": "SHA256",
            "honorForceAuthn": true, "authnContextClassRef": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
            "attributeStatements": [{"type": "EXPRESSION", "name": "site", "namespace":
                "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified", "values": ["user.site"]}],
        }},
    })
}

/// Kinds of application planted in turn.
const MODES: usize = 10;
