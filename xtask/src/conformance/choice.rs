//! Which edition the emulated org of a replay is, so that it is what the recorded org was: one rule per feature, the same for
//! every conversation.
//!
//! 1. The release is that of the day of the first recorded answer: features that came later are lacking.
//! 2. The engine is what the first answer of `/.well-known/okta-organization` says (`pipeline`), if there is one.
//! 3. Of features in which orgs of one day differ (`varies` in `okta/editions.toml`), the first recorded answer that could
//!    show the feature decides: nothing is looked at after it. Without such an answer the release stands.
//!
//! All answers are compared afterwards without regard to this choice: an org chosen wrongly differs.

use super::replay::answered_at;
use emulator::recording::{Conversation, Interaction};
use emulator::{Edition, Feature};
use jiff::tz::TimeZone;
use serde_json::Value;

/// The edition the recorded org was, as far as its first answers show.
pub(super) fn edition_shown(conversation: &Conversation) -> Edition {
    let answers = &conversation.interactions;
    let release = edition_of_day(conversation);
    let varying = Edition::features().iter().filter(|feature| feature.varies);
    varying.fold(release, |edition, feature| match shown(feature, answers) {
        Some(true) => edition.with(&feature.name),
        Some(false) => edition.without(&feature.name),
        None => edition,
    })
}

/// An org of the day of the first recorded answer, of today without one.
pub(super) fn edition_of_day(conversation: &Conversation) -> Edition {
    let day = conversation.interactions.iter().find_map(answered_at);
    day.map_or_else(Edition::default, |at| {
        Edition::released(TimeZone::UTC.to_datetime(at).date())
    })
}

fn shown(feature: &Feature, answers: &[Interaction]) -> Option<bool> {
    let engine = (feature.name == ENGINE)
        .then(|| answers.iter().find_map(pipeline))
        .flatten();
    engine.or_else(|| {
        answers
            .iter()
            .filter(|one| one.status < 300 && feature.concerns(&one.path))
            .find_map(|one| feature.shown_by(one.answer.json()?))
    })
}

/// Whether the org's metadata, if this is them, name the Identity Engine.
fn pipeline(one: &Interaction) -> Option<bool> {
    let told = one.answer.json().filter(|_| one.path == METADATA)?;
    told.get("pipeline")
        .and_then(Value::as_str)
        .map(|pipeline| pipeline == "idx")
}

const ENGINE: &str = "identity-engine";
const METADATA: &str = "/.well-known/okta-organization";
