//! Query parameters: documented, of their type, within their size. Knows no path and no body.

use catalog::{Operation, Type, shapes};

use super::{fault, filter, hostile, undocumented};
use crate::limits::{
    CURSOR_BYTES_MAX, PAGE_MAX, QUERY_TEXT_CHARS_MAX, TOKEN_BYTES_MAX, WORD_BYTES_MAX,
};
use crate::{Check, Fault, Slot, address, text};

/// What is wrong with one pair of the query, and which check says so.
pub(super) fn judge(
    operation: &Operation,
    name: &str,
    value: &str,
    repeated: bool,
) -> Option<(Check, Fault)> {
    let documented = operation
        .query_parameters()
        .find(|parameter| parameter.name == name);
    let kind = match documented {
        Some(parameter) => &parameter.value,
        None if undocumented::is_known(operation.id, name) => &Type::Text(""),
        None => {
            return parameter(
                "unknown_parameter",
                "is no query parameter of this operation",
            );
        }
    };
    if repeated && !matches!(kind, Type::List(_)) {
        return parameter("repeated_parameter", "is given twice");
    }
    if value.is_empty() {
        return None;
    }
    if KEYWORDS.contains(&(operation.id, name)) {
        return by_name("q", value);
    }
    by_type(kind, name, value)
}

/// Searches that take a keyword, unlike all others of their name, which take a filter.
const KEYWORDS: [(&str, &str); 1] = [("listGroupRules", "search")];

fn parameter(kind: &'static str, what: &'static str) -> Option<(Check, Fault)> {
    Some((Check::Parameter, fault(kind, what)))
}

fn by_type(kind: &Type, name: &str, value: &str) -> Option<(Check, Fault)> {
    match kind {
        Type::Integer => integer(name, value),
        Type::Number => (value.len() > 32 || value.parse::<f64>().is_err())
            .then(|| (Check::Parameter, fault("number", "is not a number"))),
        Type::Boolean => boolean(value),
        Type::Enum(_) => words(value),
        Type::Shape(shape) => match shapes()
            .by_name(shape)
            .and_then(|shape| shape.alias.as_ref())
        {
            Some(
                alias @ (Type::Integer
                | Type::Number
                | Type::Boolean
                | Type::Enum(_)
                | Type::Text(_)),
            ) => by_type(alias, name, value),
            _ => words(value),
        },
        Type::List(item) => match item.as_ref() {
            Type::Text(_) => order(value),
            item => by_type(item, name, value),
        },
        Type::Text("scim-filter") => filtered(value),
        _ => by_name(name, value),
    }
}

/// A string whose type says nothing: by what its name means throughout Okta's API.
fn by_name(name: &str, value: &str) -> Option<(Check, Fault)> {
    match name {
        "filter" | "search" => filtered(value),
        "limit" => integer(name, value),
        "after" | "before" | "cursor" => cursor(value),
        "q" | "match" | "query" | "name" | "label" | "displayName" | "title" => {
            if value.chars().count() > QUERY_TEXT_CHARS_MAX {
                return parameter("length", "is longer than a search text may be");
            }
            hostile(value)
        }
        "sortBy" | "sortOrder" | "orderBy" | "expand" | "include" | "fields" => order(value),
        "since" | "until" => alphabet(value, WORD_BYTES_MAX, b"-:.+Z", "date"),
        "scope" | "acr_values" | "prompt" | "idp_scope" | "enroll_amr_values" => {
            alphabet(value, TOKEN_BYTES_MAX, b" -_.:/", "scope")
        }
        "state" | "nonce" | "request" | "sessionToken" | "client_assertion" | "id_token_hint"
        | "interclient_token" | "code_challenge" => {
            alphabet(value, TOKEN_BYTES_MAX, b"-_.~+/=:", "token")
        }
        "login_hint" | "email" | "username" => {
            text::judge(Slot::Login, value).map(|fault| (Check::Parameter, fault))
        }
        "resourceAppName" | "entitlementName" | "resourceName" | "groupName" => hostile(value),
        name if name.ends_with("_uri") || name.ends_with("Uri") || name.ends_with("Url") => {
            address::judge(Slot::Redirect, value, &address::Addresses::default())
                .map(|fault| (Check::Address, fault))
        }
        _ => alphabet(value, WORD_BYTES_MAX, b"-_.:@/,+", "word"),
    }
}

fn integer(name: &str, value: &str) -> Option<(Check, Fault)> {
    let number = value.parse::<i64>().ok().filter(|_| value.len() <= 19);
    match number {
        Some(number) if name == "limit" || name.starts_with("limit") => (!(0..=PAGE_MAX)
            .contains(&number))
        .then(|| (Check::Parameter, fault("limit", "is no size of a page"))),
        Some(_) => None,
        None => parameter("integer", "is not an integer"),
    }
}

