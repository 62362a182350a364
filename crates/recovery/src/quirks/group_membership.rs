//! Memberships in groups that an active rule fills: the rule comes first, and only those it has not restored are written. A
//! membership written beforehand would be a person's own for ever, whatever the rule says later.

use crate::plan::draft::{Case, Drafts, Phase};
use crate::plan::step::{Action, Unless};

pub(super) fn refine(case: &Case<'_>, drafts: &mut Drafts) {
    drafts
        .steps
        .iter_mut()
        .for_each(|step| step.together = true);
    let group = case.change.object.parent().map(|group| group.id());
    if !group.is_some_and(|group| case.survey.is_ruled(&group)) {
        return;
    }
    for step in drafts
        .steps
        .iter_mut()
        .filter(|step| step.action == Action::Link)
    {
        step.phase = Phase::Settle;
        step.unless = Some(Unless::Present);
    }
}
