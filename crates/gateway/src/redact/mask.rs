//! Placeholders into answers, in the same pass that turns the org's links into the gateway's.

use std::cell::Cell;

use bytes::Bytes;
use http::StatusCode;

use super::hides::{Hides, Progress};
use super::placeholder::{Bond, Sealed};
use super::plan::{Node, plans};
use super::secrets::{SecretId, secrets};
use super::{View, echo};
use crate::limits::MASKS_MAX;
use crate::refusal::Refusal;
use crate::rewrite::scan::{Around, Member, Place, Put, Rule, Want, decode, replace};
use crate::rewrite::{Origins, link_to_caller, rewrite_answer};
use crate::table::Kind;

impl View<'_> {
    /// An answer's JSON as the caller gets it.
    ///
    /// # Errors
    /// [`Refusal`], when the answer may hold what the caller must not see and cannot be gone through.
    pub(crate) fn body(
        &self,
        status: StatusCode,
        body: Bytes,
        origins: &Origins,
    ) -> Result<Bytes, Refusal> {
        let body = if status.is_client_error() || status.is_server_error() {
            echo::withheld(self, body)
        } else {
            body
        };
        if self.is_clear() {
            return Ok(rewrite_answer(body, origins));
        }
        let masking = Masking {
            view: self,
            origins,
            masks: Cell::new(0),
        };
        let text = std::str::from_utf8(&body).map_err(|_| self.unreadable())?;
        match replace(text, &masking) {
            Ok(None) => Ok(body),
            Ok(Some(masked)) => Ok(Bytes::from(masked)),
            Err(_) => Err(self.unreadable()),
        }
    }

    /// An answer that does not say it is JSON, as the caller gets it: gone through all the same where it may hold a secret.
    ///
    /// # Errors
    /// [`Refusal`], when it cannot be.
    pub(crate) fn opaque(
        &self,
        status: StatusCode,
        body: Bytes,
        origins: &Origins,
    ) -> Result<Bytes, Refusal> {
        if body.is_empty() || !status.is_success() || self.is_clear() {
            return Ok(body);
        }
        self.body(status, body, origins)
    }

    fn unreadable(&self) -> Refusal {
        let refusal = Refusal::new(Kind::Unreachable, "answer-not-masked")
            .because("The answer may hold secrets and cannot be read through to mask them.");
        if self.operation.is_read() {
            return refusal;
        }
        refusal.because("Okta may have carried it out: look before repeating it.")
    }
}

/// The rule for one answer.
struct Masking<'v> {
    view: &'v View<'v>,
    origins: &'v Origins,
    masks: Cell<u32>,
}

/// Where a value stands.
#[derive(Clone, Copy, Default)]
pub(super) struct Step {
    pub(super) node: Node,
    pub(super) secret: Option<SecretId>,
    pub(super) progress: Progress,
}

impl Step {
    /// The step from here to a member of this name.
    pub(super) fn into_member(self, name: &str, content: bool, hides: &Hides) -> Self {
        let edge = plans().walk(self.node, name, content);
        Self {
            node: edge.node,
            secret: edge.secret,
            progress: hides.step(self.progress, name),
        }
    }
}

/// More placeholders than an answer may have.
struct TooMany;

impl Rule for Masking<'_> {
    type Step = Step;
    type Stop = TooMany;

    fn root(&self) -> Step {
        Step {
            node: self.view.plan.unwrap_or_default(),
            ..Step::default()
        }
    }

    fn member(&self, at: Step, name: &str, content: bool) -> Step {
        let mut to = Step::default();
        if self.view.plan.is_some() {
            let edge = plans().walk(at.node, name, content);
            to.node = edge.node;
            to.secret = edge.secret;
        }
        if !self.view.hides.is_empty() {
            to.progress = self.view.hides.step(at.progress, name);
        }
        to
    }

    fn wants(&self, place: Place, at: Step) -> Want {
        let masked = at.secret.is_some_and(|secret| self.view.masks(secret));
        if masked || self.view.hides.hidden(at.progress).is_some() {
            Want::Whole
        } else if place.member == Member::Other {
            Want::Nothing
        } else {
            Want::String
        }
    }

    fn string<'t>(
        &'t self,
        place: Place,
        _: Step,
        said: &'t str,
        _: &Around<'_>,
    ) -> Result<Put<'t>, TooMany> {
        let link = link_to_caller(self.origins, place, said);
        Ok(link.map_or(Put::Nothing, |(front, back)| Put::Halves(front, back)))
    }

    fn whole(&self, at: Step, raw: &str, around: &Around<'_>) -> Result<Put<'_>, TooMany> {
        if raw == "\"\"" {
            return Ok(Put::Nothing);
        }
        self.masks.set(self.masks.get() + 1);
        if self.masks.get() > MASKS_MAX {
            return Err(TooMany);
        }
        let key = self.view.key;
        let masked = match self.view.hides.hidden(at.progress) {
            Some(what) => {
                // Bound to its object: who may write another one of the kind must not find the value out by comparing guesses.
                let object = around.object_id().or_else(|| self.view.object.clone());
                let object = object.as_deref().unwrap_or_default();
                key.seal(Bond { what, object }, Sealed::Json, raw)
            }
            None => self.secret(at, raw, around),
        };
        // Without a cipher the value is gone rather than shown.
        let masked = masked.unwrap_or_else(|| super::placeholder::PREFIX.to_owned());
        Ok(Put::Json(format!("\"{masked}\"")))
    }
}

impl Masking<'_> {
    fn secret(&self, at: Step, raw: &str, around: &Around<'_>) -> Option<String> {
        let what = secrets().get(at.secret?)?.name.as_str();
        let found = match &self.view.object {
            Some(object) => Some(object.clone()),
            None => around.object_id(),
        };
        let bond = Bond {
            what,
            object: found.as_deref().unwrap_or_default(),
        };
        let inside = raw
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        match inside {
            Some(inside) if inside.contains('\\') => {
                self.view.key.seal(bond, Sealed::Text, &decode(inside)?)
            }
            Some(inside) => self.view.key.seal(bond, Sealed::Text, inside),
            None => self.view.key.seal(bond, Sealed::Json, raw),
        }
    }
}

#[cfg(test)]
mod tests;
