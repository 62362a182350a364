//! Sources that take their share, more than it, or come back after a pause, on a clock that stands still unless told.

use super::*;
use std::net::IpAddr;

const NOW: Timestamp = Timestamp::constant(1_700_000_000, 0);

fn sources() -> Arc<Sources> {
    Arc::new(Sources::within(&Limits {
        connections: 128,
        connections_per_source: 10,
        new_connections_per_second: 25,
        visits_per_second: 5,
        ..Limits::default()
    }))
}

fn source(text: &str) -> Source {
    Source::of(text.parse::<IpAddr>().unwrap())
}

fn greedy(sources: &Arc<Sources>, text: &str) -> Vec<Connected> {
    std::iter::from_fn(|| sources.connect(source(text), false, NOW).ok()).collect()
}

#[test]
fn a_source_has_its_bound_and_gives_back_what_it_had() {
    let sources = sources();
    let held = greedy(&sources, "192.0.2.1");
    assert_eq!(held.len(), 10);
    let refused = sources.connect(source("192.0.2.1"), false, NOW);
    assert_eq!(refused.unwrap_err(), Turned::ConnectionsOfSource);
    drop(held);
    assert_eq!(greedy(&sources, "192.0.2.1").len(), 10);
}

#[test]
fn many_greedy_sources_leave_room_for_the_next() {
    let sources = sources();
    let held: Vec<_> = (1..=20)
        .map(|last| greedy(&sources, &format!("198.51.100.{last}")))
        .collect();
    assert!(held.iter().all(|connections| !connections.is_empty()));
    assert!(sources.is_crowded());
    assert!(sources.connect(source("203.0.113.1"), false, NOW).is_ok());
}

#[test]
fn a_network_of_64_bits_is_one_source() {
    let sources = sources();
    let held: Vec<_> = (0..20)
        .filter_map(|last| {
            let address = source(&format!("2001:db8:1:2::{last:x}"));
            sources.connect(address, false, NOW).ok()
        })
        .collect();
    assert_eq!(held.len(), 10);
    assert_eq!(source("2001:db8:1:2::7").to_string(), "2001:db8:1:2::/64");
    assert_eq!(source("::ffff:192.0.2.1"), source("192.0.2.1"));
}

#[test]
fn a_proxy_is_bounded_by_all_connections_only() {
    let sources = sources();
    let connect = || sources.connect(source("10.0.0.1"), true, NOW);
    let held: Vec<_> = std::iter::from_fn(|| connect().ok()).collect();
    assert_eq!(held.len(), 128);
    assert_eq!(connect().unwrap_err(), Turned::Connections);
}

#[test]
fn one_that_reconnects_all_the_time_is_turned_away_for_a_moment() {
    let sources = sources();
    let connect = |now| sources.connect(source("192.0.2.1"), false, now).map(drop);
    let connected = (0..200).filter(|_| connect(NOW).is_ok()).count();
    assert_eq!(connected, 100, "four seconds' worth");
    assert_eq!(connect(NOW), Err(Turned::ConnectionsPerSecond));
    let later = Timestamp::constant(1_700_000_001, 0);
    assert_eq!((0..200).filter(|_| connect(later).is_ok()).count(), 25);
}

#[test]
fn strangers_cannot_crowd_the_token_endpoint() {
    let sources = sources();
    let crowd = |last: u32| {
        let visitor = source(&format!("198.51.100.{last}"));
        let held: Vec<_> = std::iter::from_fn(|| sources.visit(visitor, NOW).ok()).collect();
        (held, sources.visit(visitor, NOW).unwrap_err())
    };
    let (first, refused) = crowd(1);
    assert_eq!(first.len(), 10, "two seconds' worth");
    assert_eq!(refused, Turned::VisitsPerSecond { again_s: 1 });
    let others: Vec<_> = (2..40).map(|last| crowd(last).0).collect();
    assert!(others.iter().all(|visits| !visits.is_empty()));
    assert!(sources.visit(source("203.0.113.1"), NOW).is_ok());
}

#[test]
fn half_handshakes_are_bounded_per_source() {
    let sources = sources();
    let shake = || sources.shake(source("192.0.2.1"), false);
    let held: Vec<_> = std::iter::from_fn(|| shake().ok()).collect();
    assert_eq!(held.len(), HANDSHAKES_PER_SOURCE_MAX as usize);
    drop(held);
    assert!(shake().is_ok());
}

#[test]
fn a_million_sources_take_no_more_memory_and_none_that_is_connected_is_forgotten() {
    let sources = sources();
    let held = greedy(&sources, "203.0.113.7");
    for number in 0..1_000_000_u32 {
        let address = Source::of(IpAddr::from(number.to_be_bytes()));
        drop(sources.connect(address, false, NOW));
    }
    assert!(sources.locked().of.len() <= SOURCES_MAX);
    let refused = sources.connect(source("203.0.113.7"), false, NOW);
    assert_eq!(
        (refused.unwrap_err(), held.len()),
        (Turned::ConnectionsOfSource, 10)
    );
}
