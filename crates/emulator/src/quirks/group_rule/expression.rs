//! The part of Okta's expression language that group rules of real orgs use: comparisons of profile attributes, texts,
//! membership tests, `and`/`or`/`not`. Anything else is not understood, which is no error.

use crate::Context;
use org::Object;
use serde_json::Value;

/// An expression that was understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Any(Vec<Expression>),
    All(Vec<Expression>),
    Not(Box<Expression>),
    Equal(Box<Expression>, Box<Expression>, bool),
    Function(String, Vec<Expression>),
    Attribute(String),
    Value(Value),
}

impl Expression {
    /// Reads an expression; nothing if it is not understood.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let tokens = tokens(text)?;
        let mut reader = Reader {
            tokens: &tokens,
            at: 0,
            depth: 0,
        };
        let expression = reader.any()?;
        (reader.at == tokens.len()).then_some(expression)
    }

    /// Whether it holds of `user`.
    pub(super) fn holds(&self, ctx: &Context<'_>, user: &Object) -> bool {
        self.value(ctx, user) == Some(Value::Bool(true))
    }

    fn value(&self, ctx: &Context<'_>, user: &Object) -> Option<Value> {
        Some(match self {
            Self::Value(value) => value.clone(),
            Self::Attribute(name) => attribute(user, name),
            Self::Any(parts) => Value::Bool(parts.iter().any(|part| part.holds(ctx, user))),
            Self::All(parts) => Value::Bool(parts.iter().all(|part| part.holds(ctx, user))),
            Self::Not(part) => Value::Bool(!part.holds(ctx, user)),
            Self::Equal(left, right, wanted) => {
                Value::Bool(same(&left.value(ctx, user)?, &right.value(ctx, user)?) == *wanted)
            }
            Self::Function(name, arguments) => {
                let arguments: Option<Vec<Value>> =
                    arguments.iter().map(|a| a.value(ctx, user)).collect();
                call(ctx, user, name, &arguments?)?
            }
        })
    }
}

fn attribute(user: &Object, name: &str) -> Value {
    let profile = user.body().get("profile");
    let found = profile
        .and_then(|p| p.get(name))
        .or_else(|| user.body().get(name));
    found.cloned().unwrap_or(Value::Null)
}

