//! Okta's `filter` and `search` expressions (a subset of SCIM filters, RFC 7644 section 3.4.2.2): parsed, printed, decided.
//!
//! `status eq "ACTIVE" and (profile.department sw "En" or lastUpdated gt "2025-01-01T00:00:00.000Z")`. Texts compare without
//! regard to case, times as instants, lists by any of their elements. It knows no attribute's meaning and never reads a clock.

mod parse;

pub use parse::FilterError;

use jiff::Timestamp;
use serde_json::Value;
use std::cmp::Ordering;
use std::fmt;

/// A filter expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// An attribute compared with a value.
    Compare {
        /// Attribute path, as written.
        attribute: String,
        /// How.
        operator: Operator,
        /// With what.
        value: Literal,
    },
    /// `pr`: the attribute has a value.
    Present(String),
    /// All hold; two or more.
    All(Vec<Filter>),
    /// One holds; two or more.
    Any(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
}

/// How an attribute is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal, or absent.
    Ne,
    /// Contains the text.
    Co,
    /// Starts with the text.
    Sw,
    /// Ends with the text.
    Ew,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
}

/// A value in an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `"text"`, also times.
    Text(String),
    /// `42`, `-1.5`.
    Number(f64),
    /// `true`, `false`.
    Truth(bool),
    /// `null`.
    Null,
}

impl Filter {
    /// Reads an expression. Cost: one pass over the text; nesting is bounded.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::parse(text)
    }

    /// Whether `body` satisfies the expression; attributes are places in it.
    pub fn matches(&self, body: &Value) -> bool {
        self.holds(&|attribute| place(body, attribute))
    }

    /// Whether the expression holds when `values` tells an attribute's values (none: absent).
    pub fn holds<'v>(&self, values: &dyn Fn(&str) -> Vec<&'v Value>) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(values)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(values)),
            Self::Not(part) => !part.holds(values),
            Self::Present(attribute) => values(attribute).iter().any(|value| is_present(value)),
            Self::Compare {
                attribute,
                operator: Operator::Ne,
                value,
            } => !values(attribute)
                .iter()
                .any(|found| compare(found, Operator::Eq, value)),
            Self::Compare {
                attribute,
                operator,
                value,
            } => {
                let found = values(attribute);
                let absent =
                    found.is_empty() && *operator == Operator::Eq && *value == Literal::Null;
                absent || found.iter().any(|found| compare(found, *operator, value))
            }
        }
    }

    /// The values this expression compares `attribute` with by `eq`, wherever they stand in it.
    pub fn equals<'a>(&'a self, attribute: &str) -> Vec<&'a str> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts
                .iter()
                .flat_map(|part| part.equals(attribute))
                .collect(),
            Self::Compare {
                attribute: named,
                operator: Operator::Eq,
                value: Literal::Text(text),
            } if named.eq_ignore_ascii_case(attribute) => {
                vec![text]
            }
            _ => Vec::new(),
        }
    }

    /// Whether the expression names `attribute` anywhere.
    pub fn names(&self, attribute: &str) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.names(attribute)),
            Self::Not(part) => part.names(attribute),
            Self::Present(named)
            | Self::Compare {
                attribute: named, ..
            } => named.eq_ignore_ascii_case(attribute),
        }
    }
}

/// The values at a dotted path; lists on the way are entered.
fn place<'a>(body: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut found = vec![body];
    for name in path.split('.') {
        found = found
            .into_iter()
            .flat_map(elements)
            .filter_map(|value| member(value, name))
            .collect();
    }
    found.into_iter().flat_map(elements).collect()
}

fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        other => vec![other],
    }
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let members = value.as_object()?;
    let other_case = || {
        members
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    };
    members.get(name).or_else(other_case)
}

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    }
}

fn compare(found: &Value, operator: Operator, value: &Literal) -> bool {
    let order = match (found, value) {
        (Value::Null, Literal::Null) => Some(Ordering::Equal),
        (Value::Bool(found), Literal::Truth(value)) => Some(found.cmp(value)),
        (Value::Bool(found), Literal::Text(text)) => {
            Some(found.to_string().as_str().cmp(&text.to_ascii_lowercase()))
        }
        (Value::String(found), Literal::Truth(value)) => {
            Some(found.to_ascii_lowercase().cmp(&value.to_string()))
        }
        (Value::Number(found), Literal::Number(value)) => {
            found.as_f64().and_then(|found| found.partial_cmp(value))
        }
        (Value::Number(found), Literal::Text(text)) => found
            .as_f64()
            .and_then(|found| found.partial_cmp(&text.parse().ok()?)),
        (Value::String(found), Literal::Text(text)) => return compare_text(found, operator, text),
        _ => None,
    };
    order.is_some_and(|order| satisfies(order, operator))
}

fn compare_text(found: &str, operator: Operator, text: &str) -> bool {
    let (found_low, text_low) = (found.to_lowercase(), text.to_lowercase());
    match operator {
        Operator::Co => found_low.contains(&text_low),
        Operator::Sw => found_low.starts_with(&text_low),
        Operator::Ew => found_low.ends_with(&text_low),
        _ => {
            let instants = found
                .parse::<Timestamp>()
                .ok()
                .zip(text.parse::<Timestamp>().ok());
            let order = instants.map_or_else(
                || found_low.cmp(&text_low),
                |(found, text)| found.cmp(&text),
            );
            satisfies(order, operator)
        }
    }
}

fn satisfies(order: Ordering, operator: Operator) -> bool {
    match operator {
        Operator::Eq => order.is_eq(),
        Operator::Ne => order.is_ne(),
        Operator::Gt => order.is_gt(),
        Operator::Ge => order.is_ge(),
        Operator::Lt => order.is_lt(),
        Operator::Le => order.is_le(),
        Operator::Co | Operator::Sw | Operator::Ew => false,
    }
}

impl Operator {
    /// Every operator with its word.
    const WORDS: [(&'static str, Self); 9] = [
        ("eq", Self::Eq),
        ("ne", Self::Ne),
        ("co", Self::Co),
        ("sw", Self::Sw),
        ("ew", Self::Ew),
        ("gt", Self::Gt),
        ("ge", Self::Ge),
        ("lt", Self::Lt),
        ("le", Self::Le),
    ];

    fn word(self) -> &'static str {
        Self::WORDS
            .iter()
            .find(|(_, operator)| *operator == self)
            .map_or("eq", |(word, _)| word)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compare {
                attribute,
                operator,
                value,
            } => write!(f, "{attribute} {} {value}", operator.word()),
            Self::Present(attribute) => write!(f, "{attribute} pr"),
            Self::All(parts) => write_joined(f, parts, " and "),
            Self::Any(parts) => write_joined(f, parts, " or "),
            Self::Not(part) => write!(f, "not ({part})"),
        }
    }
}

fn write_joined(f: &mut fmt::Formatter<'_>, parts: &[Filter], word: &str) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        match part {
            Filter::All(_) | Filter::Any(_) => write!(f, "({part})")?,
            _ => write!(f, "{part}")?,
        }
    }
    Ok(())
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => {
                write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
            }
            Self::Number(number) => write!(f, "{number}"),
            Self::Truth(truth) => write!(f, "{truth}"),
            Self::Null => f.write_str("null"),
        }
    }
}

#[cfg(test)]
mod fuzz;

#[cfg(test)]
mod tests;
