//! What a recorded message carried: nothing, JSON, text or bytes. Never guesses a type that the recording does not state.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// A recorded body.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Body {
    /// None was sent, or it was not recorded.
    #[default]
    Absent,
    /// JSON that is not a lone string.
    Json(Value),
    /// Any other text (a form, XML).
    Text(String),
    /// Anything else.
    Bytes(Vec<u8>),
}

impl Body {
    /// From the recording's notation: JSON, a string for text, a string with `base64:` for bytes.
    pub(super) fn from_notation(value: Value) -> Self {
        match value {
            Value::Null => Self::Absent,
            Value::String(text) => match text
                .strip_prefix("base64:")
                .map(|packed| STANDARD.decode(packed))
            {
                Some(Ok(bytes)) => Self::Bytes(bytes),
                _ if text.is_empty() => Self::Absent,
                _ => Self::Text(text),
            },
            other => Self::Json(other),
        }
    }

    /// The JSON, if it is JSON.
    pub fn json(&self) -> Option<&Value> {
        match self {
            Self::Json(value) => Some(value),
            _ => None,
        }
    }

    /// Whether nothing was recorded.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}
