//! Log streams: the receiver's token is taken and never shown again.

use super::{Change, Quirk};
use crate::{Call, Context, Error};
use serde_json::Value;

pub(crate) const QUIRK: Quirk = Quirk {
    shape: Some(shape),
    ..Quirk::NONE
};

fn shape(_: &mut Context<'_>, _: &Call, change: &mut Change) -> Result<(), Error> {
    if let Some(settings) = change
        .new
        .get_mut("settings")
        .and_then(Value::as_object_mut)
    {
        settings.shift_remove("token");
    }
    Ok(())
}
