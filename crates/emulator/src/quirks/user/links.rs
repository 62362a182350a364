//! What a user can be led to next, by state (as recorded): links of single answers; lists carry `self` alone.

use super::status;
use crate::member;
use crate::{Context, links};
use org::Object;
use serde_json::{Map, Value, json};

/// Links of a user answered alone.
pub(super) fn of(ctx: &Context<'_>, user: &Object) -> Value {
    let item = links::item_path(user.key());
    let mut all = Map::new();
    let mut act = |rel: &str, path: &str| {
        let href = format!("{}{item}/{path}", ctx.world.base_url);
        all.insert(rel.to_owned(), json!({"href": href, "method": "POST"}));
    };
    let has_password = user
        .body()
        .get("credentials")
        .is_some_and(|c| c.get("password").is_some());
    match status(user) {
        "STAGED" => act("activate", "lifecycle/activate"),
        "DEPROVISIONED" => {
            act("activate", "lifecycle/activate");
            let href = format!("{}{item}", ctx.world.base_url);
            all.insert(
                "delete".to_owned(),
                json!({"href": href, "method": "DELETE"}),
            );
        }
        "SUSPENDED" => {
            act("unsuspend", "lifecycle/unsuspend");
            act("deactivate", "lifecycle/deactivate");
        }
        state => {
            act("suspend", "lifecycle/suspend");
            act("resetPassword", "lifecycle/reset_password");
            act("deactivate", "lifecycle/deactivate");
            match state {
                "PROVISIONED" | "RECOVERY" => act("reactivate", "lifecycle/reactivate"),
                "LOCKED_OUT" => act("unlock", "lifecycle/unlock"),
                _ => {}
            }
            if has_password {
                let question = user.body().pointer("/credentials/recovery_question");
                if question.is_some() || ctx.world.edition.has("recovery-without-question") {
                    act("forgotPassword", "credentials/forgot_password");
                }
                act("expirePassword", "lifecycle/expire_password");
                act(
                    "changeRecoveryQuestion",
                    "credentials/change_recovery_question",
                );
                act("changePassword", "credentials/change_password");
            }
        }
    }
    let href = format!("{}{item}/lifecycle/reset_factors", ctx.world.base_url);
    all.insert(
        "resetFactors".to_owned(),
        json!({"href": href, "method": "POST"}),
    );
    all.insert("self".to_owned(), links::to(ctx, &item, &[]));
    if let Some(id) = member::text(user.body(), "type.id") {
        let schema = super::super::schema::id_of(id);
        all.insert(
            "schema".to_owned(),
            links::to(ctx, &format!("/api/v1/meta/schemas/user/{schema}"), &[]),
        );
        all.insert(
            "type".to_owned(),
            links::to(ctx, &format!("/api/v1/meta/types/user/{id}"), &[]),
        );
    }
    Value::Object(all)
}

/// Links of a user in a list.
pub(super) fn short(ctx: &Context<'_>, user: &Object) -> Value {
    json!({"self": links::to(ctx, &links::item_path(user.key()), &[])})
}
