//! Reads filter expressions: `or` binds loosest, then `and`, then `not`; words in any case; nesting bounded.

use super::{Filter, Literal, Operator};

/// Why an expression is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// Nothing where something is needed.
    #[error("expected {expected} at position {at}")]
    Expected {
        /// What is needed.
        expected: &'static str,
        /// Byte position.
        at: usize,
    },
    /// A word that is no operator.
    #[error("unrecognized operator `{word}` at position {at}")]
    UnknownOperator {
        /// The word.
        word: String,
        /// Byte position.
        at: usize,
    },
    /// A text without its closing quote.
    #[error("unterminated text at position {at}")]
    Unterminated {
        /// Byte position of the opening quote.
        at: usize,
    },
    /// Parentheses too deep.
    #[error("more than {DEPTH_MAX} levels of nesting")]
    TooDeep,
}

/// Deepest nesting: recursion of three frames a level stays far below the smallest thread stack.
const DEPTH_MAX: usize = 32;

pub(super) fn parse(text: &str) -> Result<Filter, FilterError> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
    };
    let filter = reader.any()?;
    reader.skip_space();
    if reader.rest().is_empty() {
        Ok(filter)
    } else {
        Err(reader.expected("`and`, `or` or the end"))
    }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    depth: usize,
}

impl<'t> Reader<'t> {
    fn any(&mut self) -> Result<Filter, FilterError> {
        self.joined("or", Self::all, Filter::Any)
    }

    fn all(&mut self) -> Result<Filter, FilterError> {
        self.joined("and", Self::one, Filter::All)
    }

    fn joined(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Result<Filter, FilterError>,
        join: fn(Vec<Filter>) -> Filter,
    ) -> Result<Filter, FilterError> {
        let first = part(self)?;
        let mut rest = Vec::new();
        while self.take_word(word) {
            rest.push(part(self)?);
        }
        if rest.is_empty() {
            return Ok(first);
        }
        rest.insert(0, first);
        Ok(join(rest))
    }

    fn one(&mut self) -> Result<Filter, FilterError> {
        self.skip_space();
        if self.take('(') {
            return self.nested();
        }
        let before = self.at;
        if self.take_word("not") {
            self.skip_space();
            if self.take('(') {
                return Ok(Filter::Not(Box::new(self.nested()?)));
            }
            self.at = before;
        }
        self.comparison()
    }

    fn nested(&mut self) -> Result<Filter, FilterError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(FilterError::TooDeep);
        }
        let filter = self.any()?;
        self.depth -= 1;
        self.skip_space();
        if self.take(')') {
            Ok(filter)
        } else {
            Err(self.expected("`)`"))
        }
    }

    fn comparison(&mut self) -> Result<Filter, FilterError> {
        let attribute = self.word();
        if attribute.is_empty() {
            return Err(self.expected("an attribute"));
        }
        self.skip_space();
        let at = self.at;
        let word = self.word();
        if word.is_empty() {
            return Err(self.expected("an operator"));
        }
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(attribute.to_owned()));
        }
        let known = Operator::WORDS
            .iter()
            .find(|(name, _)| word.eq_ignore_ascii_case(name));
        let Some((_, operator)) = known else {
            return Err(FilterError::UnknownOperator {
                word: word.to_owned(),
                at,
            });
        };
        let value = self.literal()?;
        Ok(Filter::Compare {
            attribute: attribute.to_owned(),
            operator: *operator,
            value,
        })
    }

    fn literal(&mut self) -> Result<Literal, FilterError> {
        self.skip_space();
        if self.take('"') {
            return self.quoted();
        }
        let at = self.at;
        let word = self.word();
        match word.to_ascii_lowercase().as_str() {
            "true" => Ok(Literal::Truth(true)),
            "false" => Ok(Literal::Truth(false)),
            "null" => Ok(Literal::Null),
            other => match other.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Literal::Number(number)),
                _ => Err(FilterError::Expected {
                    expected: "a quoted text, a number, true, false or null",
                    at,
                }),
            },
        }
    }

    fn quoted(&mut self) -> Result<Literal, FilterError> {
        let opened = self.at - 1;
        let mut text = String::new();
        let mut chars = self.rest().char_indices();
        while let Some((offset, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += offset + 1;
                    return Ok(Literal::Text(text));
                }
                '\\' => text.extend(chars.next().map(|(_, escaped)| escaped)),
                other => text.push(other),
            }
        }
        Err(FilterError::Unterminated { at: opened })
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    /// A run of characters that are neither space, quote nor parenthesis.
    fn word(&mut self) -> &'t str {
        let rest = self.rest();
        let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"');
        let word = rest
            .get(..rest.find(ends).unwrap_or(rest.len()))
            .unwrap_or_default();
        self.at += word.len();
        word
    }

    fn take_word(&mut self, wanted: &str) -> bool {
        let before = self.at;
        self.skip_space();
        let found = self.word().eq_ignore_ascii_case(wanted);
        if !found {
            self.at = before;
        }
        found
    }

    fn expected(&self, expected: &'static str) -> FilterError {
        FilterError::Expected {
            expected,
            at: self.at,
        }
    }
}
