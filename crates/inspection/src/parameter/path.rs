//! Path parameters: Okta's ids, aliases (`me`, `default`), words, names of roles and relationships, logins. Knows no operation.

use super::fault;
use crate::limits::{LABEL_CHARS_MAX, PATH_VALUE_BYTES_MAX};
use crate::{Fault, Slot, text};

/// Parameters that take a login in the place of a user's id.
const PEOPLE: [&str; 12] = [
    "id",
    "userId",
    "userIdOrLogin",
    "primaryUserId",
    "associatedUserId",
    "userIdOrEmail",
    "memberId",
    "ownerId",
    "emailId",
    "principalId",
    "memberExternalId",
    "externalId",
];

/// Parameters that take a name as people give it.
const NAMED: [&str; 12] = [
    "roleIdOrLabel",
    "resourceSetIdOrLabel",
    "linkedObjectName",
    "primaryRelationshipName",
    "relationshipName",
    "templateName",
    "appName",
    "groupOrExternalId",
    "featureName",
    "associatedName",
    "primaryName",
    "label",
];

/// What is wrong with the value of a path parameter.
pub(super) fn judge(name: &str, value: &str) -> Option<Fault> {
    if value.len() > PATH_VALUE_BYTES_MAX {
        return Some(fault("length", "is longer than any id, name or login"));
    }
    if is_word(value) {
        return None;
    }
    if PEOPLE.contains(&name) {
        return text::judge(Slot::Login, value)
            .map(|_| fault("alphabet", "is neither an id nor a sign-in name"));
    }
    if NAMED.contains(&name) {
        return judge_label(value);
    }
    if name.ends_with("Orn") || name == "resourceId" || name == "resourceIdOrOrn" {
        return (!is_orn(value)).then(|| fault("alphabet", "is neither an id nor a resource name"));
    }
    Some(fault(
        "alphabet",
        "is no id: letters, digits, `-`, `_` and single dots only",
    ))
}

/// Ids (20 letters and digits, UUIDs, base64url), aliases, types, domains, language tags.
fn is_word(value: &str) -> bool {
    let mut before = b'.';
    for byte in value.bytes() {
        let fits = byte.is_ascii_alphanumeric()
            || matches!(byte, b'-' | b'_')
            || byte == b'.' && before != b'.';
        if !fits {
            return false;
        }
        before = byte;
    }
    before != b'.'
}

/// `orn:okta:idp:00o…:apps:saasure:0oa…`.
fn is_orn(value: &str) -> bool {
    value.starts_with("orn:")
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
        && !value.contains("..")
}

/// A name that an administrator gave: letters of any script, digits, single spaces and few signs.
pub(super) fn judge_label(value: &str) -> Option<Fault> {
    let fits = |sign: char| {
        sign.is_alphanumeric() || " -_.:,".contains(sign) || matches!(sign, '\u{300}'..='\u{36f}')
    };
    let plain = value.chars().all(fits)
        && value.chars().count() <= LABEL_CHARS_MAX
        && !value.contains("..")
        && !value.contains("--");
    if !plain {
        return Some(fault(
            "alphabet",
            "is neither an id nor a name: letters, digits, spaces and `-_.:,` only",
        ));
    }
    text::judge(Slot::FreeText, value)
        .map(|_| fault("hostile", "is not a name but text of another language"))
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn what_clients_really_send_passes() {
        for (name, value) in [
            ("userId", "00u1gjtxk4XLkTQTt1d7"),
            ("userId", "me"),
            ("id", "John.Doe-Get@example.com"),
            ("id", "o'brien@acme.com"),
            ("appId", "okta-test-application"),
            ("csrId", "5YbTQpuH9AvbxzMWzkrY2dcv-ua7Cc5-fDttdflfus0"),
            ("kid", "2_-G4hPRe0DZ260VRymebOZ0CDGdQtNyG7m2oyVPX0U"),
            ("permissionType", "okta.users.read"),
            ("roleIdOrLabel", "Test Custom Role"),
            ("roleIdOrLabel", "Rôle d Équipe"),
            ("lifecycle", "ENABLE"),
            ("schemaId", "default"),
            ("language", "pt-BR"),
            ("resourceOrn", "orn:okta:directory:00o1:groups:00g1"),
            ("domain", "acme.com"),
            ("linkedObjectName", "testAcc_2938481537_three"),
        ] {
            assert_eq!(judge(name, value), None, "{name} {value}");
        }
    }

    #[test]
    fn nothing_else_does() {
        for value in [
            "' or 1=1--",
            "<script>",
            "a b",
            "a%2e",
            "..",
            ".",
            "a..b",
            ".a",
            "a.",
            "a/b",
            "a;b",
            "${x}",
            "a\0",
            "a:b",
            "{{7*7}}",
            "|id",
            "a'b",
            "a*",
        ] {
            assert!(judge("groupId", value).is_some(), "{value}");
        }
        for value in ["1 or 1=1", "union select 1", "a (b)", "x' y"] {
            assert!(judge("roleIdOrLabel", value).is_some(), "{value}");
        }
        assert!(judge("userId", &"a".repeat(2_000)).is_some());
    }
}
