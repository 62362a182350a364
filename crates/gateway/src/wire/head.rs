//! The head of a request, line by line, each judged as soon as it has come: what is wrong is told at once and not when the sender's
//! patience ends. Looks at the few headers that frame the message or concern the connection; what the others say is not its business.

use memchr::memchr;

use super::fault::Fault;
use super::framing::{Framing, Said};
use super::{field, host, target};
use crate::limits::{HEAD_BYTES_MAX, HEADERS_MAX, METHOD_BYTES_MAX};

/// How far a head has come. Offsets count from its first byte.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Head {
    /// Where the line that is not whole yet begins.
    line: usize,
    /// Up to where no end of that line was found.
    scanned: usize,
    /// Lines so far, the request line included.
    lines: usize,
    http10: bool,
    host: bool,
    said: Said,
}

impl Head {
    /// Judges `head`, all that came of it so far. Tells its length and how the body's end is known once it is whole.
    pub(super) fn judge(&mut self, head: &[u8]) -> Result<Option<(usize, Framing)>, Fault> {
        while let Some(found) = memchr(b'\n', head.get(self.scanned..).unwrap_or_default()) {
            let feed = self.scanned + found;
            if feed >= HEAD_BYTES_MAX {
                return Err(Fault::HeadTooLarge);
            }
            let line = head.get(self.line..feed).unwrap_or_default();
            let line = line.strip_suffix(b"\r").ok_or(Fault::BareLineFeed)?;
            (self.line, self.scanned) = (feed + 1, feed + 1);
            if self.lines == 0 {
                let judged = self.request_line(line);
                // Where there is a control character, that is what is wrong with the line.
                judged.map_err(|fault| control_in(line).unwrap_or(fault))?;
            } else if line.is_empty() {
                return self.whole().map(Some);
            } else if self.lines > HEADERS_MAX {
                return Err(Fault::TooManyLines);
            } else {
                self.field_line(line)?;
            }
            self.lines += 1;
        }
        self.unended(head)?;
        Ok(None)
    }

    /// What can be told of a line whose end has not come: random bytes and TLS on a port without it need not be waited for.
    fn unended(&mut self, head: &[u8]) -> Result<(), Fault> {
        if head.len() > HEAD_BYTES_MAX {
            return Err(Fault::HeadTooLarge);
        }
        let fresh = head.get(self.scanned..).unwrap_or_default();
        let (fresh, carriage_return) = match fresh.strip_suffix(b"\r") {
            Some(before) => (before, 1),
            None => (fresh, 0),
        };
        if let Some(fault) = control_in(fresh) {
            return Err(fault);
        }
        // A CR at the end is looked at again, together with what follows it.
        self.scanned = head.len() - carriage_return;
        Ok(())
    }

    fn whole(&self) -> Result<(usize, Framing), Fault> {
        if !self.host {
            return Err(Fault::HostMissing);
        }
        let framing = self.said.framing(self.http10)?;
        Ok((self.line, framing))
    }

    fn request_line(&mut self, line: &[u8]) -> Result<(), Fault> {
        let mut parts = line.splitn(3, |byte| *byte == b' ');
        let (Some(method), Some(asked), Some(version)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(Fault::RequestLine);
        };
        if method == b"PRI" && version == b"HTTP/2.0" {
            return Err(Fault::Preface);
        }
        if method.is_empty() || asked.is_empty() || version.contains(&b' ') {
            return Err(Fault::RequestLine);
        }
        let short = method.len() <= METHOD_BYTES_MAX;
        // A tunnel would carry bytes that nobody judges.
        if !short || !field::is_token(method) || method.eq_ignore_ascii_case(b"connect") {
            return Err(Fault::Method);
        }
        target::judge(asked)?;
        self.http10 = match version {
            b"HTTP/1.1" => false,
            b"HTTP/1.0" => true,
            _ => return Err(Fault::Version),
        };
        Ok(())
    }

    fn field_line(&mut self, line: &[u8]) -> Result<(), Fault> {
        let (name, value) = field::split(line)?;
        match name.len() {
            4 if field::is(name, b"host")? => self.host(value),
            6 if field::is(name, b"expect")? => expectation(value),
            7 if field::is(name, b"upgrade")? => Err(Fault::Upgrade),
            10 if field::is(name, b"connection")? => connection(value),
            14 if field::is(name, b"content-length")? => self.said.length(value),
            17 if field::is(name, b"transfer-encoding")? => self.said.coding(value),
            _ => Ok(()),
        }
    }

