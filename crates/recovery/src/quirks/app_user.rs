//! People of an app: whoever is to be deprovisioned loses every app on the way there, so that what the snapshot has of them
//! is written afterwards.

use crate::plan::draft::{Case, Drafts, Phase};
use crate::plan::step::Action;
use org::{Key, Kind};

pub(super) fn refine(case: &Case<'_>, drafts: &mut Drafts) {
    drafts
        .steps
        .iter_mut()
        .for_each(|step| step.together = true);
    let person = Kind::named("user").map(|user| Key::new(user, &[&case.change.object.id()]));
    let person = person.and_then(|person| case.survey.wanted.org.get(&person));
    if person.and_then(|person| person.text_at("status")) != Some("DEPROVISIONED") {
        return;
    }
    for step in drafts
        .steps
        .iter_mut()
        .filter(|step| step.action == Action::Link)
    {
        step.phase = Phase::Settle;
    }
}
