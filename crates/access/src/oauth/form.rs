//! Forms as the endpoints take them (`application/x-www-form-urlencoded`), read strictly: one text, one meaning.
//!
//! A parameter that comes twice is refused whatever its values (RFC 6749 section 3.2), one without a value counts as absent (the
//! same section), and an escape that is none is refused, not guessed at. Values may be secrets, so none is ever shown.

use store::Secret;

use crate::limits::{FORM_BYTES_MAX, FORM_FIELDS_MAX};

/// The parameters of one request.
#[derive(Debug, Default)]
pub struct Form {
    fields: Vec<(String, Secret<String>)>,
}

/// Why a body is no form that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadForm {
    /// Longer than a form may be.
    #[error("form is longer than {FORM_BYTES_MAX} bytes")]
    TooLong,
    /// More parameters than a form may have.
    #[error("form has more than {FORM_FIELDS_MAX} parameters")]
    TooMany,
    /// Not percent-encoded UTF-8.
    #[error("form is not percent-encoded UTF-8")]
    Encoding,
    /// A parameter that comes twice.
    #[error("a parameter comes twice")]
    Repeated,
}

impl BadForm {
    /// What is wrong, as one stable word for the trail.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::TooLong | Self::TooMany => "form_too_large",
            Self::Encoding => "unreadable_form",
            Self::Repeated => "repeated_parameter",
        }
    }

    /// What to do next, as a full sentence.
    pub fn hint(self) -> &'static str {
        match self {
            Self::TooLong | Self::TooMany => "Send only the parameters of the grant.",
            Self::Encoding => "Encode the form as application/x-www-form-urlencoded in UTF-8.",
            Self::Repeated => "Send every parameter once.",
        }
    }
}

impl Form {
    /// Reads a body.
    ///
    /// # Errors
    /// [`BadForm`].
    pub fn read(body: &[u8]) -> Result<Self, BadForm> {
        if body.len() > FORM_BYTES_MAX {
            return Err(BadForm::TooLong);
        }
        let text = std::str::from_utf8(body).map_err(|_| BadForm::Encoding)?;
        let mut fields: Vec<(String, Secret<String>)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name).ok_or(BadForm::Encoding)?;
            let value = decoded(value).ok_or(BadForm::Encoding)?;
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(BadForm::Repeated);
            }
            if fields.len() == FORM_FIELDS_MAX {
                return Err(BadForm::TooMany);
            }
            fields.push((name, Secret::new(value)));
        }
        Ok(Self { fields })
    }

    /// The value of a parameter; one without a value is absent.
    pub fn value(&self, name: &str) -> Option<&str> {
        let (_, value) = self.fields.iter().find(|(known, _)| known == name)?;
        Some(value.expose().as_str()).filter(|value| !value.is_empty())
    }
}

/// The text that a part of a form stands for; `None` when an escape is broken or the bytes are no UTF-8.
pub(crate) fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: u8) -> Option<u8> {
    let value = char::from(byte).to_digit(16)?;
    u8::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(text: &str) -> String {
        text.bytes().map(|byte| format!("%{byte:02X}")).collect()
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_read_back(name in "[a-z_]{1,12}", value in "\\PC{1,40}") {
            let body = format!("{}={}", encoded(&name), encoded(&value));
            let form = Form::read(body.as_bytes()).unwrap();
            prop_assert_eq!(form.value(&name), Some(value.as_str()));
        }

        #[test]
        fn no_bytes_are_a_surprise(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Form::read(&body);
        }
    }

    #[test]
    fn a_parameter_comes_once_and_without_a_value_not_at_all() {
        let form = Form::read(b"grant_type=client_credentials&scope=&x&&a=b%20c+d").unwrap();
        assert_eq!(form.value("grant_type"), Some("client_credentials"));
        assert_eq!(
            (form.value("scope"), form.value("x"), form.value("y")),
            (None, None, None)
        );
        assert_eq!(form.value("a"), Some("b c d"));
        for twice in ["a=1&a=2", "a=1&a=1", "a=&a=1", "a=1&%61=1"] {
            assert_eq!(
                Form::read(twice.as_bytes()).unwrap_err(),
                BadForm::Repeated,
                "{twice}"
            );
        }
    }

    #[test]
    fn broken_escapes_and_endless_forms_are_refused() {
        for broken in [&b"a=%"[..], b"a=%4", b"a=%zz", b"%=1", b"a=%ff", b"a=\xff"] {
            assert_eq!(
                Form::read(broken).unwrap_err(),
                BadForm::Encoding,
                "{broken:?}"
            );
        }
        let many: Vec<String> = (0..=FORM_FIELDS_MAX).map(|at| format!("p{at}=1")).collect();
        assert_eq!(
            Form::read(many.join("&").as_bytes()).unwrap_err(),
            BadForm::TooMany
        );
        let long = vec![b'a'; FORM_BYTES_MAX + 1];
        assert_eq!(Form::read(&long).unwrap_err(), BadForm::TooLong);
    }

    #[test]
    fn values_are_never_shown() {
        let form = Form::read(b"client_secret=pcl_verysecret").unwrap();
        assert!(!format!("{form:?}").contains("verysecret"));
    }
}
