//! What an operation can do to an org besides its obvious effect. A class, not a verdict: `access` decides.

use std::fmt;

/// A set of risk flags. The empty set is called `ordinary`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Risk(u8);

impl Risk {
    /// No flag: reads, and writes of everyday objects.
    pub const ORDINARY: Self = Self(0);
    /// Takes something away: deletes, revokes, deactivates, unassigns.
    pub const DESTRUCTIVE: Self = Self(1);
    /// Changes who is trusted or what is allowed: roles, policies, keys, identity providers, zones, hooks.
    pub const PRIVILEGE: Self = Self(2);
    /// Its reply can carry a secret in clear.
    pub const SECRET: Self = Self(4);
    /// Can mail or text a person.
    pub const MAIL: Self = Self(8);
    /// Makes Okta call an address of the caller's choosing.
    pub const CALLOUT: Self = Self(16);

    const NAMED: [(&'static str, Self); 5] = [
        ("destructive", Self::DESTRUCTIVE),
        ("privilege", Self::PRIVILEGE),
        ("secret", Self::SECRET),
        ("mail", Self::MAIL),
        ("callout", Self::CALLOUT),
    ];

    /// The flag of this name, `None` when there is none.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, risk)| *risk)
    }

    /// Whether all flags of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any flag of `other` is set.
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets together.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether no flag is set.
    pub const fn is_ordinary(self) -> bool {
        self.0 == 0
    }

    /// The names of the flags set, in a fixed order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMED
            .into_iter()
            .filter(move |(_, risk)| self.contains(*risk))
            .map(|(name, _)| name)
    }
}

impl fmt::Display for Risk {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_ordinary() {
            return out.write_str("ordinary");
        }
        for (position, name) in self.names().enumerate() {
            if position > 0 {
                out.write_str(", ")?;
            }
            out.write_str(name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Risk;

    #[test]
    fn flags_have_names_and_read_back() {
        let risk = Risk::PRIVILEGE.union(Risk::DESTRUCTIVE);
        assert_eq!(risk.to_string(), "destructive, privilege");
        let again = risk
            .names()
            .filter_map(Risk::named)
            .fold(Risk::ORDINARY, Risk::union);
        assert_eq!(again, risk);
        assert_eq!(Risk::ORDINARY.to_string(), "ordinary");
        assert_eq!(Risk::named("harmless"), None);
    }
}
