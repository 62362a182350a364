//! Push providers: the key for Apple's or Google's service is taken and never shown again.

use super::{Change, Quirk};
use crate::member;
use crate::{Call, Context, Error};
use serde_json::{Value, json};

pub(crate) const QUIRK: Quirk = Quirk {
    check: Some(check),
    shape: Some(shape),
    ..Quirk::NONE
};

fn check(_: &Context<'_>, _: &Call, change: &Change) -> Result<(), Error> {
    let missing: Vec<&str> = ["providerType", "configuration"]
        .into_iter()
        .filter(|member| change.given.get(member).is_none_or(Value::is_null))
        .collect();
    match missing.first() {
        Some(first) if change.old.is_none() => Err(Error::invalid(
            first,
            missing
                .iter()
                .map(|member| format!("{member}: The field cannot be left blank")),
        )),
        _ => Ok(()),
    }
}

fn shape(ctx: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    let now = ctx.stamp();
    member::set(&mut change.new, "lastUpdatedDate", json!(now));
    let Some(configuration) = change
        .new
        .get_mut("configuration")
        .and_then(Value::as_object_mut)
    else {
        return Ok(());
    };
    configuration.shift_remove("tokenSigningKey");
    if let Some(account) = configuration.shift_remove("serviceAccountJson") {
        configuration.insert(
            "projectId".to_owned(),
            account.get("project_id").cloned().unwrap_or_default(),
        );
    }
    Ok(())
}
