//! The weak entity tag of a user, and `If-Match`.

use crate::{Call, Error};
use org::Object;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The tag of a user as it is now.
pub(super) fn of(user: &Object) -> String {
    let mut hasher = DefaultHasher::new();
    user.text().hash(&mut hasher);
    format!("W/\"{:016x}\"", hasher.finish())
}

/// Refuses a write that names another version of the user.
pub(super) fn require(call: &Call, user: &Object) -> Result<(), Error> {
    let Some(wanted) = call.header("if-match") else {
        return Ok(());
    };
    let wanted = wanted.trim();
    if !wanted.starts_with("W/\"") && !wanted.starts_with('"') {
        return Err(Error::new("E0000242"));
    }
    let opaque = |tag: &str| tag.trim_start_matches("W/").to_owned();
    if opaque(wanted) == opaque(&of(user)) {
        Ok(())
    } else {
        Err(Error::new("E0000231"))
    }
}
