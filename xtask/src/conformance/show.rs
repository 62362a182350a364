//! The deviating steps of one conversation, both answers side by side: what to read when the emulator must learn something.

use super::choice::edition_shown;
use super::replay::{Deviation, replay};
use emulator::recording::Conversation;

/// Replays the conversations whose name contains `cassette` and prints their deviating steps.
pub(super) fn print(conversations: &[Conversation], cassette: &str) -> anyhow::Result<()> {
    for conversation in conversations
        .iter()
        .filter(|one| one.cassette.contains(cassette))
    {
        println!("== {} {}", conversation.source, conversation.cassette);
        for deviation in replay(conversation, edition_shown(conversation))?.deviations {
            print_deviation(&deviation);
        }
    }
    Ok(())
}

fn print_deviation(deviation: &Deviation) {
    let request = &deviation.request;
    println!(
        "-- step {}  {}  {} {}",
        deviation.seq, deviation.operation, request.method, request.target
    );
    for difference in &deviation.differences {
        println!("   ! {difference}");
    }
    println!("   sent     {}", String::from_utf8_lossy(&request.body));
    for (who, heard) in [
        ("recorded", &deviation.recorded),
        ("emulated", &deviation.emulated),
    ] {
        let body = heard
            .body
            .as_ref()
            .map_or_else(String::new, ToString::to_string);
        println!("   {who} {} {:?} {body}", heard.status, heard.rels);
    }
}
