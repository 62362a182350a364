//! The data files that correct and colour the catalog's shapes: `okta/overlay.toml`, `okta/slots.toml`, `okta/sensitive.toml`.
//! Read once; a file that does not read is a test that fails, never a gate that opens.

use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;

use catalog::{Property, Type};
use serde::Deserialize;

use crate::Slot;
use crate::glob::Patterns;

const OVERLAY: &str = include_str!("../../../okta/overlay.toml");
const SLOTS: &str = include_str!("../../../okta/slots.toml");
const SENSITIVE: &str = include_str!("../../../okta/sensitive.toml");

static ALL: LazyLock<Data> =
    LazyLock::new(|| Data::read(OVERLAY, SLOTS, SENSITIVE).unwrap_or_default());

/// All three files.
#[derive(Debug, Default)]
pub(crate) struct Data {
    /// Corrected members by shape.
    corrected: HashMap<String, Vec<Property>>,
    open: BTreeSet<String>,
    bodies: HashMap<String, Vec<Type>>,
    /// Names that Okta publishes with a slip of the pen.
    slips: BTreeSet<String>,
    /// Slots by rule, and the rules by what they fit.
    slots: Vec<Slot>,
    names: Patterns<usize>,
    formats: Patterns<usize>,
    fields: Patterns<usize>,
    sensitive: Patterns<()>,
    /// Names of members that give power, bare.
    privileged: BTreeSet<String>,
}

