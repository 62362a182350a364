//! What a client was recorded to do, gathered call by call: operations, objects, addresses, first and last use. Bounded, whatever the
//! length of the record. Knows nothing of how the record is kept.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use catalog::Operation;
use jiff::Timestamp;
use policy::{Attribute, Object, ObjectSlot, objects_of};

use crate::Objects;
use crate::advice::Sources;
use crate::limits::OBJECTS_TOLD_MAX;

/// A call of the past that was let through.
#[derive(Clone, Debug)]
pub struct RecordedCall<'a> {
    /// What was done.
    pub operation: &'static Operation,
    /// When.
    pub at: Timestamp,
    /// Where it came from; `None` for the product's own jobs.
    pub source: Option<IpAddr>,
    /// Path parameters as they were sent.
    pub resources: &'a BTreeMap<String, String>,
    /// The objects they name, as the last snapshot knows them.
    pub objects: Objects,
    /// Whether only shadow mode let it through.
    pub would_refuse: bool,
    /// Whether only an elevation let it through.
    pub elevated: bool,
}

/// All that is remembered of a client's recorded calls.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    uses: BTreeMap<&'static str, Use>,
    elevated: BTreeMap<&'static str, u64>,
    sources: Sources,
}

/// The recorded calls of one operation.
#[derive(Clone, Debug)]
pub struct Use {
    /// What was done.
    pub operation: &'static Operation,
    /// How often.
    pub calls: u64,
    /// How often only shadow mode let it through.
    pub would_refuse: u64,
    /// When first.
    pub first: Timestamp,
    /// When last.
    pub last: Timestamp,
    /// On which objects, one for each that the path names, in path order.
    pub touched: Vec<Touched>,
}

/// The objects that stood in one place of an operation's path.
#[derive(Clone, Debug)]
pub struct Touched {
    /// Which place.
    pub slot: &'static ObjectSlot,
    /// Their ids, at most [`OBJECTS_TOLD_MAX`](crate::OBJECTS_TOLD_MAX).
    pub ids: BTreeSet<Arc<str>>,
    /// Whether there were more.
    pub more: bool,
    /// Whether the last snapshot does not know one of them.
    pub strange: bool,
    /// What all of them have in common; `None` before the first.
    common: Option<Common>,
}

/// What objects have in common.
#[derive(Clone, Debug, Default)]
pub(crate) struct Common {
    /// Entity type and id of what they belong to.
    pub(crate) parents: BTreeSet<(&'static str, Arc<str>)>,
    /// Texts they carry.
    pub(crate) texts: BTreeSet<(&'static str, Arc<str>)>,
}

impl Evidence {
    /// Takes in one more call. Calls that an elevation let through are counted apart: they stay what an elevation is for.
    pub fn see(&mut self, call: &RecordedCall<'_>) {
        if call.elevated {
            *self.elevated.entry(call.operation.id).or_default() += 1;
            return;
        }
        if let Some(source) = call.source {
            self.sources.see(source);
        }
        let told = self
            .uses
            .entry(call.operation.id)
            .or_insert_with(|| Use::new(call));
        told.calls += 1;
        told.would_refuse += u64::from(call.would_refuse);
        told.first = told.first.min(call.at);
        told.last = told.last.max(call.at);
        for (place, touched) in told.touched.iter_mut().enumerate() {
            let known = match &call.objects {
                Objects::Known(objects) => objects.get(place),
                Objects::NotAsked | Objects::Unknown { .. } => None,
            };
            touched.see(call.resources.get(touched.slot.parameter), known);
        }
    }

    /// The operations that were called, by id, without those that only an elevation let through.
    pub fn uses(&self) -> impl Iterator<Item = &Use> {
        self.uses.values()
    }

    /// How often each operation was called under an elevation.
    pub fn elevated(&self) -> &BTreeMap<&'static str, u64> {
        &self.elevated
    }

    /// Where the calls came from.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// How many calls there were, without those that only an elevation let through.
    pub fn calls(&self) -> u64 {
        self.uses.values().map(|told| told.calls).sum()
    }
}

impl Use {
    fn new(call: &RecordedCall<'_>) -> Self {
        let slots = objects_of(call.operation).iter();
        Self {
            operation: call.operation,
            calls: 0,
            would_refuse: 0,
            first: call.at,
            last: call.at,
            touched: slots.map(Touched::at).collect(),
        }
    }
}

impl Touched {
    fn at(slot: &'static ObjectSlot) -> Self {
        Self {
            slot,
            ids: BTreeSet::new(),
            more: false,
            strange: false,
            common: None,
        }
    }

    fn see(&mut self, sent: Option<&String>, known: Option<&Object>) {
        let id = match (known, sent) {
            (Some(object), _) => Arc::clone(&object.id),
            (None, Some(sent)) => sent.as_str().into(),
            (None, None) => return,
        };
        self.strange |= known.is_none();
        if let Some(object) = known {
            self.common = Some(match self.common.take() {
                None => Common::of(object),
                Some(common) => common.shared_with(object),
            });
        }
        if self.ids.len() < OBJECTS_TOLD_MAX {
            self.ids.insert(id);
        } else {
            self.more |= !self.ids.contains(&id);
        }
    }

    /// What all objects have in common; nothing as long as one of them is not known.
    pub(crate) fn common(&self) -> Option<&Common> {
        self.common.as_ref().filter(|_| !self.strange)
    }
}

impl Common {
    fn of(object: &Object) -> Self {
        Self {
            parents: object.parents.iter().cloned().collect(),
            texts: texts(object).collect(),
        }
    }

    fn shared_with(mut self, object: &Object) -> Self {
        self.parents
            .retain(|parent| object.parents.contains(parent));
        let theirs: BTreeSet<_> = texts(object).collect();
        self.texts.retain(|text| theirs.contains(text));
        self
    }
}

fn texts(object: &Object) -> impl Iterator<Item = (&'static str, Arc<str>)> {
    object
        .attributes
        .iter()
        .filter_map(|(name, value)| match value {
            Attribute::Text(text) => Some((*name, Arc::clone(text))),
            Attribute::Flag(_) | Attribute::Number(_) | Attribute::Texts(_) => None,
        })
}
