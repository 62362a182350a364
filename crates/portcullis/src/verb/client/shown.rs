//! A client as people and scripts read it: in a line, in full, as JSON. Never with a secret.

use access::oauth::Authentication;
use access::{Basis, Client, Hidden, Network, OauthRegistration};
use serde_json::{Value, json};

/// In a line of a list.
pub(crate) fn described(client: &Client) -> String {
    let operations = if client.operations.is_empty() {
        "all within its scopes".to_owned()
    } else {
        client.operations.join(", ")
    };
    let state = if client.disabled.is_some() {
        " (disabled)"
    } else {
        ""
    };
    format!(
        "{}{state}  scopes: {}  operations: {operations}",
        client.name,
        client.scopes.join(", ")
    )
}

/// In full, one fact a line.
pub(crate) fn details(client: &Client) -> String {
    let listed = |list: &[String], none: &str| match list {
        [] => none.to_owned(),
        list => list.join(", "),
    };
    let networks: Vec<String> = client.networks.iter().map(Network::to_string).collect();
    let basis = match client.basis {
        Basis::Registration => "its scopes and operations",
        Basis::Policies => "policies alone",
    };
    let mut lines = vec![
        client.name.clone(),
        format!("  client id   {}", client.id),
        format!("  scopes      {}", listed(&client.scopes, "none")),
        format!(
            "  operations  {}",
            listed(&client.operations, "all within its scopes")
        ),
        format!("  permitted   by {basis}"),
        format!("  teams       {}", listed(&client.teams, "none")),
        format!("  networks    {}", listed(&networks, "any")),
        format!(
            "  eligible    {}",
            listed(&client.eligible, "for nothing more")
        ),
        format!(
            "  signs in    {}",
            client
                .oauth
                .as_ref()
                .map_or_else(|| "with API keys".to_owned(), sign_in)
        ),
        format!(
            "  sees        {}",
            if client.sight.reveal {
                "secrets"
            } else {
                "placeholders for secrets"
            }
        ),
        format!("  not seen    {}", listed(&hidden(client), "nothing else")),
        format!(
            "  share       weight {} among {}",
            client.share.weight,
            client.share.priority.word()
        ),
        format!(
            "  budgets     {}",
            listed(&client.budgets.words().collect::<Vec<_>>(), "its org's")
        ),
        format!("  registered  {}", client.created),
    ];
    let times = [
        ("shadow mode until", client.shadow_until),
        ("disabled since", client.disabled),
    ];
    lines.extend(
        times
            .iter()
            .filter_map(|(what, at)| at.map(|at| format!("  {what} {at}"))),
    );
    lines.join("\n")
}

fn sign_in(oauth: &OauthRegistration) -> String {
    let bound = if oauth.dpop_bound {
        ", bound by DPoP"
    } else {
        ""
    };
    let word = way(&oauth.authentication);
    format!("with {word}; tokens of {} min{bound}", oauth.token_minutes)
}

/// As JSON.
pub(crate) fn value(client: &Client) -> Value {
    let networks: Vec<String> = client.networks.iter().map(Network::to_string).collect();
    json!({
        "id": client.id.as_str(),
        "org": client.org.as_str(),
        "name": client.name,
        "scopes": client.scopes,
        "operations": client.operations,
        "teams": client.teams,
        "by_policy": client.basis == Basis::Policies,
        "networks": networks,
        "eligible": client.eligible,
        "shadow_until": client.shadow_until.map(|at| at.to_string()),
        "sign_in": client.oauth.as_ref().map(|oauth| json!({
            "auth": way(&oauth.authentication),
            "keys": keys(&oauth.authentication),
            "dpop": oauth.dpop_bound,
            "token_minutes": oauth.token_minutes,
        })),
        "reveal": client.sight.reveal,
        "hidden": hidden(client),
        "priority": client.share.priority.word(),
        "weight": client.share.weight,
        "budgets": client.budgets.words().collect::<Vec<_>>(),
        "created": client.created.to_string(),
        "disabled": client.disabled.map(|at| at.to_string()),
    })
}

/// The members that are hidden from it, as they are written.
pub(super) fn hidden(client: &Client) -> Vec<String> {
    client.sight.hidden.iter().map(Hidden::to_string).collect()
}

fn way(authentication: &Authentication) -> &'static str {
    match authentication {
        Authentication::PrivateKeyJwt { .. } => "private_key_jwt",
        Authentication::ClientSecretBasic => "client_secret_basic",
        Authentication::ClientSecretPost => "client_secret_post",
        Authentication::TlsClientAuth { .. } => "tls_client_auth",
        Authentication::SelfSignedTlsClientAuth { .. } => "self_signed_tls_client_auth",
    }
}

/// What the client is recognised by; all of it public.
fn keys(authentication: &Authentication) -> Value {
    match authentication {
        Authentication::PrivateKeyJwt { jwks } => serde_json::from_str(jwks).unwrap_or_default(),
        Authentication::TlsClientAuth { subject } => json!(subject),
        Authentication::SelfSignedTlsClientAuth { thumbprint } => json!(thumbprint),
        Authentication::ClientSecretBasic | Authentication::ClientSecretPost => Value::Null,
    }
}
