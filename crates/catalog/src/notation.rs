//! The compact notation of the committed index for what a value is, read into values.
//!
//! `string` `string:date-time` `integer` `number` `boolean` `object` `any` · `#User` (a shape) · `[#User]` (a list) ·
//! `{string}` (a map) · `enum(ACTIVE|INACTIVE)`; after a space, flags: `!` required, `r` read-only, `w` write-only,
//! `n` nullable, `d` deprecated. `cargo xtask catalog` writes it; nothing else does.

/// What a value is. A hint, not a validator: Okta's real answers deviate from its documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// Anything, or several things the document does not tell apart.
    Any,
    /// A string, with the document's format or `""`.
    Text(&'static str),
    /// An integer.
    Integer,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// An object of which nothing more is said.
    Object,
    /// A string out of a documented list, which real answers exceed.
    Enum(Vec<&'static str>),
    /// An object described by the shape of this name.
    Shape(&'static str),
    /// A list of such values.
    List(Box<Self>),
    /// An object with any member names and such values.
    Map(Box<Self>),
}

impl Type {
    /// Reads the notation, without flags. What it cannot read is `Any`.
    pub(crate) fn read(text: &'static str) -> Self {
        let inside = |open, close| {
            text.strip_prefix(open)
                .and_then(|rest: &'static str| rest.strip_suffix(close))
        };
        if let Some(item) = inside("[", "]") {
            return Self::List(Box::new(Self::read(item)));
        }
        if let Some(value) = inside("{", "}") {
            return Self::Map(Box::new(Self::read(value)));
        }
        if let Some(values) = inside("enum(", ")") {
            return Self::Enum(values.split('|').collect());
        }
        if let Some(name) = text.strip_prefix('#') {
            return Self::Shape(name);
        }
        match text.split_once(':').unwrap_or((text, "")) {
            ("string", format) => Self::Text(format),
            ("integer", _) => Self::Integer,
            ("number", _) => Self::Number,
            ("boolean", _) => Self::Boolean,
            ("object", _) => Self::Object,
            _ => Self::Any,
        }
    }

    /// The shape this value is, or that its items or members are.
    pub fn shape_name(&self) -> Option<&'static str> {
        match self {
            Self::Shape(name) => Some(name),
            Self::List(inner) | Self::Map(inner) => inner.shape_name(),
            _ => None,
        }
    }
}

/// One property of a shape.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Property {
    /// Member name in JSON.
    pub name: &'static str,
    /// What its value is.
    pub value: Type,
    /// The document calls it required.
    pub required: bool,
    /// Okta sets it; sent values are ignored.
    pub read_only: bool,
    /// Okta never returns it.
    pub write_only: bool,
    /// The document allows `null`.
    pub nullable: bool,
    /// Okta advises against it.
    pub deprecated: bool,
}

impl Property {
    /// Reads the notation with flags; what it cannot read is [`Type::Any`] without flags.
    pub fn read(name: &'static str, text: &'static str) -> Self {
        let (value, flags) = split_flags(text);
        let set = |flag: char| flags.contains(flag);
        Self {
            name,
            value: Type::read(value),
            required: set('!'),
            read_only: set('r'),
            write_only: set('w'),
            nullable: set('n'),
            deprecated: set('d'),
        }
    }
}

/// Notation and flags; an enum may have spaces inside, so flags must be nothing but flags.
fn split_flags(text: &'static str) -> (&'static str, &'static str) {
    match text.rsplit_once(' ') {
        Some((value, flags)) if flags.chars().all(|flag| "!rwnd".contains(flag)) => (value, flags),
        _ => (text, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::{Property, Type};

    #[test]
    fn notation_reads_into_values() {
        assert_eq!(Type::read("string:date-time"), Type::Text("date-time"));
        assert_eq!(
            Type::read("[{#Link}]"),
            Type::List(Box::new(Type::Map(Box::new(Type::Shape("Link")))))
        );
        assert_eq!(Type::read("[{#Link}]").shape_name(), Some("Link"));
        assert_eq!(
            Type::read("enum(PT1H|a b)"),
            Type::Enum(vec!["PT1H", "a b"])
        );
        assert_eq!(Type::read("any"), Type::Any);
    }

    #[test]
    fn flags_follow_a_space() {
        let property = Property::read("status", "enum(OLD|BRAND NEW) !rn");
        assert_eq!(property.value, Type::Enum(vec!["OLD", "BRAND NEW"]));
        assert!(property.required && property.read_only && property.nullable);
        assert!(!property.write_only && !property.deprecated);
        let bare = Property::read("status", "enum(OLD|BRAND NEW)");
        assert_eq!((bare.value, bare.required), (property.value, false));
    }
}
