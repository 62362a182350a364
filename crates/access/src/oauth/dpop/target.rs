//! Whether `htu` is the URL of a request: both brought to one form (RFC 3986 section 6.2.2 and 6.2.3), without query and fragment
//! (RFC 9449 section 4.3, point 9).
//!
//! Only what RFC 3986 allows in a URL is looked at; what browsers repair (white space, backslashes) is refused.

use url::Url;

/// Whether the claim, brought to the one form, is `dialled`, which is in that form.
pub(super) fn is_same_target(htu: &str, dialled: &str) -> bool {
    normalised(htu).is_some_and(|claimed| claimed == dialled)
}

/// Scheme and host in lower case, no default port, no dot segments, escapes in upper case and only where needed; nothing from the
/// query on. `None` for what is not an absolute URL of the web, or names a user.
pub(super) fn normalised(text: &str) -> Option<String> {
    if !text.bytes().all(is_url_byte) {
        return None;
    }
    let (scheme, after) = text.split_once("://")?;
    // A URL without a host, or with more slashes than belong there, is what browsers repair.
    if after.is_empty() || after.starts_with(['/', '?', '#', ':']) {
        return None;
    }
    if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
        return None;
    }
    let url = Url::parse(text).ok()?;
    let authority = after.split(['/', '?', '#']).next()?;
    if authority.contains('@') {
        return None;
    }
    let path = unescaped(url.path())?;
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    Some(format!(
        "{}://{}{port}{path}",
        url.scheme(),
        url.host_str()?
    ))
}

/// RFC 3986 section 2: reserved and unreserved characters, and the sign of an escape.
fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte)
}

/// Escapes of unreserved characters undone, the others in upper case (RFC 3986 sections 6.2.2.1 and 6.2.2.2).
fn unescaped(path: &str) -> Option<String> {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        let (digits, further) = after.split_at_checked(2)?;
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        let byte = u8::from_str_radix(digits, 16).ok()?;
        out.push_str(before);
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&digits.to_ascii_uppercase());
        }
        rest = further;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIALLED: &str = "https://gateway.example.com/api/v1/users/00u%2F1~a";

    #[test]
    fn one_url_in_many_spellings_is_one() {
        let dialled = normalised(DIALLED).unwrap();
        for same in [
            DIALLED,
            "HTTPS://Gateway.Example.COM/api/v1/users/00u%2F1~a",
            "https://gateway.example.com:443/api/v1/users/00u%2f1%7ea",
            "https://gateway.example.com/api/v1/./groups/../users/00u%2F1%7Ea",
            "https://gateway.example.com/api/v1/%75sers/00u%2F1~a?limit=1#top",
        ] {
            assert!(is_same_target(same, &dialled), "{same}");
        }
    }

    #[test]
    fn other_urls_and_what_browsers_repair_are_others() {
        let dialled = normalised(DIALLED).unwrap();
        for other in [
            "",
            "/api/v1/users/00u%2F1~a",
            "gateway.example.com/api/v1/users/00u%2F1~a",
            "http://gateway.example.com/api/v1/users/00u%2F1~a",
            "https://gateway.example.com:8443/api/v1/users/00u%2F1~a",
            "https://gateway.example.com./api/v1/users/00u%2F1~a",
            "https://gateway.example.com/api/v1/users/00u%2F1~a/",
            "https://gateway.example.com/api/v1/users/00u/1~a",
            "https://gateway.example.com/api/v1/users/00U%2F1~a",
            "https://gateway.example.com//api/v1/users/00u%2F1~a",
            "https://a@gateway.example.com/api/v1/users/00u%2F1~a",
            "https://@gateway.example.com/api/v1/users/00u%2F1~a",
            "https:///gateway.example.com/api/v1/users/00u%2F1~a",
            "https:gateway.example.com/api/v1/users/00u%2F1~a",
            "https:\\\\gateway.example.com/api/v1/users/00u%2F1~a",
            " https://gateway.example.com/api/v1/users/00u%2F1~a",
            "https://gateway.example.com/api/v1/us\ners/00u%2F1~a",
            "https://gateway.example.com/api/v1/users/00u%2F1~a%",
            "https://gateway.example.com.evil.example/api/v1/users/00u%2F1~a",
            "https://evil.example/https://gateway.example.com/api/v1/users/00u%2F1~a",
        ] {
            assert!(!is_same_target(other, &dialled), "{other:?}");
        }
    }

    #[test]
    fn only_the_web_has_targets() {
        let plain = normalised("http://127.0.0.1:8800/oauth2/v1/token").unwrap();
        assert!(is_same_target(
            "HTTP://127.0.0.1:8800/oauth2/v1/token?a",
            &plain
        ));
        for other in [
            "ftp://gateway.example.com/",
            "ws://gateway.example.com/",
            "://a",
            "https://",
            "https://?a",
        ] {
            assert_eq!(normalised(other), None, "{other}");
        }
    }

    #[test]
    fn an_empty_path_is_the_root() {
        let root = normalised("https://gateway.example.com").unwrap();
        assert!(is_same_target("https://gateway.example.com/", &root));
        assert!(is_same_target("https://gateway.example.com?a=b", &root));
    }
}
