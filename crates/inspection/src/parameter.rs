//! Path and query parameters against the catalog. Never the body.

use crate::{Notes, Subject};

/// Notes what is wrong with the parameters of a call.
pub(crate) fn judge(subject: &Subject<'_>, notes: &mut Notes<'_>) {
    let _ = (subject, notes);
}
