//! A client as it would be registered, before it is: what it could reach, and what would have become of calls of the past. Pure; goes
//! through the very `decide` that the gateway goes through.

use std::collections::BTreeMap;
use std::sync::Arc;

use catalog::Operation;
use jiff::Timestamp;
use policy::{Outlook, Policies};

use crate::advice::RecordedCall;
use crate::{
    Call, Caller, Circumstances, Client, CredentialId, Denial, Forward, OrgRules, Reason, Standing,
    decide,
};

/// A client under policies, with neither shadow mode nor elevations to lift anything.
#[derive(Debug)]
pub struct Rehearsal {
    caller: Caller,
}

/// What would have become of a recorded call.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It would have been permitted.
    Permitted,
    /// It would have been refused.
    Refused(Denial),
    /// It came from where the client could not call from.
    Elsewhere,
    /// It hangs on an object that the last snapshot does not know: deleted since, or made since.
    Unknown,
}

impl Rehearsal {
    /// The client as written, under these policies.
    pub fn of(client: &Client, policies: &Arc<Policies>, rules: OrgRules) -> Self {
        let client = Client {
            shadow_until: None,
            disabled: None,
            ..client.clone()
        };
        let standing = Standing::of(&client, Arc::clone(policies), Vec::new());
        let caller = Caller::new(Arc::new(standing), CredentialId::new("rehearsal"), None);
        Self {
            caller: caller.under(rules),
        }
    }

    /// Whether it could ever call the operation, on some object, from somewhere.
    pub fn reaches(&self, operation: &'static Operation, now: Timestamp) -> bool {
        crate::screen(&self.caller, operation, now).is_ok()
    }

    /// The operations it could ever call.
    pub fn reach(&self, now: Timestamp) -> impl Iterator<Item = &'static Operation> {
        let all = catalog::operations().iter();
        all.filter(move |operation| self.reaches(operation, now))
    }

    /// Whether deciding the operation looks at the members of its body, which no record keeps.
    pub fn reads_bodies(&self, operation: &'static Operation) -> bool {
        let slice = self.caller.standing().slice();
        let outlook = slice.map(|slice| slice.outlook(operation));
        matches!(outlook, Some(Outlook::Depends { fields: true, .. }))
    }

    /// What would have become of the call, at its time and from where it came.
    pub fn replay(&self, call: &RecordedCall<'_>) -> Fate {
        let seen = Circumstances {
            source: call.source,
            objects: call.objects.clone(),
            fields: Vec::new(),
        };
        match decide(&self.caller, again(call), &seen, call.at) {
            Ok(_) if !self.is_welcome(call) => Fate::Elsewhere,
            Ok(_) => Fate::Permitted,
            Err(Denial {
                reason: Reason::UnknownObject { .. },
                ..
            }) => Fate::Unknown,
            Err(denial) => Fate::Refused(denial),
        }
    }

    fn is_welcome(&self, call: &RecordedCall<'_>) -> bool {
        let standing = self.caller.standing();
        call.source
            .is_none_or(|source| standing.is_welcome_from(source))
    }
}

/// The call as far as the record tells it.
fn again(call: &RecordedCall<'_>) -> Call {
    let sent: &BTreeMap<String, String> = call.resources;
    let params = call.operation.path_parameters();
    let params = params.filter_map(|name| Some((name.to_owned(), sent.get(name)?.clone())));
    Call {
        operation: call.operation,
        params: params.collect(),
        query: Vec::new(),
        body: None,
        forward: Forward::default(),
        wait: None,
    }
}
