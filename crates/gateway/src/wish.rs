//! What a caller wishes when its call is denied: to wait for an elevation (`Prefer: wait=N`, RFC 7240), and why it needs it
//! (`X-Portcullis-Reason`). The same preference says how long it waits for its turn at Okta's rate budget. A wish that cannot be read is none: preferences never make a request wrong.

use std::time::Duration;

use access::{REASON_CHARS_MAX, one_line};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::limits::HOLD_S_MAX;

/// A caller that would rather wait than be refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    /// For how many seconds at most; already within the bound.
    pub(crate) wait_s: u32,
    /// Why it needs what it asks for; `None` when it does not say so properly.
    pub(crate) reason: Option<String>,
}

impl Wish {
    /// The wish of a request, if it has one.
    pub(crate) fn of(head: &Parts) -> Option<Self> {
        let wait_s = wait(&head.headers)?.min(HOLD_S_MAX);
        (wait_s > 0).then(|| Self {
            wait_s,
            reason: reason(&head.headers),
        })
    }

    /// What is answered to a wish that was granted.
    pub(crate) fn applied(&self) -> (HeaderName, HeaderValue) {
        let value = HeaderValue::from_str(&format!("wait={}", self.wait_s));
        let value = value.unwrap_or(HeaderValue::from_static("wait"));
        (APPLIED, value)
    }
}

/// How long the caller waits for its turn at Okta's rate budget, if it says so; zero is a wish, too.
pub(crate) fn patience(head: &Parts) -> Option<Duration> {
    let wait_s = wait(&head.headers)?.min(HOLD_S_MAX);
    Some(Duration::from_secs(wait_s.into()))
}

/// The first `wait` of all `Prefer` lines: of a preference that comes twice, the first counts (RFC 7240 section 2).
fn wait(headers: &HeaderMap) -> Option<u32> {
    let lines = headers
        .get_all(PREFER)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let value = lines
        .flat_map(|line| line.split(','))
        .find_map(|preference| {
            let first = preference.split(';').next()?;
            let (name, value) = first.split_once('=').unwrap_or((first, ""));
            name.trim()
                .eq_ignore_ascii_case("wait")
                .then(|| value.trim())
        })?;
    let bare = value
        .strip_prefix('"')
        .and_then(|value| value.strip_suffix('"'));
    let digits = bare.unwrap_or(value);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    // More seconds than a number holds are as good as the bound.
    plain.then(|| digits.parse().unwrap_or(u32::MAX))
}

fn reason(headers: &HeaderMap) -> Option<String> {
    let mut lines = headers.get_all(REASON).iter();
    let (line, None) = (lines.next()?, lines.next()) else {
        return None;
    };
    let text = std::str::from_utf8(line.as_bytes()).ok()?;
    one_line(text, REASON_CHARS_MAX).map(str::to_owned)
}

const PREFER: HeaderName = HeaderName::from_static("prefer");
const APPLIED: HeaderName = HeaderName::from_static("preference-applied");
const REASON: HeaderName = HeaderName::from_static("x-portcullis-reason");

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(lines: &[(&str, &str)]) -> Option<Wish> {
        let mut request = http::Request::builder();
        for (name, value) in lines {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            request = request.header(*name, value);
        }
        Wish::of(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn a_preference_to_wait_is_read_however_the_standard_lets_it_be_written() {
        for (lines, wait_s) in [
            (&[("prefer", "wait=10")][..], 10),
            (
                &[("prefer", "respond-async, Wait = \"10\"; x=y, wait=99")],
                10,
            ),
            (&[("prefer", "return=minimal"), ("prefer", "wait=7")], 7),
            (&[("prefer", "wait=301")], 300),
            (&[("prefer", "wait=99999999999999")], 300),
        ] {
            assert_eq!(
                wish(lines).map(|wish| wish.wait_s),
                Some(wait_s),
                "{lines:?}"
            );
        }
        for none in [
            "",
            "wait",
            "wait=",
            "wait=0",
            "wait=-1",
            "wait=1.5",
            "waiting=1",
            "wait=a, wait=5",
        ] {
            assert_eq!(wish(&[("prefer", none)]), None, "{none}");
        }
    }

    #[test]
    fn not_waiting_at_all_for_a_turn_is_a_wish_too() {
        let patience = |text: &str| {
            let request = http::Request::builder().header("prefer", text);
            patience(&request.body(()).unwrap().into_parts().0)
        };
        assert_eq!(patience("wait=0"), Some(Duration::ZERO));
        assert_eq!(patience("wait=25"), Some(Duration::from_secs(25)));
        assert_eq!(patience("wait=9999"), Some(Duration::from_secs(300)));
        assert_eq!(patience("return=minimal"), None);
    }

    #[test]
    fn a_reason_is_one_printable_line_of_bounded_length() {
        let reason = |lines: &[(&str, &str)]| {
            let mut all = vec![("prefer", "wait=1")];
            all.extend(lines);
            wish(&all).unwrap().reason
        };
        let said = |text| reason(&[("x-portcullis-reason", text)]);
        assert_eq!(
            said(" ticket 4711: Łucja left ").as_deref(),
            Some("ticket 4711: Łucja left")
        );
        assert_eq!(said(""), None);
        assert_eq!(said("a\tb"), None);
        let longest = "x".repeat(REASON_CHARS_MAX);
        assert_eq!(said(&longest), Some(longest.clone()));
        assert_eq!(said(&"x".repeat(REASON_CHARS_MAX + 1)), None);
        assert_eq!(
            reason(&[("x-portcullis-reason", "a"), ("x-portcullis-reason", "b")]),
            None
        );
    }
}
