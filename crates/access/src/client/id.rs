//! What a client is called in the state, in the trail and by other rows: never its name, which people choose.

use std::fmt;
use std::sync::Arc;

/// Identity of a client: `cli` and 16 letters or digits; `job:` and a name for the product's own jobs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClientId(Arc<str>);

impl ClientId {
    /// Takes an id as typed; whether there is such a client is for the keyring to say.
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    pub(crate) fn internal(job: &str) -> Self {
        Self(format!("job:{job}").into())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
