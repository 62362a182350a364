//! Where people decide: the trail and the webhook of the verbs that change who may do what for a while. The gateway has a chain of its
//! own; what is done on the command line goes into the operator's.

use crate::failure::Failure;
use crate::ledger;
use crate::printer::Printer;
use crate::settings::Settings;
use crate::wiring::State;
use access::OrgName;
use audit::Trail;
use egress::{Egress, NoticeKey, Notices, Webhook};
use std::sync::Arc;
use std::time::Duration;

/// Trail and webhook for one command.
pub(crate) struct Desk {
    /// Where the command is written down.
    pub trail: Trail,
    /// Who is told.
    pub notices: Notices,
}

impl Desk {
    /// Opens the chain, waiting for another command that has it.
    pub(crate) async fn open(
        settings: &Settings,
        state: &State,
        org: &OrgName,
    ) -> Result<Self, Failure> {
        let notices = notices(settings, state)?;
        let trail = ledger::open(state, org).await?;
        Ok(Self { trail, notices })
    }

    /// Lets the webhook hear of it before the program ends.
    pub(crate) async fn leave(self, printer: Printer) {
        match self.notices.settle(DELIVERY_WAIT_MAX).await {
            Some(0) => {}
            _ => printer.note("the webhook was not reached; the trail has it"),
        }
    }
}

/// The webhook of the settings, if there is one.
pub(crate) fn notices(settings: &Settings, state: &State) -> Result<Notices, Failure> {
    let Some(notice) = &settings.notice else {
        return Ok(Notices::default());
    };
    let webhook = Webhook {
        destination: notice.destination.clone(),
        key: NoticeKey::of(&store::read_private(&notice.secret_file)?),
    };
    Ok(Notices::to(
        webhook,
        Egress::new()?,
        Arc::clone(&state.clock),
    ))
}

/// How long a command waits for the webhook: two tries.
const DELIVERY_WAIT_MAX: Duration = Duration::from_secs(8);
