//! The value of `Host`: a name or an address, and maybe a port (RFC 9110 section 7.2). Whether anything is guarded there is asked
//! later.

/// Whether it has the one form that no two readers take apart differently: no user, no path, no list, no escapes.
pub(super) fn is_plain(value: &[u8]) -> bool {
    let (host, port) = match value.split_first() {
        Some((b'[', rest)) => {
            let Some(end) = rest.iter().position(|byte| *byte == b']') else {
                return false;
            };
            let (address, after) = rest.split_at(end);
            let fits = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
            if address.is_empty() || !address.iter().all(fits) {
                return false;
            }
            return is_port(after.get(1..).unwrap_or_default());
        }
        _ => match value.iter().position(|byte| *byte == b':') {
            Some(colon) => value.split_at(colon),
            None => (value, &[][..]),
        },
    };
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    !host.is_empty() && host.iter().all(fits) && is_port(port)
}

/// Nothing, or a colon and a number.
fn is_port(text: &[u8]) -> bool {
    match text.split_first() {
        None => true,
        Some((b':', digits)) => {
            (1..=5).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
        }
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn a_host_is_a_name_or_an_address() {
        for plain in [
            "gate.example",
            "GATE.example:443",
            "127.0.0.1:8443",
            "[::1]",
            "[2001:db8::1]:80",
            "okta_gateway.internal",
        ] {
            assert!(is_plain(plain.as_bytes()), "{plain}");
        }
        for other in [
            "",
            ":80",
            "gate.example:",
            "gate.example:port",
            "gate.example:123456",
            "gate.example:80:80",
            "user@gate.example",
            "gate.example/path",
            "gate.example, other.example",
            "gate example",
            "gate%2eexample",
            "gate.example\t",
            "http://gate.example",
            "[::1",
            "[]",
            "[::1]x",
            "[::g]",
            "g\u{e4}te.example",
        ] {
            assert!(!is_plain(other.as_bytes()), "{other}");
        }
    }
}
