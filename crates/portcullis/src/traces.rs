//! Traces: to stderr, as `PORTCULLIS_LOG` asks for them (`info`, `upstream=debug`). Unasked, a gateway says what somebody should look
//! at (`warn`), the use of what is behind the glass among it; every other verb says nothing.
//!
//! The libraries we stand on say `info` and above, whatever is asked for: below that they speak of frames and headers of
//! connections, and nothing promises that no version of theirs will ever show a credential among them.

use std::io::IsTerminal as _;
use tracing::{Level, Metadata};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// Starts tracing as it is asked for, else at the level given, if any.
pub(crate) fn start(unasked: Option<&str>) {
    let asked = EnvFilter::try_from_env("PORTCULLIS_LOG").ok();
    let Some(asked) = asked.or_else(|| unasked.map(EnvFilter::new)) else {
        return;
    };
    let ours = asked.and(filter_fn(may_speak));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::env::var_os("NO_COLOR").is_none() && std::io::stderr().is_terminal());
    tracing_subscriber::registry()
        .with(lines.with_filter(ours))
        .init();
}

fn may_speak(metadata: &Metadata<'_>) -> bool {
    is_heard(metadata.target(), *metadata.level())
}

fn is_heard(target: &str, level: Level) -> bool {
    let room = target.split("::").next().unwrap_or_default();
    match room {
        // Warns of every frame that is out of place, so that whoever sends them would write our log.
        "h2" => level <= Level::ERROR,
        _ => level <= Level::INFO || ROOMS.contains(&room),
    }
}

/// The crates of this house.
const ROOMS: [&str; 15] = [
    "access",
    "audit",
    "catalog",
    "clock",
    "egress",
    "emulator",
    "gateway",
    "jose",
    "org",
    "policy",
    "portcullis",
    "recovery",
    "repository",
    "store",
    "upstream",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_callers_provoke_a_library_to_say_is_not_said() {
        assert!(!is_heard("h2::proto::ping_pong", Level::WARN));
        assert!(is_heard("h2::proto", Level::ERROR));
    }

    #[test]
    fn libraries_do_not_speak_of_the_insides_of_connections() {
        assert!(is_heard("upstream::custody", Level::TRACE));
        assert!(is_heard("hyper::proto", Level::INFO));
        for library in ["hyper::proto::h1::io", "h2::codec", "rustls::conn"] {
            assert!(!is_heard(library, Level::DEBUG), "{library}");
        }
    }
}
