//! An org's objects as last seen, as far as policies can look at them: the latest snapshot, and what answers that passed the gateway
//! have changed since. Knows attributes and relations, never bodies; asks nobody, writes nothing.
//!
//! An object it does not know is a refusal, so that what it lacks costs an answer, never a permit. It lags behind what people do in
//! the Admin Console until the next snapshot.
//!
//! Cost: one look-up by id, or two by login, about a microsecond; 500 B per person and 300 B per other object, so that an org of
//! 100,000 people takes about 60 MB. Reading a snapshot happens off the hot path and holds no lock; applying a lesson holds one for
//! a microsecond.

mod known;
mod lesson;
mod people;
mod sizes;

use std::collections::VecDeque;
use std::sync::{PoisonError, RwLock};

use access::{Call, Objects, Seen, Size, Sought};
use jiff::Timestamp;
use org::{Kind, Org};
use policy::Attribute;
use upstream::Answer;

use crate::limits::LESSONS_MAX;
use known::Known;
use lesson::{Act, Lesson};

/// What one org was last seen to hold. Share it behind an `Arc`; whoever reads snapshots hands them in.
#[derive(Debug, Default)]
pub struct Mirror(RwLock<State>);

#[derive(Debug, Default)]
struct State {
    /// `None` until a snapshot has been handed in: then nothing is known.
    known: Option<Known>,
    /// What was learned, oldest first: a snapshot that was begun before does not have it.
    lessons: VecDeque<(Timestamp, Lesson)>,
}

/// A snapshot as the mirror takes it in.
#[derive(Debug)]
pub struct Sighting<'a> {
    /// The objects.
    pub org: &'a Org,
    /// When reading them began.
    pub begun: Timestamp,
    /// Kinds of which objects may be missing. Attributes that depend on them are left out, which makes decisions over them refusals.
    pub partial: &'a [Kind],
}

impl Mirror {
    /// A mirror that knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Replaces all that is known by a snapshot, and what was learned since it was begun.
    pub fn replace(&self, sighting: &Sighting<'_>) {
        let mut fresh = Known::of(sighting);
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        state.lessons.retain(|(at, _)| *at >= sighting.begun);
        for (_, lesson) in &state.lessons {
            fresh.learn(lesson);
        }
        let before = state.known.replace(fresh);
        drop(state);
        drop(before);
    }

    /// The objects that the path of `call` names. Aliases in the path (a login) become ids, so that Okta acts on the very object
    /// that was decided upon.
    pub fn look_up(&self, call: &mut Call) -> Objects {
        let state = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known::look_up(state.known.as_ref(), call.operation, &mut call.params)
    }

    /// What people call the object that a call is about: a login or a name, if it is known.
    pub(crate) fn title_of(&self, call: &Call) -> Option<String> {
        let Objects::Known(objects) = self.look_up(&mut call.clone()) else {
            return None;
        };
        let object = objects.last()?;
        let named = ["login", "name", "label"].into_iter();
        let titles = named.filter_map(|name| object.attribute(name));
        titles
            .filter_map(|title| match title {
                Attribute::Text(text) => Some(text.to_string()),
                _ => None,
            })
            .next()
    }

    /// What was last seen of the objects of a call, as far as its effects depend on it. Without any snapshot, groups count as granting
    /// no roles, because joining one is everyday work; everything else counts as never seen.
    pub(crate) fn seen_of(&self, call: &Call, sought: Sought, groups: &[String]) -> Seen {
        let state = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = &state.known else {
            return Seen {
                grants: sought.grants.then_some(false),
                ..Seen::default()
            };
        };
        let values = || call.params.iter().map(|(_, value)| value.as_str());
        let size = match sought.size {
            Some(Size::Members) => {
                let group = call.param("groupId").or_else(|| values().next_back());
                group.and_then(|group| known.members_of(group))
            }
            Some(Size::Users) => call.param("appId").and_then(|app| known.users_of(app)),
            Some(Size::NeverSeen) | None => None,
        };
        Seen {
            size,
            grants: known.grant_roles(groups),
            before: sought
                .stance
                .and_then(|name| known.stance_of(name, &values().collect::<Vec<_>>())),
        }
    }

    /// Learns from an answer to a call that changed something. One that says that the org failed says nothing.
    pub(crate) fn learn(&self, call: &Call, answer: &Answer, now: Timestamp) {
        if answer.status.is_success() {
            self.keep(call, now, |act, ids| {
                lesson::of(act, call, ids, &answer.body)
            });
        } else if answer.status.is_server_error() {
            self.suspect(call, now);
        }
    }

    /// Learns from a call that the org may have carried out, though nobody knows: whoever may have become an administrator counts as
    /// one until the next snapshot.
    pub(crate) fn suspect(&self, call: &Call, now: Timestamp) {
        self.keep(call, now, |act, ids| lesson::suspected(act, call, ids));
    }

    fn keep(&self, call: &Call, now: Timestamp, lessons: impl FnOnce(Act, &[&str]) -> Vec<Lesson>) {
        if call.operation.is_read() {
            return;
        }
        let Some(act) = lesson::act_of(call.operation) else {
            return;
        };
        let mut parameters = call.params.clone();
        let mut state = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known::look_up(state.known.as_ref(), call.operation, &mut parameters);
        let ids: Vec<&str> = parameters.iter().map(|(_, value)| value.as_str()).collect();
        for lesson in lessons(act, &ids) {
            if let Some(known) = &mut state.known {
                known.learn(&lesson);
            }
            if state.lessons.len() >= LESSONS_MAX {
                state.lessons.pop_front();
            }
            state.lessons.push_back((now, lesson));
        }
    }
}

#[cfg(test)]
mod tests;
