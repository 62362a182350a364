//! Redaction: what of Okta's answers a caller does not get to see, and how it comes back where a caller returns what it was given.
//!
//! - Secrets (`okta/secrets.toml`) are shown to clients registered with `reveal` alone; to everybody else a placeholder stands there.
//! - Members that the customer's rules hide are placeholders for everybody they are hidden from.
//! - A new secret is shown to whoever made it, unless the org's settings say otherwise: Okta shows most of them once.
//! - A placeholder that comes back in the same member of the same object becomes the value again before anything looks at the body, so
//!   that reading an object, changing it and writing it back loses nothing. Anywhere else, or changed, it is refused.
//! - What was sent in the place of a secret or a hidden member is taken out of Okta's error answers.
//! - Nobody searches, filters or sorts by a member that is hidden from it.
//!
//! The values are never logged or recorded, nor is a placeholder.
//!
//! Cost: none for an answer that can hold no secret, which is known from the operation alone, and for a body without a placeholder one
//! search for its beginning. Where there can be one, the pass that rewrites links looks at names, too: some 10 ns for each member on
//! the way to a secret. A client secret of 64
//! letters becomes a placeholder of 97.

mod asked;
mod echo;
mod hides;
mod mask;
mod placeholder;
mod plan;
mod secrets;
mod unmask;

use access::{Call, Hidden, Permit, Sight};
use bytes::Bytes;
use catalog::{Kind, Operation};

use crate::inspect::is_json;
use crate::refusal::Refusal;
use hides::Hides;
use plan::{Node, plans};
use secrets::{SecretId, secrets};

pub use placeholder::MaskKey;

/// How answers of one org are redacted.
#[derive(Debug)]
pub struct Redaction {
    key: MaskKey,
    hidden: Vec<Hidden>,
    show_new: bool,
}

impl Redaction {
    /// Placeholders under this key; besides secrets these members are hidden from all callers. `show_new`: whoever makes a secret sees
    /// it in the answer.
    pub fn new(key: MaskKey, hidden: Vec<Hidden>, show_new: bool) -> Self {
        Self {
            key,
            hidden,
            show_new,
        }
    }

    /// What the caller of a permitted call gets to see of the answer.
    pub(crate) fn view(&self, permit: &Permit) -> View<'_> {
        let (call, sight) = (permit.call(), permit.caller().sight());
        let operation = call.operation;
        let hidden = || self.hidden.iter().chain(&sight.hidden);
        let sent = json_of(call);
        let plan = if sight.reveal {
            None
        } else {
            plans().answer(operation)
        };
        // Whoever broke the glass sees everything: that is what it is for.
        let hides = match permit.caller().opening() {
            Some(_) => Hides::default(),
            None => Hides::of(hidden(), operation),
        };
        View {
            key: &self.key,
            operation,
            plan,
            hides,
            show_new: self.show_new,
            object: call.params.first().map(|(_, value)| value.clone()),
            returned: match sent {
                Some(_) => Hides::all(hidden()),
                None => Hides::default(),
            },
            sent,
        }
    }

    /// Refuses a permitted call that searches, filters or sorts by a member hidden from its caller: what matches would tell its value.
    ///
    /// # Errors
    /// [`Refusal`], naming the parameter.
    pub(crate) fn heed(&self, permit: &Permit) -> Result<(), Refusal> {
        let (call, caller) = (permit.call(), permit.caller());
        if caller.opening().is_some() {
            return Ok(());
        }
        let hidden = self.hidden.iter().chain(&caller.sight().hidden);
        asked::refuse(hidden, call)
    }

    /// Puts the values back in a call's body for which placeholders stand there.
    ///
    /// # Errors
    /// [`Refusal`], when a placeholder stands where it does not belong, or was changed.
    pub(crate) fn restore(&self, sight: &Sight, call: &mut Call) -> Result<(), Refusal> {
        unmask::restore(self, sight, call)
    }
}

/// What one caller gets to see of one answer.
#[derive(Debug)]
pub(crate) struct View<'r> {
    key: &'r MaskKey,
    pub(crate) operation: &'static Operation,
    /// Where secrets can be; `None` when there can be none, or all are shown.
    plan: Option<Node>,
    hides: Hides,
    show_new: bool,
    /// The object that the path names first.
    object: Option<String>,
    /// What may have been sent as placeholders of hidden members.
    returned: Hides,
    /// The JSON that was sent.
    sent: Option<Bytes>,
}

impl View<'_> {
    /// Whether nothing of the answer can be hidden.
    fn is_clear(&self) -> bool {
        self.plan.is_none() && self.hides.is_empty()
    }

    /// Whether this secret is hidden in the answer.
    fn masks(&self, secret: SecretId) -> bool {
        let once = secrets().get(secret).is_some_and(|secret| secret.once);
        let new = self.operation.kind == Kind::Create || once && !self.operation.is_read();
        !(new && self.show_new)
    }
}

fn json_of(call: &Call) -> Option<Bytes> {
    let body = call.body.as_ref()?;
    is_json(&body.content_type).then(|| body.bytes.clone())
}