/// Okta compares texts exactly, and an absent attribute equals the empty text and `null`.
fn same(left: &Value, right: &Value) -> bool {
    let empty = |value: &Value| value.is_null() || value.as_str() == Some("");
    left == right || (empty(left) && empty(right)) || text(left) == text(right)
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn call(ctx: &Context<'_>, user: &Object, name: &str, arguments: &[Value]) -> Option<Value> {
    let argument = |at: usize| arguments.get(at).map(text);
    let present = |at: usize| arguments.get(at).is_some_and(|value| !value.is_null());
    Some(match name {
        "String.stringContains" => Value::Bool(present(0) && argument(0)?.contains(&argument(1)?)),
        "String.startsWith" => Value::Bool(present(0) && argument(0)?.starts_with(&argument(1)?)),
        "String.toUpperCase" => Value::String(argument(0)?.to_uppercase()),
        "String.toLowerCase" => Value::String(argument(0)?.to_lowercase()),
        "String.len" => Value::from(argument(0)?.chars().count()),
        "Arrays.contains" => {
            let (list, wanted) = (arguments.first()?, arguments.get(1)?);
            Value::Bool(list.as_array().is_some_and(|list| list.contains(wanted)))
        }
        "isMemberOfGroup" | "isMemberOfAnyGroup" => Value::Bool(
            arguments
                .iter()
                .any(|id| is_member(ctx, user, &|group| group.key().id() == text(id))),
        ),
        "isMemberOfGroupName" => {
            Value::Bool(is_member(ctx, user, &|g| Some(g.title()) == argument(0)))
        }
        "isMemberOfGroupNameStartsWith" => Value::Bool(is_member(ctx, user, &|g| {
            argument(0).is_some_and(|start| g.title().starts_with(&start))
        })),
        "isMemberOfGroupNameContains" => Value::Bool(is_member(ctx, user, &|g| {
            argument(0).is_some_and(|part| g.title().contains(&part))
        })),
        "isMemberOfGroupNameRegex" => {
            let pattern = regex::RegexBuilder::new(&format!("^(?:{})$", argument(0)?))
                .size_limit(REGEX_BYTES_MAX)
                .build()
                .ok()?;
            Value::Bool(is_member(ctx, user, &|group| {
                pattern.is_match(&group.title())
            }))
        }
        _ => return None,
    })
}

fn is_member(ctx: &Context<'_>, user: &Object, wanted: &dyn Fn(&Object) -> bool) -> bool {
    let id = user.key().id();
    ctx.all("group").iter().any(|group| {
        wanted(group)
            && ctx
                .named("group-membership", &[&group.key().id(), &id])
                .is_some()
    })
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Number(f64),
    Sign(&'static str),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
        let taken = if first == '"' || first == '\'' {
            let inner = rest.get(1..)?;
            let end = inner.find(first)?;
            tokens.push(Token::Text(inner.get(..end)?.to_owned()));
            end + 2
        } else if let Some(sign) = sign {
            tokens.push(Token::Sign(sign));
            sign.len()
        } else {
            let end = rest
                .find(|c: char| !(c.is_alphanumeric() || c == '.' || c == '_'))
                .unwrap_or(rest.len());
            let word = rest.get(..end).filter(|word| !word.is_empty())?;
            tokens.push(
                word.parse()
                    .map_or_else(|_| Token::Word(word.to_owned()), Token::Number),
            );
            end
        };
        rest = rest.get(taken..)?.trim_start();
    }
    Some(tokens)
}

struct Reader<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn any(&mut self) -> Option<Expression> {
        self.joined(&["||", "or"], Self::all, Expression::Any)
    }

    fn all(&mut self) -> Option<Expression> {
        self.joined(&["&&", "and"], Self::comparison, Expression::All)
    }

    fn joined(
        &mut self,
        words: &[&str],
        part: fn(&mut Self) -> Option<Expression>,
        join: fn(Vec<Expression>) -> Expression,
    ) -> Option<Expression> {
        let mut parts = vec![part(self)?];
        while words.iter().any(|word| self.take(word)) {
            parts.push(part(self)?);
        }
        if parts.len() == 1 {
            parts.pop()
        } else {
            Some(join(parts))
        }
    }

    fn comparison(&mut self) -> Option<Expression> {
        let left = self.one()?;
        for (sign, wanted) in [("==", true), ("!=", false), ("eq", true), ("ne", false)] {
            if self.take(sign) {
                return Some(Expression::Equal(
                    Box::new(left),
                    Box::new(self.one()?),
                    wanted,
                ));
            }
        }
        Some(left)
    }

    fn one(&mut self) -> Option<Expression> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let one = self.operand();
        self.depth -= 1;
        one
    }

    fn operand(&mut self) -> Option<Expression> {
        if self.take("!") || self.take("not") {
            return Some(Expression::Not(Box::new(self.one()?)));
        }
        if self.take("(") {
            let inner = self.any()?;
            return self.take(")").then_some(inner);
        }
        let token = self.tokens.get(self.at)?.clone();
        self.at += 1;
        match token {
            Token::Text(text) => Some(Expression::Value(Value::String(text))),
            Token::Number(number) => Some(Expression::Value(Value::from(number))),
            Token::Sign(_) => None,
            Token::Word(word) => self.word(word),
        }
    }

    fn word(&mut self, word: String) -> Option<Expression> {
        if self.take("(") {
            return self
                .arguments()
                .map(|arguments| Expression::Function(word, arguments));
        }
        match word.to_ascii_lowercase().as_str() {
            "true" => Some(Expression::Value(Value::Bool(true))),
            "false" => Some(Expression::Value(Value::Bool(false))),
            "null" => Some(Expression::Value(Value::Null)),
            _ => word
                .strip_prefix("user.")
                .map(|name| Expression::Attribute(name.to_owned())),
        }
    }

    fn arguments(&mut self) -> Option<Vec<Expression>> {
        let mut arguments = Vec::new();
        if self.take(")") {
            return Some(arguments);
        }
        loop {
            arguments.push(self.any()?);
            if self.take(")") {
                return Some(arguments);
            }
            if !self.take(",") {
                return None;
            }
        }
    }

    fn take(&mut self, wanted: &str) -> bool {
        let found = match self.tokens.get(self.at) {
            Some(Token::Sign(sign)) => *sign == wanted,
            Some(Token::Word(word)) => word.eq_ignore_ascii_case(wanted),
            _ => false,
        };
        self.at += usize::from(found);
        found
    }
}

/// Signs, the longer before those they begin with.
const SIGNS: &[&str] = &["==", "!=", "&&", "||", "!", "(", ")", ","];
/// Deepest nesting.
const DEPTH_MAX: usize = 32;
/// Largest compiled pattern: a caller's pattern must not eat the org's memory.
const REGEX_BYTES_MAX: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_real_rules_say_is_understood() {
        for text in [
            "user.title==\"Tester\"",
            "String.stringContains(user.email,\"example\")",
            "isMemberOfAnyGroup(\"00g1\", \"00g2\") and not (user.department == 'Sales')",
            "user.department != null && (user.city == \"Oslo\" || !String.startsWith(user.title, \"VP\"))",
        ] {
            assert!(Expression::parse(text).is_some(), "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_nothing() {
        for text in [
            "",
            "user.title ? 1 : 2",
            "user.isMemberOf({'a': 1})",
            "a ==",
            "((user.a",
            "'open",
        ] {
            assert_eq!(Expression::parse(text), None, "{text}");
        }
        assert_eq!(Expression::parse(&"!".repeat(100)), None);
    }
}
