//! One object: its key, its parsed body, and the bytes Okta sent for it.

use crate::Key;
use serde_json::Value;
use std::sync::Arc;

/// An object of an org. `raw` is what Okta sent, kept byte for byte; `body` is the same, parsed.
#[derive(Debug, Clone)]
pub struct Object {
    key: Key,
    body: Value,
    raw: Option<Arc<str>>,
}

impl Object {
    /// An object that was made here, not read from Okta.
    pub fn new(key: Key, body: Value) -> Self {
        Self {
            key,
            body,
            raw: None,
        }
    }

    /// An object as read: `raw` must be JSON.
    pub fn read(key: Key, raw: &str) -> Result<Self, serde_json::Error> {
        Ok(Self {
            key,
            body: serde_json::from_str(raw)?,
            raw: Some(Arc::from(raw)),
        })
    }

    /// Its key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Its body.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// The body, to be changed; what Okta once sent is then no longer this object's text.
    pub fn body_mut(&mut self) -> &mut Value {
        self.raw = None;
        &mut self.body
    }

    /// The bytes to keep: those Okta sent, or the body written out.
    pub fn text(&self) -> Arc<str> {
        self.raw
            .clone()
            .unwrap_or_else(|| Arc::from(self.body.to_string()))
    }

    /// The name people know it by, or its id.
    pub fn title(&self) -> String {
        let title = self.key.kind().facts().identity.title.as_ref();
        title
            .and_then(|at| at.first(&self.body))
            .and_then(Value::as_str)
            .map_or_else(|| self.key.id(), str::to_owned)
    }

    /// A member of the body as text, if it is a string.
    pub fn text_at(&self, member: &str) -> Option<&str> {
        self.body.get(member).and_then(Value::as_str)
    }
}
