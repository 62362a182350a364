//! What a restore cannot bring back, object by object, before anything is done. The facts are the catalog's; nothing is left
//! out because it is usual.

use super::draft::Draft;
use super::step::Action;
use super::survey::Survey;
use crate::diff::{Standing, What};
use crate::title::title;
use catalog::resource::{Fate, Loss};
use org::{Key, Object};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A value of one object that does not come back as it was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ObjectLoss {
    /// The object, as the snapshot calls it.
    pub object: Key,
    /// The name people use.
    pub title: String,
    /// What is lost: `password`, `id`, `timestamp`, `signing key`…
    pub loss: String,
    /// What becomes of it: `new-value`, `needs-secret`, `user-action`, `impossible`.
    pub fate: String,
    /// Why.
    pub why: String,
}

/// What the drafts cost in values that cannot be restored.
pub(super) fn losses(drafts: &[Draft], survey: &Survey<'_>) -> Vec<ObjectLoss> {
    let mut losses = BTreeSet::new();
    for draft in drafts {
        let org = &survey.wanted.org;
        if let Some(wanted) = org.get(&draft.object) {
            losses.extend(of_draft(draft, wanted, survey));
        }
        for covered in draft.covers.iter().filter_map(|key| org.get(key)) {
            losses.insert(entry(
                covered,
                &title(covered, org),
                "timestamp",
                Fate::NewValue,
                NEW_TIMES,
            ));
        }
    }
    // What follows from others is not written, and loses what it loses all the same.
    let followers = survey
        .changes
        .list
        .iter()
        .filter(|change| change.standing == Standing::Derived);
    for change in followers.filter(|change| change.what == What::Removed) {
        let Some(wanted) = survey.wanted.org.get(&change.object) else {
            continue;
        };
        losses.extend(own(wanted, &change.title));
    }
    losses.into_iter().collect()
}

/// What the catalog says of the object.
fn own(wanted: &Object, title: &str) -> Vec<ObjectLoss> {
    let all = wanted
        .key()
        .kind()
        .facts()
        .losses
        .iter()
        .filter(|loss| concerns(loss, wanted));
    all.map(|loss| entry(wanted, title, &loss.kind, loss.fate, &loss.why))
        .collect()
}

fn of_draft(draft: &Draft, wanted: &Object, survey: &Survey<'_>) -> Vec<ObjectLoss> {
    let new = |what, why| entry(wanted, &draft.title, what, Fate::NewValue, why);
    match draft.action {
        Action::Create => own(wanted, &draft.title)
            .into_iter()
            .chain([new("id", NEW_ID), new("timestamp", NEW_TIMES)])
            .collect(),
        Action::Link => vec![new("timestamp", NEW_TIMES)],
        Action::Replace | Action::Activate | Action::Deactivate
            if survey.removed.contains(&draft.object) =>
        {
            Vec::new()
        }
        Action::Activate if draft.operation == REACTIVATION => own(wanted, &draft.title)
            .into_iter()
            .chain([new("timestamp", NEW_UPDATE)])
            .collect(),
        Action::Replace | Action::Activate | Action::Deactivate => {
            vec![new("timestamp", NEW_UPDATE)]
        }
        Action::Find | Action::Unlink | Action::Delete => Vec::new(),
    }
}

/// Whether the loss applies to the object.
pub(crate) fn concerns(loss: &Loss, object: &Object) -> bool {
    loss.when
        .as_ref()
        .is_none_or(|when| when.holds(object.body()))
}

fn entry(object: &Object, title: &str, loss: &str, fate: Fate, why: &str) -> ObjectLoss {
    ObjectLoss {
        object: object.key().clone(),
        title: title.to_owned(),
        loss: loss.to_owned(),
        fate: fate_name(fate).to_owned(),
        why: why.to_owned(),
    }
}

fn fate_name(fate: Fate) -> &'static str {
    match fate {
        Fate::NewValue => "new-value",
        Fate::NeedsSecret => "needs-secret",
        Fate::UserAction => "user-action",
        Fate::Impossible => "impossible",
    }
}

const REACTIVATION: &str = "activateUser";
const NEW_ID: &str = "Okta assigns ids and never one twice; whatever the restore writes names the new one, other systems must be told";
const NEW_TIMES: &str = "Okta sets created and lastUpdated itself";
const NEW_UPDATE: &str = "Okta sets lastUpdated itself";
