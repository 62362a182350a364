//! One conversation against one fresh emulated org. Goes on after a difference, so that all of them are seen; the first is
//! the conversation's reason, because later ones are often its consequences.

use super::compare::{Heard, compare};
use super::mapping::Mapping;
use super::request::{ask, prepare, recorded, refusal, unlicensed};
use super::rules::Rule;
use anyhow::Context;
use emulator::recording::{Conversation, Interaction};
use emulator::{Emulator, Limits, Request, Settings};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use std::sync::Arc;

/// What became of one conversation.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Steps that were sent and compared.
    pub(super) compared: usize,
    /// Steps that differ.
    pub(super) deviations: Vec<Deviation>,
    /// Leniencies used, one entry per use.
    pub(super) rules: Vec<Rule>,
}

impl Outcome {
    /// Whether something was compared and nothing differs.
    pub(super) fn is_equal(&self) -> bool {
        self.compared > 0 && self.deviations.is_empty()
    }
}

/// A step that differs.
#[derive(Debug)]
pub(super) struct Deviation {
    /// Position in the recording.
    pub(super) seq: u64,
    /// operationId, or method and path where no operation is recognised.
    pub(super) operation: String,
    /// What differs, most important first.
    pub(super) differences: Vec<String>,
    /// What was sent.
    pub(super) request: Request,
    /// What Okta answered.
    pub(super) recorded: Heard,
    /// What the emulator answered.
    pub(super) emulated: Heard,
}

/// Replays one conversation against an org of that edition.
pub(super) fn replay(
    conversation: &Conversation,
    emulated: emulator::Edition,
) -> anyhow::Result<Outcome> {
    let first = conversation
        .interactions
        .first()
        .context("a conversation has no interaction")?;
    let clock = clock::Manual::at(answered_at(first).unwrap_or(START));
    let settings = Settings {
        base_url: BASE.to_owned(),
        seed: 1,
        clock: Arc::new(clock.clone()),
        limits: Limits::Off,
        token: TOKEN.to_owned(),
    };
    let org = Emulator::of_edition(settings, emulated);
    let lacking: Vec<String> = conversation
        .interactions
        .iter()
        .filter_map(unlicensed)
        .collect();
    let licence = lacking.iter().map(|_| Rule::Licence).collect();
    org.lack(lacking);
    let mut mapping = Mapping::new(BASE, &first.host);
    conversation
        .interactions
        .iter()
        .for_each(|one| mapping.expect(one));
    let mut outcome = Outcome {
        rules: licence,
        ..Outcome::default()
    };
    for one in &conversation.interactions {
        move_clock(&clock, one);
        if let Some(rule) = refusal(one) {
            outcome.rules.push(rule);
            continue;
        }
        let Some(prepared) = prepare(&mut mapping, one, TOKEN) else {
            continue;
        };
        outcome.rules.extend(prepared.rules);
        let (mine, theirs) = (recorded(one), ask(&org, prepared.request.clone()));
        learn(&mut mapping, &mine, &theirs);
        let findings = compare(&mapping, &mine, &theirs);
        outcome.compared += 1;
        outcome.rules.extend(findings.rules);
        if !findings.differences.is_empty() {
            outcome.deviations.push(Deviation {
                seq: one.seq,
                operation: name(one),
                differences: findings.differences,
                request: prepared.request,
                recorded: mine,
                emulated: theirs,
            });
        }
    }
    Ok(outcome)
}

fn learn(mapping: &mut Mapping, recorded: &Heard, emulated: &Heard) {
    if let (Some(mine), Some(theirs)) = (&recorded.body, &emulated.body)
        && (recorded.status < 300) == (emulated.status < 300)
    {
        mapping.learn(mine, theirs);
    }
    for ((_, mine), (_, theirs)) in recorded.links.iter().zip(&emulated.links) {
        mapping.learn_address(mine, theirs);
    }
}

fn name(one: &Interaction) -> String {
    match catalog::recognise(&one.method, &one.path) {
        Ok(recognised) => recognised.operation.id.to_owned(),
        Err(_) => format!("{} {}", one.method, one.path),
    }
}

/// The emulated org lives at the time of the recording: dates in queries keep their meaning.
fn move_clock(clock: &clock::Manual, one: &Interaction) {
    let now = clock::Clock::now(clock);
    let then = answered_at(one).unwrap_or(now);
    clock.advance(if then > now {
        then.duration_since(now)
    } else {
        jiff::SignedDuration::from_millis(1)
    });
}

/// When Okta answered, if the recording keeps it.
pub(super) fn answered_at(one: &Interaction) -> Option<Timestamp> {
    let date = one.answer_headers.get("date")?;
    rfc2822::DateTimeParser::new().parse_timestamp(date).ok()
}

const BASE: &str = "https://emulated.example.com";
const TOKEN: &str = "00conformance";
/// Where the clock stands when a recording keeps no dates.
const START: Timestamp = Timestamp::constant(1_735_689_600, 0);
