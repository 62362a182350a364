//! Groups of an app stand in an order of priority: they are assigned one after the other, because two of one priority leave an
//! app that answers with errors only.

use crate::plan::draft::{Case, Drafts};

pub(super) fn refine(case: &Case<'_>, drafts: &mut Drafts) {
    let app = case.change.object.parent().map(|app| app.to_string());
    for step in &mut drafts.steps {
        step.line.clone_from(&app);
    }
}
