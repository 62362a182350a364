//! `cargo xtask conformance`: replays recorded conversations against a fresh emulated org and says where it differs from Okta.
//!
//! Each real, self-contained conversation meets an org in its state from birth, request by request; recorded ids are
//! exchanged for the emulator's. Compared: status, `Link` relations, error code, shape of the JSON. Every leniency is a
//! [`rules::Rule`], counted and printed. This verb never writes and never uses a network; without its file it says so and
//! leaves with success, because the recordings are not part of the project.

mod choice;
mod compare;
mod mapping;
mod pairing;
mod replay;
mod report;
mod request;
mod rules;
mod show;

use anyhow::Context;
use std::path::PathBuf;

/// What to replay and what to print.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Recorded conversations: JSON Lines, zstd-compressed or plain.
    #[arg(long)]
    corpus: PathBuf,
    /// Ends with one line of JSON.
    #[arg(long)]
    json: bool,
    /// Replays only conversations whose name, or one of whose paths, contains this.
    #[arg(long)]
    only: Option<String>,
    /// Prints the deviating steps of this conversation, both answers side by side.
    #[arg(long)]
    show: Option<String>,
}

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    if !arguments.corpus.exists() {
        report::say_skipped(&arguments.corpus, arguments.json);
        return Ok(());
    }
    let conversations = emulator::recording::read(&arguments.corpus).with_context(|| {
        format!(
            "read recorded conversations from {}",
            arguments.corpus.display()
        )
    })?;
    if let Some(cassette) = &arguments.show {
        return show::print(&conversations, cassette);
    }
    let mut report = report::Report::default();
    for conversation in conversations
        .iter()
        .filter(|one| is_wanted(one, arguments.only.as_deref()))
    {
        if !conversation.is_real() {
            report.leave_out_invented();
        } else if !emulator::recording::is_self_contained(conversation) {
            report.leave_out_dependent();
        } else {
            let chosen = replay::replay(conversation, choice::edition_shown(conversation))?;
            let by_day = replay::replay(conversation, choice::edition_of_day(conversation))?;
            let today = replay::replay(conversation, emulator::Edition::default())?;
            report.add(&chosen, &by_day, &today);
        }
    }
    report.print(arguments.json);
    Ok(())
}

fn is_wanted(conversation: &emulator::recording::Conversation, only: Option<&str>) -> bool {
    only.is_none_or(|text| {
        conversation.cassette.contains(text)
            || conversation
                .interactions
                .iter()
                .any(|one| one.path.contains(text))
    })
}