/// Okta takes them in any case: Python clients write `True`.
fn boolean(value: &str) -> Option<(Check, Fault)> {
    let known = ["true", "false", "1", "0"]
        .iter()
        .any(|known| value.eq_ignore_ascii_case(known));
    (!known).then(|| {
        (
            Check::Parameter,
            fault("boolean", "is neither true nor false"),
        )
    })
}

/// An id, base64, a time with a counter; behaviors page by name.
fn cursor(value: &str) -> Option<(Check, Fault)> {
    if value.contains(' ') {
        return super::path::judge_label(value).map(|fault| (Check::Parameter, fault));
    }
    alphabet(value, CURSOR_BYTES_MAX, b"-_.=+:~,", "cursor").or_else(|| hostile(value))
}

/// A word of a list, or several, whether or not Okta documents them.
fn words(value: &str) -> Option<(Check, Fault)> {
    alphabet(value, WORD_BYTES_MAX, b"-_.:/+,", "word")
}

/// `profile.lastName`, `name asc`, `user/id,group/id`.
fn order(value: &str) -> Option<(Check, Fault)> {
    alphabet(value, WORD_BYTES_MAX, b"-_.:/,+ ", "attribute").or_else(|| hostile(value))
}

fn filtered(value: &str) -> Option<(Check, Fault)> {
    filter::judge(value).map(|fault| (Check::Parameter, fault))
}

fn alphabet(
    value: &str,
    bytes_max: usize,
    signs: &[u8],
    kind: &'static str,
) -> Option<(Check, Fault)> {
    if value.len() > bytes_max {
        return parameter("length", "is longer than its kind of value may be");
    }
    let fits = value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || signs.contains(&byte))
        && !value.contains("..");
    (!fits).then(|| {
        (
            Check::Parameter,
            fault(kind, "has characters that its kind of value does not have"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(operation: &str, name: &str, value: &str) -> Option<&'static str> {
        let operation = catalog::operations().by_id(operation).unwrap();
        judge(operation, name, value, false).map(|(_, fault)| fault.kind)
    }

    #[test]
    fn what_clients_really_send_passes() {
        for (operation, name, value) in [
            ("listUsers", "limit", "200"),
            ("listUsers", "search", r#"profile.email sw "john_1""#),
            ("listUsers", "q", "O'Brien & Sons"),
            ("listUsers", "filter", r#"status eq "ACTIVE""#),
            ("listUsers", "after", "200u3c0kdjah7fmnvO0x7"),
            ("listUsers", "sortBy", "profile.lastName"),
            ("listUsers", "sortOrder", "desc"),
            ("listUsers", "after", ""),
            ("createUser", "activate", "True"),
            ("listPolicies", "type", "OKTA_SIGN_ON"),
            ("listLogEvents", "since", "2022-05-29T00:00:00.000Z"),
            ("listBrands", "expand", "domains"),
            ("listPolicyApps", "limit", "2"),
            ("listGroups", "q", "testAcc_569562530"),
            ("listGroupRules", "search", "testAcc_1"),
            ("listLogEvents", "after", "1658862453660_1"),
        ] {
            assert_eq!(
                kind(operation, name, value),
                None,
                "{operation} {name}={value}"
            );
        }
    }

    #[test]
    fn nothing_else_does() {
        for (operation, name, value, expected) in [
            ("listUsers", "limit", "1 or 1=1", "integer"),
            ("listUsers", "limit", "-1", "limit"),
            ("listUsers", "limit", "99999999", "limit"),
            ("listUsers", "debug", "true", "unknown_parameter"),
            ("listUsers", "Limit", "1", "unknown_parameter"),
            ("createUser", "activate", "yes", "boolean"),
            ("listUsers", "after", "<x>", "cursor"),
            ("listUsers", "search", "1=1", "filter"),
            ("listUsers", "q", "<script>alert(1)</script>", "markup"),
            ("listUsers", "sortBy", "a'b", "attribute"),
            ("listPolicies", "type", "A B", "word"),
            ("listLogEvents", "since", "now() or 1", "date"),
        ] {
            assert_eq!(
                kind(operation, name, value),
                Some(expected),
                "{operation} {name}={value}"
            );
        }
    }

    #[test]
    fn a_single_value_is_given_once() {
        let operation = catalog::operations().by_id("listUsers").unwrap();
        assert_eq!(
            judge(operation, "limit", "1", true).unwrap().1.kind,
            "repeated_parameter"
        );
    }
}
