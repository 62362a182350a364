//! Steps in the making: what is to be done to one object, before order, numbers and dependencies are known.

use super::note::{Note, Why};
use super::step::{Action, Told, Unless};
use super::survey::Survey;
use crate::diff::{Change, What};
use catalog::{Operation, operations};
use org::{Key, Kind, Object};
use serde_json::Value;

/// When in a restore something is done. Earlier ones come first unless a dependency says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Objects come into being, or get their members back.
    Make,
    /// What had to be left out at creation is filled in.
    Fill,
    /// Relations.
    Link,
    /// Objects are switched on or off.
    Switch,
    /// Relations that active rules may have restored by themselves.
    Settle,
    /// What is too much goes.
    Delete,
}

/// Whose ids a draft's path is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The snapshot's.
    Wanted,
    /// The org's.
    Live,
}

/// One step in the making.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) action: Action,
    pub(crate) phase: Phase,
    pub(crate) side: Side,
    pub(crate) object: Key,
    pub(crate) title: String,
    pub(crate) operation: String,
    /// Values of the path parameters.
    pub(crate) ids: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Option<Value>,
    /// Members of the body that cannot be written later.
    pub(crate) firm: &'static [&'static str],
    pub(crate) answers: Vec<Told>,
    pub(crate) recognise: Option<Value>,
    pub(crate) adopt: Option<String>,
    pub(crate) unless: Option<Unless>,
    /// Objects that come into being by this step and need none of their own.
    pub(crate) covers: Vec<Key>,
    /// Steps of one line are taken one after the other, by `place`.
    pub(crate) line: Option<String>,
    /// It may be done at the same time as others of its operation.
    pub(crate) together: bool,
    /// Place among steps of the same phase and kind.
    pub(crate) place: (i64, String),
    pub(crate) reason: String,
    pub(crate) undo: &'static str,
}

/// The drafts of one object and what is left as it is.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    pub(crate) steps: Vec<Draft>,
    pub(crate) notes: Vec<Note>,
}

/// One difference with all that is known about it: what a quirk decides on.
pub(crate) struct Case<'a> {
    pub(crate) survey: &'a Survey<'a>,
    pub(crate) change: &'a Change,
    /// The object as the snapshot has it.
    pub(crate) wanted: Option<&'a Object>,
    /// The object as the org has it.
    pub(crate) live: Option<&'a Object>,
}

impl Case<'_> {
    /// The kind.
    pub(crate) fn kind(&self) -> Kind {
        self.change.object.kind()
    }

    /// A draft of one call, to be refined.
    pub(crate) fn draft(
        &self,
        action: Action,
        phase: Phase,
        operation: &str,
        reason: impl Into<String>,
    ) -> Draft {
        let only_live = self.wanted.is_none();
        let body = self.wanted.or(self.live).map(Object::body);
        let number = body
            .and_then(|body| body.get("priority"))
            .and_then(Value::as_i64);
        Draft {
            action,
            phase,
            side: if only_live { Side::Live } else { Side::Wanted },
            object: self.change.object.clone(),
            title: self.change.title.clone(),
            operation: operation.to_owned(),
            ids: self.change.object.ids(),
            query: Vec::new(),
            body: None,
            firm: &[],
            answers: Vec::new(),
            recognise: None,
            adopt: None,
            unless: None,
            covers: Vec::new(),
            line: None,
            together: false,
            place: (number.unwrap_or(i64::MAX), self.change.title.clone()),
            reason: reason.into(),
            undo: undo(action),
        }
    }

    /// A note about the object.
    pub(crate) fn note(&self, why: Why, text: impl Into<String>) -> Note {
        Note {
            why,
            object: Some(self.change.object.clone()),
            title: self.change.title.clone(),
            text: text.into(),
        }
    }

    /// Names of the places that differ.
    pub(crate) fn places(&self) -> Vec<&str> {
        match &self.change.what {
            What::Changed(fields) => fields.iter().map(|field| field.place.as_str()).collect(),
            What::Created | What::Removed => Vec::new(),
        }
    }

    /// A member of the wanted object as text.
    pub(crate) fn wanted_text(&self, member: &str) -> &str {
        self.wanted
            .and_then(|object| object.text_at(member))
            .unwrap_or_default()
    }

    /// A member of the live object as text.
    pub(crate) fn live_text(&self, member: &str) -> &str {
        self.live
            .and_then(|object| object.text_at(member))
            .unwrap_or_default()
    }
}

impl Draft {
    /// The catalog's facts about the call.
    pub(crate) fn facts(&self) -> Option<&'static Operation> {
        operations().by_id(&self.operation)
    }
}

fn undo(action: Action) -> &'static str {
    match action {
        Action::Create => "delete it",
        Action::Find => "nothing to undo",
        Action::Replace => "write back what the org has now",
        Action::Link => "part the two",
        Action::Unlink => "tie the two again",
        Action::Activate => "deactivate it",
        Action::Deactivate => "activate it",
        Action::Delete => "create it again; it will have another id",
    }
}
