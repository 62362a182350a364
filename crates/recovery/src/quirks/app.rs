//! Applications: assignments are accepted by active applications only, so that switching one on cannot wait for the end; and
//! an update replaces the whole application, so that the whole of it is sent.

use crate::plan::draft::{Case, Drafts, Phase};
use crate::plan::step::Action;

pub(super) fn refine(_case: &Case<'_>, drafts: &mut Drafts) {
    for step in &mut drafts.steps {
        if step.action == Action::Activate {
            step.phase = Phase::Make;
        }
    }
}
