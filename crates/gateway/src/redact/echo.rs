//! Okta's error answers may repeat what they object to. What was sent as a secret is taken out of them, for everybody: whoever logs
//! errors shall not log passwords. So is what was sent as a hidden member: its placeholder may have become the value on the way.
//!
//! Cost: one pass over the body that was sent, when the answer is an error and names a part of it.

use std::cell::RefCell;
use std::convert::Infallible;

use bytes::Bytes;
use zeroize::Zeroizing;

use super::View;
use super::hides::Hides;
use super::mask::Step;
use super::plan::plans;
use crate::limits::ECHO_BYTES_MIN;
use crate::rewrite::scan::{Around, Place, Put, Rule, Want, decode, encode, replace};

/// An error's body without the secrets that were sent.
pub(super) fn withheld(view: &View<'_>, body: Bytes) -> Bytes {
    let sent = view.sent.as_ref().map(|sent| std::str::from_utf8(sent));
    let (Some(Ok(sent)), Ok(text)) = (sent, std::str::from_utf8(&body)) else {
        return body;
    };
    let gathering = Gathering {
        hides: &view.returned,
        root: Step {
            node: plans().request(view.operation),
            ..Step::default()
        },
        found: RefCell::default(),
    };
    // A body that cannot be gone through was refused before; what was gathered until then counts.
    let _ = replace(sent, &gathering);
    let mut found = gathering.found.into_inner();
    found.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
    let mut told = None;
    for secret in found.iter().filter_map(|secret| encode(secret)) {
        let so_far = told.as_deref().unwrap_or(text);
        if so_far.contains(&secret) {
            told = Some(so_far.replace(&secret, WITHHELD));
        }
    }
    told.map_or(body, Bytes::from)
}

struct Gathering<'v> {
    hides: &'v Hides,
    root: Step,
    found: RefCell<Vec<Zeroizing<String>>>,
}

impl Rule for Gathering<'_> {
    type Step = Step;
    type Stop = Infallible;

    fn root(&self) -> Step {
        self.root
    }

    fn member(&self, at: Step, name: &str, content: bool) -> Step {
        at.into_member(name, content, self.hides)
    }

    fn wants(&self, _: Place, at: Step) -> Want {
        if at.secret.is_some() || self.hides.hidden(at.progress).is_some() {
            Want::Whole
        } else {
            Want::Nothing
        }
    }

    fn string<'t>(
        &'t self,
        _: Place,
        _: Step,
        _: &'t str,
        _: &Around<'_>,
    ) -> Result<Put<'t>, Infallible> {
        Ok(Put::Nothing)
    }

    fn whole(&self, _: Step, raw: &str, _: &Around<'_>) -> Result<Put<'_>, Infallible> {
        let inside = raw
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let said = match inside {
            Some(inside) => decode(inside),
            None => Some(raw.into()),
        };
        if let Some(said) = said.filter(|said| said.len() >= ECHO_BYTES_MIN) {
            self.found
                .borrow_mut()
                .push(Zeroizing::new(said.into_owned()));
        }
        Ok(Put::Nothing)
    }
}

/// What stands in the place of a secret that was sent.
const WITHHELD: &str = "(withheld)";
