//! One header line: a token, a colon, a value (RFC 9112 section 5, RFC 9110 section 5.5).

use super::fault::Fault;

/// Takes a line apart; the value without the blanks around it.
pub(super) fn split(line: &[u8]) -> Result<(&[u8], &[u8]), Fault> {
    let Some(colon) = line.iter().position(|byte| !is_tchar(*byte)) else {
        return Err(Fault::FieldName);
    };
    let (name, rest) = line.split_at(colon);
    match rest.split_first() {
        Some((b':', value)) if !name.is_empty() => {
            judge(value)?;
            Ok((name, trimmed(value)))
        }
        Some((b' ' | b'\t', _)) if name.is_empty() => Err(Fault::FoldedLine),
        Some((b' ' | b'\t', after)) if after.trim_ascii_start().first() == Some(&b':') => {
            Err(Fault::SpaceBeforeColon)
        }
        Some((b'\r', _)) => Err(Fault::BareCarriageReturn),
        Some((0..=0x1f | 0x7f, _)) => Err(Fault::ControlCharacter),
        _ => Err(Fault::FieldName),
    }
}

/// Whether `name` is `known`, which is in lower case and has as many bytes. One that becomes it where `_` is read as `-`, as CGI and
/// its heirs do, is a trap.
pub(super) fn is(name: &[u8], known: &[u8]) -> Result<bool, Fault> {
    if name.eq_ignore_ascii_case(known) {
        return Ok(true);
    }
    let mut pairs = name.iter().zip(known);
    let alike = pairs.all(|(byte, known)| match (byte, known) {
        (b'_', b'-') => true,
        _ => byte.eq_ignore_ascii_case(known),
    });
    if alike {
        Err(Fault::FieldName)
    } else {
        Ok(false)
    }
}

/// Whether `text` is a token (RFC 9110 section 5.6.2).
pub(super) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| is_tchar(*byte))
}

/// No control characters but the tab. Bytes above 0x7f are opaque to the standard; here they are UTF-8 or refused, because they
/// would read differently to whoever takes them for Latin-1.
fn judge(value: &[u8]) -> Result<(), Fault> {
    let (mut control, mut all) = (false, 0);
    // Without an early end, so that it becomes a few vector instructions.
    for byte in value {
        control |= (*byte < 0x20 && *byte != b'\t') || *byte == 0x7f;
        all |= byte;
    }
    if control {
        let carriage_return = value.contains(&b'\r');
        return Err(if carriage_return {
            Fault::BareCarriageReturn
        } else {
            Fault::ControlCharacter
        });
    }
    if all >= 0x80 && std::str::from_utf8(value).is_err() {
        return Err(Fault::FieldValue);
    }
    Ok(())
}

fn trimmed(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

fn is_tchar(byte: u8) -> bool {
    TCHARS.get(usize::from(byte)).copied().unwrap_or_default()
}

/// RFC 9110 section 5.6.2.
const TCHARS: [bool; 256] = table(b"!#$%&'*+-.^_`|~");

/// Which bytes are letters, digits or one of `marks`.
pub(super) const fn table(marks: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut entries: &mut [bool] = &mut table;
    let mut byte = 0_u8;
    while let [entry, after @ ..] = entries {
        *entry = byte.is_ascii_alphanumeric();
        let mut rest = marks;
        while let [mark, others @ ..] = rest {
            *entry |= *mark == byte;
            rest = others;
        }
        byte = byte.wrapping_add(1);
        entries = after;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_token_a_colon_and_a_value() {
        for (line, name, value) in [
            ("a:", "a", ""),
            ("Accept:application/json", "Accept", "application/json"),
            ("X_y~!: \t a: b \t ", "X_y~!", "a: b"),
            ("a: \u{141}", "a", "\u{141}"),
        ] {
            let expected = Ok((name.as_bytes(), value.as_bytes()));
            assert_eq!(split(line.as_bytes()), expected, "{line:?}");
        }
        for (line, fault) in [
            (&b"a"[..], Fault::FieldName),
            (b":a", Fault::FieldName),
            (b"a b: c", Fault::FieldName),
            (b"a\"b: c", Fault::FieldName),
            (b"a\xe9: c", Fault::FieldName),
            (b"a : c", Fault::SpaceBeforeColon),
            (b"a\t: c", Fault::SpaceBeforeColon),
            (b" a: c", Fault::FoldedLine),
            (b"\ta: c", Fault::FoldedLine),
            (b"a\x0b: c", Fault::ControlCharacter),
            (b"a: b\x00c", Fault::ControlCharacter),
            (b"a: b\x7f", Fault::ControlCharacter),
            (b"a: b\rc", Fault::BareCarriageReturn),
            (b"a\r: c", Fault::BareCarriageReturn),
            (b"a: \xe9", Fault::FieldValue),
            (b"a: \xc0\xaf", Fault::FieldValue),
        ] {
            assert_eq!(split(line), Err(fault), "{line:?}");
        }
    }

    #[test]
    fn a_name_that_is_only_nearly_one_is_a_trap() {
        assert_eq!(is(b"Content-Length", b"content-length"), Ok(true));
        assert_eq!(
            is(b"Content_Length", b"content-length"),
            Err(Fault::FieldName)
        );
        assert_eq!(is(b"Content-Longth", b"content-length"), Ok(false));
    }
}
