//! Standard roles, and the ids assignments of them have.

/// RFC 4648 base 32 without padding.
pub(super) fn base32(text: &str) -> String {
    let mut out = String::new();
    let (mut bits, mut held) = (0u32, 0u32);
    let mut push = |five: u32| {
        out.extend(
            ALPHABET
                .chars()
                .nth(usize::try_from(five & 31).unwrap_or_default()),
        )
    };
    for byte in text.bytes() {
        bits = (bits << 8 | u32::from(byte)) & 0xfff;
        held += 8;
        while held >= 5 {
            held -= 5;
            push(bits >> held);
        }
    }
    if held > 0 {
        push(bits << (5 - held));
    }
    out
}

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Standard roles: type, label, whether they can be narrowed to some groups or apps.
pub(super) const ROLES: &[(&str, &str, bool)] = &[
    ("SUPER_ADMIN", "Super Administrator", false),
    ("ORG_ADMIN", "Organization Administrator", false),
    ("APP_ADMIN", "Application Administrator", true),
    ("USER_ADMIN", "User Administrator", true),
    ("HELP_DESK_ADMIN", "Help Desk Administrator", true),
    (
        "GROUP_MEMBERSHIP_ADMIN",
        "Group Membership Administrator",
        true,
    ),
    ("READ_ONLY_ADMIN", "Read-only Administrator", false),
    ("MOBILE_ADMIN", "Mobile Administrator", false),
    (
        "API_ACCESS_MANAGEMENT_ADMIN",
        "API Access Management Administrator",
        false,
    ),
    ("REPORT_ADMIN", "Report Administrator", false),
    (
        "ACCESS_CERTIFICATIONS_ADMIN",
        "Access Certifications Administrator",
        false,
    ),
    (
        "ACCESS_REQUESTS_ADMIN",
        "Access Requests Administrator",
        false,
    ),
    ("WORKFLOWS_ADMIN", "Workflows Administrator", false),
];

#[cfg(test)]
mod tests {
    use super::base32;

    #[test]
    fn base_32_is_that_of_the_standard() {
        let pairs = [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ];
        for (text, encoded) in pairs {
            assert_eq!(base32(text), encoded, "{text}");
        }
    }
}
