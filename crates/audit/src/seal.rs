//! What a writer puts under its entries: the texts of checkpoints and `head`, signed, and shown to the witnesses.

use std::sync::Arc;

use clock::Clock;

use crate::chain::Link;
use crate::checkpoint::{Checkpoint, Place};
use crate::directory::Directory;
use crate::keys::Signer;
use crate::{TrailSettings, Witness};

/// Writes the checkpoints of one chain.
pub(crate) struct Seal {
    chain: String,
    signer: Option<Arc<Signer>>,
    witnesses: Vec<Arc<dyn Witness>>,
    clock: Arc<dyn Clock>,
}

/// Which of the two a text is for.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// The list of checkpoints.
    Listed { closed: bool },
    /// `head`.
    Head { closed: bool },
}

impl Seal {
    pub(crate) fn new(
        directory: &Directory,
        settings: &TrailSettings,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            chain: directory.name().to_owned(),
            signer: settings.signer.clone(),
            witnesses: settings.witnesses.clone(),
            clock,
        }
    }

    /// A note that everything up to `link` is on disk, and its place if it is for the list.
    pub(crate) fn write(&self, link: Link, after: Place, form: Form) -> (String, Place) {
        let (number, closed) = match form {
            Form::Listed { closed } => (Some(after.number + 1), closed),
            Form::Head { closed } => (None, closed),
        };
        let checkpoint = Checkpoint {
            chain: self.chain.clone(),
            link,
            time: format!("{:.6}", self.clock.now()),
            number,
            after,
            closed,
        };
        let place = checkpoint.place().unwrap_or(after);
        (checkpoint.to_note(self.signer.as_deref()), place)
    }

    /// Shows a checkpoint to the witnesses.
    pub(crate) fn show(&self, note: &str) {
        for witness in &self.witnesses {
            witness.see(&self.chain, note);
        }
    }
}
