//! Filters and searches: RFC 7644 3.4.2.2 as Okta takes it, read strictly. Builds no tree and evaluates nothing.
//!
//! ```text
//! filter  = term *( ("and" / "or") term )
//! term    = ["not"] "(" filter ")" / path "pr" / path operator value / path "[" filter "]"
//! value   = JSON string / number / true / false / null
//! ```

use super::fault;
use crate::limits::{FILTER_BYTES_MAX, FILTER_DEPTH_MAX, FILTER_PATH_BYTES_MAX};
use crate::{Fault, Slot, text};

/// Operators that compare a path with a value.
const OPERATORS: [&str; 11] = [
    "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "like", "in",
];

/// What is wrong with a filter.
pub(super) fn judge(filter: &str) -> Option<Fault> {
    if filter.len() > FILTER_BYTES_MAX {
        return Some(fault("length", "is longer than a filter may be"));
    }
    let mut reading = Reading { rest: filter };
    match reading.filter(0) {
        Ok(()) if reading.spaced().is_empty() => None,
        Ok(()) => Some(fault("filter", "goes on after the end of the filter")),
        Err(fault) => Some(fault),
    }
}

struct Reading<'f> {
    rest: &'f str,
}

impl<'f> Reading<'f> {
    fn filter(&mut self, depth: usize) -> Result<(), Fault> {
        if depth > FILTER_DEPTH_MAX {
            return Err(fault("depth", "is nested too deep"));
        }
        loop {
            self.term(depth)?;
            if !self.word("and") && !self.word("or") {
                return Ok(());
            }
        }
    }

    fn term(&mut self, depth: usize) -> Result<(), Fault> {
        let negated = self.word("not");
        if self.sign('(') {
            self.filter(depth + 1)?;
            return self.closed(')');
        }
        if negated {
            return Err(fault("filter", "says `not` without parentheses"));
        }
        self.path()?;
        if self.sign('[') {
            self.filter(depth + 1)?;
            return self.closed(']');
        }
        if self.word("pr") {
            return Ok(());
        }
        if OPERATORS.iter().any(|operator| self.word(operator)) {
            return self.value();
        }
        Err(fault("filter", "has no operator after a path"))
    }

    fn path(&mut self) -> Result<(), Fault> {
        let rest = self.spaced();
        let count = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"_.:-$".contains(byte))
            .count();
        let path = rest.get(..count).unwrap_or_default();
        let starts = path.starts_with(|sign: char| sign.is_ascii_alphabetic() || sign == '_');
        if !starts || count > FILTER_PATH_BYTES_MAX || path.contains("..") || path.contains("--") {
            return Err(fault("filter", "has no attribute where one belongs"));
        }
        self.rest = rest.get(count..).unwrap_or_default();
        Ok(())
    }

    fn value(&mut self) -> Result<(), Fault> {
        let rest = self.spaced();
        if rest.starts_with('"') {
            return self.text(rest);
        }
        let count = rest
            .bytes()
            .take_while(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(byte))
            .count();
        let word = rest.get(..count).unwrap_or_default();
        let number = !word.is_empty() && word.parse::<f64>().is_ok_and(f64::is_finite);
        let known = ["true", "false", "null"]
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known));
        if !number && !known {
            return Err(fault(
                "filter",
                "compares with something that is neither a quoted text nor a number",
            ));
        }
        self.rest = rest.get(count..).unwrap_or_default();
        Ok(())
    }

    /// A JSON string, judged as text for people.
    fn text(&mut self, rest: &'f str) -> Result<(), Fault> {
        let unended = fault("filter", "has a text that does not end");
        let (mut escaped, mut end) = (false, None);
        for (at, byte) in rest.bytes().enumerate().skip(1) {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    end = Some(at + 1);
                    break;
                }
                _ => {}
            }
        }
        let Some(end) = end else {
            return Err(unended);
        };
        let quoted = rest.get(..end).unwrap_or_default();
        let read: String = serde_json::from_str(quoted).map_err(|_| unended)?;
        if text::judge(Slot::FreeText, &read).is_some() {
            return Err(fault("hostile", "compares with text of another language"));
        }
        self.rest = rest.get(end..).unwrap_or_default();
        Ok(())
    }

    fn spaced(&self) -> &'f str {
        self.rest.trim_start_matches(' ')
    }

    /// Takes a word, in any case, that ends here.
    fn word(&mut self, word: &str) -> bool {
        let rest = self.spaced();
        let fits = rest
            .get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word))
            && !rest
                .as_bytes()
                .get(word.len())
                .is_some_and(|next| next.is_ascii_alphanumeric() || b"_.:-$".contains(next));
        if fits {
            self.rest = rest.get(word.len()..).unwrap_or_default();
        }
        fits
    }

    fn sign(&mut self, sign: char) -> bool {
        let rest = self.spaced();
        let fits = rest.starts_with(sign);
        if fits {
            self.rest = rest.get(1..).unwrap_or_default();
        }
        fits
    }

    fn closed(&mut self, sign: char) -> Result<(), Fault> {
        if self.sign(sign) {
            Ok(())
        } else {
            Err(fault(
                "filter",
                "has a parenthesis or bracket that does not end",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::judge;

    #[test]
    fn filters_that_clients_send_pass() {
        for filter in [
            r#"status eq "ACTIVE""#,
            r#"profile.lastName eq "Smith" and profile.firstName eq "TestAcc""#,
            r#"profile.array123 eq "feature" and (created gt "2021-01-01T00:00:00.000Z")"#,
            r#"parent.externalId eq "0oa1" AND parent.type eq "APPLICATION""#,
            r#"eventType eq "application.lifecycle.update" and debugContext.debugData.requestUri ew "_new_""#,
            r#"not (status pr) or profile.age ge 18 and profile.active eq true"#,
            r#"emails[type eq "work" and value co "@example.com"]"#,
            r#"profile.lastName eq "O'Brien" or profile.title eq "R\"D""#,
            r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "a""#,
        ] {
            assert_eq!(judge(filter), None, "{filter}");
        }
    }

    #[test]
    fn nothing_but_a_filter_passes() {
        for filter in [
            "' or 1=1",
            "status",
            "status eq ACTIVE",
            "status eq 'ACTIVE'",
            r#"status eq "a" or 1=1"#,
            r#"status eq "a"; drop"#,
            "(",
            r#"a eq "b")"#,
            r#"a eq "b"#,
            "not a pr",
            r#"a eq "<script>alert(1)</script>""#,
            r#"a eq "' or '1'='1""#,
            "a eq 1e999",
            "a..b pr",
            "*",
            &"(".repeat(200),
        ] {
            assert!(judge(filter).is_some(), "{filter}");
        }
    }

    proptest! {
        #[test]
        fn no_filter_is_too_odd_to_be_read(filter in "\\PC{0,60}") {
            let _ = judge(&filter);
        }

        #[test]
        fn what_is_built_by_the_grammar_passes(path in "[a-z]{1,8}(\\.[a-zA-Z]{1,8}){0,2}", operator in "eq|sw|GT|le", value in "[A-Za-z0-9 ]{0,20}", more in 0_usize..4) {
            let term = format!("{path} {operator} \"{value}\"");
            let filter = vec![term; more + 1].join(" and ");
            prop_assume!(crate::text::judge(crate::Slot::FreeText, &value).is_none());
            prop_assert_eq!(judge(&filter), None);
        }
    }
}