/// One class of places that give power.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Class {
    #[serde(rename = "name")]
    _name: String,
    #[serde(rename = "why")]
    _why: String,
    fields: Vec<String>,
    /// Names refused where the catalog knows no such member.
    members: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SlotRule {
    slot: Slot,
    #[serde(default)]
    formats: Vec<String>,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    fields: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Overlay {
    #[serde(default)]
    correction: Vec<Correction>,
    #[serde(default)]
    open: Vec<Open>,
    #[serde(default)]
    body: Vec<BodyOf>,
    #[serde(default)]
    slip: Vec<Slip>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Slip {
    names: Vec<String>,
    #[serde(rename = "why")]
    _why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Correction {
    field: String,
    /// One of these.
    is: Vec<String>,
    #[serde(rename = "why")]
    _why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    shape: String,
    #[serde(rename = "why")]
    _why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BodyOf {
    operation: String,
    is: Vec<String>,
    #[serde(rename = "why")]
    _why: String,
}

/// The files' contents.
pub(crate) fn data() -> &'static Data {
    &ALL
}

impl Data {
    fn read(overlay: &str, slots: &str, sensitive: &str) -> Result<Self, toml::de::Error> {
        #[derive(Deserialize)]
        struct Slots {
            rule: Vec<SlotRule>,
        }
        #[derive(Deserialize)]
        struct Sensitive {
            class: Vec<Class>,
        }
        let overlay: Overlay = toml::from_str(overlay)?;
        let mut data = Self {
            open: overlay.open.into_iter().map(|open| open.shape).collect(),
            ..Self::default()
        };
        for rule in toml::from_str::<Slots>(slots)?.rule {
            let number = data.slots.len();
            data.slots.push(rule.slot);
            rule.names
                .iter()
                .for_each(|name| data.names.add(name, number));
            rule.formats
                .iter()
                .for_each(|format| data.formats.add(format, number));
            rule.fields
                .iter()
                .for_each(|field| data.fields.add(field, number));
        }
        for class in toml::from_str::<Sensitive>(sensitive)?.class {
            class
                .fields
                .iter()
                .for_each(|field| data.sensitive.add(field, ()));
            data.privileged
                .extend(class.members.iter().map(|member| bare(member)));
        }
        // Names live as long as the program, as those of the catalog do: some kilobytes, read once.
        for correction in overlay.correction {
            if let Some((shape, member)) = correction.field.rsplit_once(MEMBER) {
                let name: &'static str = member.to_owned().leak();
                let read = correction
                    .is
                    .into_iter()
                    .map(|is| Property::read(name, is.leak()));
                data.corrected
                    .entry(shape.to_owned())
                    .or_default()
                    .extend(read);
            }
        }
        for body in overlay.body {
            let read = body
                .is
                .into_iter()
                .map(|is| Property::read("", is.leak()).value);
            data.bodies.insert(body.operation, read.collect());
        }
        data.slips
            .extend(overlay.slip.into_iter().flat_map(|slip| slip.names));
        Ok(data)
    }

    /// Members of a shape as they really are.
    pub(crate) fn corrections(&self, shape: &str) -> &[Property] {
        self.corrected.get(shape).map_or(&[], Vec::as_slice)
    }

    /// Whether others than Okta name the members of a shape.
    pub(crate) fn is_open(&self, shape: &str) -> bool {
        self.open.contains(shape)
    }

    /// What an operation's body really is: one of these.
    pub(crate) fn body(&self, operation: &str) -> Option<&[Type]> {
        self.bodies.get(operation).map(Vec::as_slice)
    }

    /// Whether this is a name as Okta's documents misspell it.
    pub(crate) fn is_slip(&self, name: &str) -> bool {
        self.slips.contains(name)
    }

    /// What a string of this member is for: the first rule that fits decides.
    pub(crate) fn slot(&self, shape: &str, member: &str, format: &str) -> Slot {
        let field = format!("{shape}.{member}");
        let by_format = (!format.is_empty()).then(|| self.formats.fitting(format));
        let fitting = self
            .names
            .fitting(member)
            .chain(self.fields.fitting(&field))
            .chain(by_format.into_iter().flatten());
        let first = fitting.min().and_then(|rule| self.slots.get(rule));
        first.copied().unwrap_or(Slot::FreeText)
    }

    /// Whether a field gives power.
    pub(crate) fn is_sensitive(&self, shape: &str, member: &str) -> bool {
        let field = format!("{shape}.{member}");
        self.sensitive.fitting(&field).next().is_some()
    }

    /// Whether a member that the catalog does not know would give power, by its name alone, however it is spelt.
    pub(crate) fn is_privileged(&self, member: &str) -> bool {
        self.privileged.contains(&bare(member))
    }
}

/// A name without case and punctuation: `redirect_uris` and `redirectUris` are one.
fn bare(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// What stands between a shape and its member.
const MEMBER: char = '.';

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_read() {
        let data = Data::read(OVERLAY, SLOTS, SENSITIVE).unwrap();
        assert!(data.slots.len() > 10 && data.privileged.len() > 30);
    }

    #[test]
    fn corrections_name_shapes_and_operations_that_exist() {
        let data = data();
        let shapes = data.corrected.keys().chain(&data.open);
        for shape in shapes {
            assert!(catalog::shapes().by_name(shape).is_some(), "{shape}");
        }
        let types = data
            .corrected
            .values()
            .flatten()
            .map(|property| &property.value);
        let named = types.chain(data.bodies.values().flatten());
        for shape in named.filter_map(Type::shape_name) {
            assert!(catalog::shapes().by_name(shape).is_some(), "{shape}");
        }
        for operation in data.bodies.keys() {
            assert!(
                catalog::operations().by_id(operation).is_some(),
                "{operation}"
            );
        }
    }

    #[test]
    fn members_are_told_apart_by_what_they_are_for() {
        let data = data();
        for (shape, member, format, slot) in [
            ("UserProfile", "login", "", Slot::Login),
            ("UserProfile", "title", "", Slot::FreeText),
            ("UserProfile", "secondEmail", "email", Slot::Email),
            ("EventHookChannelConfig", "uri", "", Slot::Callout),
            ("Group", "id", "", Slot::Identifier),
            ("PasswordCredential", "value", "password", Slot::Secret),
            ("GroupRuleExpression", "value", "", Slot::Expression),
        ] {
            assert_eq!(data.slot(shape, member, format), slot, "{shape}.{member}");
        }
        assert!(
            data.is_privileged("grantTypes")
                && data.is_privileged("ROLES")
                && !data.is_privileged("rolex")
        );
    }
}
