//! Why a difference remains: the catalog's losses, what follows from other objects, what Okta does by itself, what the plan
//! said it would leave, what was there before. Each rule names itself; what no rule covers stays unexplained.

use super::Background;
use crate::diff::{Change, Standing, What};
use crate::image::Image;
use crate::plan::loss::concerns;
use crate::plan::note::Why;
use catalog::resource::Loss;
use org::Object;

/// The rules that explain a difference, and whether they explain all of it.
pub(super) struct Explanation {
    pub(super) why: Vec<String>,
    pub(super) complete: bool,
}

impl Explanation {
    fn whole(why: impl Into<String>) -> Self {
        Self {
            why: vec![why.into()],
            complete: true,
        }
    }
}

/// Explains `change`, a difference between the snapshot and the org after a restore.
pub(super) fn explain(change: &Change, wanted: &Image, background: &Background<'_>) -> Explanation {
    // What follows from others comes and goes with them; a member of it that differs was changed by somebody.
    if change.standing == Standing::Derived && !matches!(change.what, What::Changed(_)) {
        return follower(change, wanted);
    }
    if change.what == What::Created {
        return extra(change, background);
    }
    let notes = background.plan.iter().flat_map(|plan| &plan.notes);
    let mut said = notes
        .filter(|note| note.object.as_ref() == Some(&change.object))
        .map(|note| (note.why, note.text.clone()));
    let object = wanted.org.get(&change.object).map(AsRef::as_ref);
    let by_loss = object.map(|object| by_losses(change, object));
    match by_loss {
        Some(explanation) if explanation.complete => explanation,
        partly => match said.next() {
            Some((why, note)) => Explanation {
                why: vec![note],
                complete: is_excuse(why) && is_about(why, change, object),
            },
            None => partly.unwrap_or(Explanation {
                why: Vec::new(),
                complete: false,
            }),
        },
    }
}

/// Whether the plan's reason is one to be content with. What waits for a decision is not, nor what Okta was expected to make.
fn is_excuse(why: Why) -> bool {
    !matches!(
        why,
        Why::Frozen | Why::Lacks | Why::Ambiguous | Why::ComesAlong | Why::Secret
    )
}

/// Whether a reason speaks of all that differs. One about a state does not excuse an object that is missing, nor other members.
fn is_about(why: Why, change: &Change, object: Option<&Object>) -> bool {
    let (Why::State, Some(object)) = (why, object) else {
        return true;
    };
    let What::Changed(fields) = &change.what else {
        return false;
    };
    let facts = object.key().kind().facts();
    let state = facts
        .lifecycle
        .as_ref()
        .map_or(STATUS, |lifecycle| lifecycle.field.as_str());
    fields
        .iter()
        .all(|field| field.place == state || loss_at(&field.place, object).is_some())
}

/// What follows from other objects: it is compared, and its losses are told.
fn follower(change: &Change, wanted: &Image) -> Explanation {
    let object = wanted
        .org
        .get(&change.object)
        .filter(|_| change.what == What::Removed);
    let losses = object.iter().flat_map(|object| {
        let all = object.key().kind().facts().losses.iter();
        all.filter(|loss| concerns(loss, object))
            .map(|loss| loss.why.clone())
    });
    let why: Vec<String> = losses.collect();
    if why.is_empty() {
        Explanation::whole("it follows from other objects")
    } else {
        Explanation {
            why,
            complete: true,
        }
    }
}

fn extra(change: &Change, background: &Background<'_>) -> Explanation {
    if background
        .before
        .is_some_and(|before| before.org.get(&change.object).is_some())
    {
        return Explanation::whole(
            "the org had it before the restore; nothing is deleted unless asked for",
        );
    }
    if change.standing == Standing::System {
        return Explanation::whole("Okta makes it by itself");
    }
    Explanation {
        why: Vec::new(),
        complete: false,
    }
}

/// Members that differ because their values cannot come back.
fn by_losses(change: &Change, object: &Object) -> Explanation {
    let What::Changed(fields) = &change.what else {
        return Explanation {
            why: Vec::new(),
            complete: false,
        };
    };
    let mut why = Vec::new();
    let mut complete = true;
    for field in fields {
        match loss_at(&field.place, object) {
            Some(loss) => why.push(format!("{}: {}", field.place, loss.why)),
            None => complete = false,
        }
    }
    Explanation { why, complete }
}

/// The loss of the catalog that says the member does not come back as it was.
fn loss_at(place: &str, object: &Object) -> Option<&'static Loss> {
    let covers = |at: &catalog::pattern::Pattern| at.covers(place);
    let losses = object.key().kind().facts().losses.iter();
    losses
        .filter(|loss| concerns(loss, object))
        .find(|loss| loss.at.as_ref().is_some_and(covers))
}

/// Member that holds the state of kinds without a lifecycle of their own: people.
const STATUS: &str = "status";
