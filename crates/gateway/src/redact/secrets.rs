//! Which properties are secrets: `okta/secrets.toml`, read once.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

const WRITTEN: &str = include_str!("../../../../okta/secrets.toml");

static ALL: LazyLock<Secrets> = LazyLock::new(|| {
    // A test reads the file, so that it can be read is certain.
    let written: Option<Written> = toml::from_str(WRITTEN).ok();
    written.map(Secrets::settle).unwrap_or_default()
});

/// One secret, by its number in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct SecretId(u16);

/// What the file says.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    /// By number; behind those of the file, one for each name that is a secret anywhere.
    secrets: Vec<Secret>,
    /// By shape and property.
    places: HashMap<String, HashMap<String, SecretId>>,
    /// Names that are secrets anywhere.
    names: HashMap<String, SecretId>,
    lengths: u64,
}

/// One secret.
#[derive(Debug)]
pub(super) struct Secret {
    /// What it is.
    pub(super) name: String,
    /// Okta shows it in the answer that makes it, and has no property to give it back to.
    pub(super) once: bool,
}

/// The file's secrets.
pub(super) fn secrets() -> &'static Secrets {
    &ALL
}

impl Secrets {
    /// The secret of this number.
    pub(super) fn get(&self, id: SecretId) -> Option<&Secret> {
        self.secrets.get(usize::from(id.0))
    }

    /// The secret that a property of a shape is.
    pub(super) fn at(&self, shape: &str, property: &str) -> Option<SecretId> {
        self.places.get(shape)?.get(property).copied()
    }

    /// The secret that a member of this name is, wherever it stands. Most names are told by their length.
    pub(super) fn named(&self, name: &str) -> Option<SecretId> {
        if self.lengths & bit(name)? == 0 {
            return None;
        }
        self.names.get(name).copied()
    }

    fn settle(written: Written) -> Self {
        let mut all = Self::default();
        for secret in written.secret {
            let Some(id) = all.add(secret.name, secret.once) else {
                break;
            };
            for (shape, property) in secret.at.iter().filter_map(|at| at.rsplit_once('.')) {
                let shape = all.places.entry(shape.to_owned()).or_default();
                shape.insert(property.to_owned(), id);
            }
        }
        for name in written.anywhere.names {
            let Some(id) = all.add(name.clone(), false) else {
                break;
            };
            all.lengths |= bit(&name).unwrap_or(0);
            all.names.insert(name, id);
        }
        all
    }

    fn add(&mut self, name: String, once: bool) -> Option<SecretId> {
        let id = SecretId(u16::try_from(self.secrets.len()).ok()?);
        self.secrets.push(Secret { name, once });
        Some(id)
    }
}

/// One bit for the length of a name; `None` beyond 63.
fn bit(name: &str) -> Option<u64> {
    1_u64.checked_shl(u32::try_from(name.len()).ok()?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    secret: Vec<WrittenSecret>,
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "the test of totality reads it"))]
    exempt: Vec<WrittenExemption>,
    #[cfg_attr(not(test), expect(dead_code, reason = "the test of totality reads it"))]
    look: Look,
    anywhere: Anywhere,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSecret {
    name: String,
    #[serde(default)]
    once: bool,
    at: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(test), expect(dead_code, reason = "the test of totality reads it"))]
struct WrittenExemption {
    why: String,
    at: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(not(test), expect(dead_code, reason = "the test of totality reads it"))]
struct Look {
    pieces: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Anywhere {
    names: Vec<String>,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use catalog::{Shape, Type};

    fn written() -> Written {
        toml::from_str(WRITTEN).unwrap()
    }

    fn holds_text(value: &Type) -> bool {
        match value {
            Type::Text(_) | Type::Any | Type::Object => true,
            Type::List(inner) | Type::Map(inner) => holds_text(inner),
            _ => false,
        }
    }

    #[test]
    fn every_property_that_looks_like_a_secret_is_one_or_is_exempt_for_a_reason() {
        let written = written();
        let listed: HashSet<&str> = written
            .secret
            .iter()
            .flat_map(|secret| secret.at.iter().map(String::as_str))
            .collect();
        let exempt: HashSet<&str> = written
            .exempt
            .iter()
            .flat_map(|exemption| exemption.at.iter().map(String::as_str))
            .collect();
        let mut missing = Vec::new();
        let mut seen = 0;
        for shape in catalog::shapes().iter() {
            for property in shape
                .properties
                .iter()
                .filter(|property| holds_text(&property.value))
            {
                let lower = property.name.to_lowercase();
                if !written
                    .look
                    .pieces
                    .iter()
                    .any(|piece| lower.contains(piece))
                {
                    continue;
                }
                seen += 1;
                let place = format!("{}.{}", shape.name, property.name);
                let anywhere = format!("*.{}", property.name);
                let known = listed.contains(&*place)
                    || exempt.contains(&*place)
                    || exempt.contains(&*anywhere);
                if !known {
                    missing.push(place);
                }
            }
        }
        missing.sort_unstable();
        assert!(
            missing.is_empty(),
            "neither listed nor exempt in okta/secrets.toml: {missing:?}"
        );
        assert!(seen > 100, "{seen}");
        assert!(
            written
                .exempt
                .iter()
                .all(|exemption| exemption.why.len() > 20)
        );
    }

    #[test]
    fn what_is_listed_exists_and_is_listed_once() {
        let written = written();
        let mut seen = HashSet::new();
        let all = written
            .secret
            .iter()
            .flat_map(|secret| secret.at.iter().map(String::as_str));
        let all = all.chain(
            written
                .exempt
                .iter()
                .flat_map(|exemption| exemption.at.iter().map(String::as_str)),
        );
        for place in all {
            assert!(seen.insert(place.to_owned()), "{place} twice");
            let (shape, property) = place.rsplit_once('.').unwrap();
            let of = |shape: &Shape| shape.property(property).is_some();
            let exists = match shape {
                "*" => catalog::shapes().iter().any(of),
                name => catalog::shapes().by_name(name).is_some_and(of),
            };
            assert!(exists, "{place} is in no document");
        }
        for secret in &written.secret {
            assert!(!secret.at.is_empty(), "{}", secret.name);
        }
    }

    #[test]
    fn names_are_told_apart_whatever_their_length() {
        let named = |name: &str| secrets().named(name).is_some();
        assert!(named("client_secret") && named("activationUrl"));
        assert!(
            !named("client_secreT")
                && !named("")
                && !named(&"x".repeat(64))
                && !named(&"x".repeat(300))
        );
    }
}