    fn host(&mut self, value: &[u8]) -> Result<(), Fault> {
        if self.host {
            return Err(Fault::HostTwice);
        }
        self.host = true;
        if host::is_plain(value) {
            Ok(())
        } else {
            Err(Fault::HostMalformed)
        }
    }
}

fn control_in(line: &[u8]) -> Option<Fault> {
    let control = |byte: &&u8| matches!(**byte, 0..=0x1f | 0x7f) && **byte != b'\t';
    line.iter().find(control).map(|byte| match byte {
        b'\r' => Fault::BareCarriageReturn,
        _ => Fault::ControlCharacter,
    })
}

fn expectation(value: &[u8]) -> Result<(), Fault> {
    if value.eq_ignore_ascii_case(b"100-continue") {
        Ok(())
    } else {
        Err(Fault::Expectation)
    }
}

/// A header that is named here would be dropped by some on the way and kept by others. `TE` may be named: it says what its sender
/// could read, and nothing of the request (RFC 9110 section 10.1.4).
fn connection(value: &[u8]) -> Result<(), Fault> {
    let mut options = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    let known = |option: &[u8]| {
        [&b"close"[..], b"keep-alive", b"te"]
            .iter()
            .any(|known| option.eq_ignore_ascii_case(known))
    };
    if options.all(known) {
        Ok(())
    } else {
        Err(Fault::ConnectionOption)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(head: &str) -> Result<Option<(usize, Framing)>, Fault> {
        Head::default().judge(head.as_bytes())
    }

    fn line(line: &str) -> Result<(), Fault> {
        judged(&format!("{line}\r\nHost: gate.example\r\n\r\n")).map(|_| ())
    }

    fn fields(lines: &str) -> Result<(), Fault> {
        judged(&format!(
            "POST / HTTP/1.1\r\nHost: gate.example\r\n{lines}\r\n\r\n"
        ))
        .map(|_| ())
    }

    #[test]
    fn a_head_is_whole_with_its_empty_line() {
        let head = "POST /api HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n";
        let whole = Ok(Some((head.len(), Framing::Length(5))));
        assert_eq!(judged(head), whole);
        assert_eq!(judged(&format!("{head}hello")), whole);
        for cut in 0..head.len() {
            assert_eq!(judged(&head[..cut]), Ok(None), "{cut}");
        }
    }

    #[test]
    fn a_request_line_has_one_form() {
        for sound in [
            "GET / HTTP/1.1",
            "PATCH /a?b HTTP/1.0",
            "BREW / HTTP/1.1",
            "get / HTTP/1.1",
        ] {
            assert_eq!(line(sound), Ok(()), "{sound}");
        }
        let long = format!("{} / HTTP/1.1", "A".repeat(METHOD_BYTES_MAX + 1));
        for (wrong, fault) in [
            ("", Fault::RequestLine),
            ("GET /", Fault::RequestLine),
            ("GET / ", Fault::Version),
            ("GET  / HTTP/1.1", Fault::RequestLine),
            ("GET /  HTTP/1.1", Fault::RequestLine),
            ("GET / HTTP/1.1 ", Fault::RequestLine),
            (" GET / HTTP/1.1", Fault::RequestLine),
            ("GET / a HTTP/1.1", Fault::RequestLine),
            ("GET\t/\tHTTP/1.1", Fault::RequestLine),
            ("GET /\u{b}HTTP/1.1", Fault::ControlCharacter),
            ("GET / HTTP/1.1\r", Fault::BareCarriageReturn),
            ("G\rET / HTTP/1.1", Fault::BareCarriageReturn),
            ("GE\u{0}T / HTTP/1.1", Fault::ControlCharacter),
            ("GET\t / HTTP/1.1", Fault::Method),
            ("GE(T / HTTP/1.1", Fault::Method),
            ("G\u{e9}T / HTTP/1.1", Fault::Method),
            (long.as_str(), Fault::Method),
            ("CONNECT / HTTP/1.1", Fault::Method),
            ("CONNECT gate.example:443 HTTP/1.1", Fault::Method),
            ("OPTIONS * HTTP/1.1", Fault::TargetForm),
            ("GET / HTTP/1.2", Fault::Version),
            ("GET / HTTP/2.0", Fault::Version),
            ("GET / HTTP/0.9", Fault::Version),
            ("GET / http/1.1", Fault::Version),
            ("GET / HTTP/1.1a", Fault::Version),
            ("GET / HTTP/01.1", Fault::Version),
            ("PRI * HTTP/2.0", Fault::Preface),
        ] {
            assert_eq!(line(wrong), Err(fault), "{wrong:?}");
        }
    }

    #[test]
    fn headers_that_frame_or_divert_have_one_meaning() {
        for sound in [
            "Connection: close",
            "Connection: Keep-Alive, TE\r\nTE: deflate",
            "Expect: 100-Continue\r\nContent-Length: 1",
            "X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-For: 192.0.2.2",
            "X-Empty:\r\nX-Tab:\ta\tb\t",
            "X-Portcullis-Reason: \u{141}ucja left",
        ] {
            assert_eq!(fields(sound), Ok(()), "{sound}");
        }
        for (wrong, fault) in [
            ("Host: gate.example", Fault::HostTwice),
            ("host: other.example", Fault::HostTwice),
            ("Connection: close, X-Secret", Fault::ConnectionOption),
            ("Connection: authorization", Fault::ConnectionOption),
            ("Connection:", Fault::ConnectionOption),
            ("Connection: upgrade", Fault::ConnectionOption),
            ("Upgrade: h2c", Fault::Upgrade),
            ("Expect: 100-continue, x", Fault::Expectation),
            ("Expect: 200-ok", Fault::Expectation),
            ("Content-Length : 5", Fault::SpaceBeforeColon),
            ("Content_Length: 5", Fault::FieldName),
            ("Transfer_Encoding: chunked", Fault::FieldName),
            ("Transfer-Encoding: \u{b}chunked", Fault::ControlCharacter),
            ("X: a\n b", Fault::BareLineFeed),
            ("X: a\r\n b", Fault::FoldedLine),
            ("X: a\rb", Fault::BareCarriageReturn),
        ] {
            assert_eq!(fields(wrong), Err(fault), "{wrong:?}");
        }
        assert_eq!(judged("GET / HTTP/1.1\r\n\r\n"), Err(Fault::HostMissing));
        assert_eq!(
            judged("GET / HTTP/1.1\r\nHost:\r\n\r\n"),
            Err(Fault::HostMalformed)
        );
        assert_eq!(judged("GET / HTTP/1.0\r\n\r\n"), Err(Fault::HostMissing));
    }

    #[test]
    fn a_head_has_bounds() {
        let lines = |count: usize| fields(&vec!["A: b"; count - 1].join("\r\n"));
        assert_eq!(lines(HEADERS_MAX), Ok(()));
        assert_eq!(lines(HEADERS_MAX + 1), Err(Fault::TooManyLines));
        let start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
        let fits = format!(
            "{start}{}\r\n\r\n",
            "x".repeat(HEAD_BYTES_MAX - start.len() - 4)
        );
        assert_eq!(judged(&fits).map(|whole| whole.is_some()), Ok(true));
        let over = format!(
            "{start}{}\r\n\r\n",
            "x".repeat(HEAD_BYTES_MAX - start.len() - 3)
        );
        assert_eq!(judged(&over), Err(Fault::HeadTooLarge));
        let endless = format!("{start}{}", "x".repeat(HEAD_BYTES_MAX));
        assert_eq!(judged(&endless), Err(Fault::HeadTooLarge));
    }

    #[test]
    fn what_cannot_become_a_line_is_not_waited_for() {
        for (begun, fault) in [
            ("\u{16}\u{3}\u{1}", Fault::ControlCharacter),
            ("GET / HTTP/1.1\rHost", Fault::BareCarriageReturn),
            ("GET / HTTP/1.1\r\nX: a\u{0}", Fault::ControlCharacter),
            ("\r\nGET", Fault::RequestLine),
        ] {
            assert_eq!(judged(begun), Err(fault), "{begun:?}");
        }
    }
}
