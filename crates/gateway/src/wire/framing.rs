//! Where a body ends: said once, in one way (RFC 9112 section 6), or the request is refused. Two readers that disagree about it see
//! different requests.

use super::fault::Fault;

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// After so many bytes; 0 when there is no body.
    Length(u64),
    /// After the last chunk.
    Chunked,
}

/// What the header lines so far say about it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said {
    length: Option<u64>,
    chunked: bool,
}

impl Said {
    /// Notes a `Content-Length`. RFC 9112 lets equal ones pass as one; nobody who means well sends two.
    pub(super) fn length(&mut self, value: &[u8]) -> Result<(), Fault> {
        if self.length.is_some() {
            return Err(Fault::LengthTwice);
        }
        self.length = Some(number(value).ok_or(Fault::LengthMalformed)?);
        self.once()
    }

    /// Notes a `Transfer-Encoding`.
    pub(super) fn coding(&mut self, value: &[u8]) -> Result<(), Fault> {
        if self.chunked {
            return Err(Fault::CodingTwice);
        }
        if !value.eq_ignore_ascii_case(b"chunked") {
            return Err(Fault::CodingUnknown);
        }
        self.chunked = true;
        self.once()
    }

    fn once(self) -> Result<(), Fault> {
        if self.chunked && self.length.is_some() {
            return Err(Fault::LengthAndCoding);
        }
        Ok(())
    }

    /// What all of them say, in a request of HTTP/1.0 or later.
    pub(super) fn framing(self, http10: bool) -> Result<Framing, Fault> {
        match (self.chunked, http10) {
            (true, true) => Err(Fault::CodingInHttp10),
            (true, false) => Ok(Framing::Chunked),
            (false, _) => Ok(Framing::Length(self.length.unwrap_or_default())),
        }
    }
}

/// Digits alone, without a zero in front that some would read as octal, and no more than 18: a number for everybody.
fn number(digits: &[u8]) -> Option<u64> {
    let plain = matches!(digits, [b'0'] | [b'1'..=b'9', ..]) && digits.len() <= 18;
    if !plain {
        return None;
    }
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + u64::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_one_plain_number() {
        for (text, length) in [("0", Some(0)), ("5", Some(5)), ("1048577", Some(1_048_577))] {
            assert_eq!(number(text.as_bytes()), length);
        }
        for text in [
            "",
            "+5",
            "-5",
            "05",
            "0x5",
            "5,5",
            "5 5",
            "5.0",
            "5e1",
            "5;",
            "\u{664}",
            "1000000000000000000",
            "18446744073709551621",
        ] {
            assert_eq!(number(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_end_of_a_body_is_said_once() {
        let after = |lines: &[(bool, &str)], http10| {
            let mut said = Said::default();
            for (length, value) in lines {
                if *length {
                    said.length(value.as_bytes())?;
                } else {
                    said.coding(value.as_bytes())?;
                }
            }
            said.framing(http10)
        };
        assert_eq!(after(&[], true), Ok(Framing::Length(0)));
        assert_eq!(after(&[(true, "5")], false), Ok(Framing::Length(5)));
        assert_eq!(after(&[(false, "Chunked")], false), Ok(Framing::Chunked));
        for (lines, http10, fault) in [
            (&[(true, "5"), (true, "5")][..], false, Fault::LengthTwice),
            (
                &[(true, "5"), (false, "chunked")],
                false,
                Fault::LengthAndCoding,
            ),
            (
                &[(false, "chunked"), (true, "5")],
                false,
                Fault::LengthAndCoding,
            ),
            (
                &[(false, "chunked"), (false, "chunked")],
                false,
                Fault::CodingTwice,
            ),
            (&[(false, "gzip, chunked")], false, Fault::CodingUnknown),
            (&[(false, "chunked,")], false, Fault::CodingUnknown),
            (&[(false, "identity")], false, Fault::CodingUnknown),
            (&[(false, "")], false, Fault::CodingUnknown),
            (&[(false, "chunked")], true, Fault::CodingInHttp10),
        ] {
            assert_eq!(after(lines, http10), Err(fault), "{lines:?}");
        }
    }
}
