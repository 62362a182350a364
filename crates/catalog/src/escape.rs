//! Percent-encoding, both ways (RFC 3986). Knows neither paths nor queries beyond which bytes may stand bare in a segment.

use std::borrow::Cow;
use std::string::FromUtf8Error;

/// Appends `value` as one canonical path segment.
pub(crate) fn encode_segment(value: &str, path: &mut String) {
    encode(value, path, stays_bare);
}

/// Appends `value`, percent-encoding every byte that `bare` does not let through.
pub(crate) fn encode(value: &str, out: &mut String, bare: fn(u8) -> bool) {
    const HEX: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    for byte in value.bytes() {
        if bare(byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.extend(HEX.get(usize::from(byte >> 4)));
            out.extend(HEX.get(usize::from(byte & 15)));
        }
    }
}

/// Percent-decodes. `None` when an escape is broken, `Some(Err)` when the result is not UTF-8.
pub(crate) fn decode(text: &str) -> Option<Result<Cow<'_, str>, FromUtf8Error>> {
    if !text.contains('%') {
        return Some(Ok(Cow::Borrowed(text)));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let high = hex_value(bytes.next()?)?;
            let low = hex_value(bytes.next()?)?;
            decoded.push(high << 4 | low);
        } else {
            decoded.push(byte);
        }
    }
    Some(String::from_utf8(decoded).map(Cow::Owned))
}

const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// RFC 3986 `pchar` without `;`, which servers disagree on, and without `%`.
pub(crate) const fn stays_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b'='
                | b':'
                | b'@'
        )
}
