//! Tokens shown again: one after the other, dressed up anew, and by eight threads at once.

use std::sync::{Arc, Barrier};

use jiff::SignedDuration;
use serde_json::json;
use store::Database;

use super::forger::{
    CLIENT, NEIGHBOUR, NOW, Place, World, claims, header, long_ago, now, rs256, with,
};
use super::proofs::{proof_claims, proof_header};
use crate::MIGRATIONS;
use crate::oauth::assertion::{AssertionFault, CHECKS};
use crate::oauth::dpop::{AT_RESOURCE, AT_TOKEN_ENDPOINT, ProofFault};

const RACERS: usize = 8;
const ROUNDS: usize = 20;

/// How many of eight threads that begin together succeed.
fn winners(attempt: impl Fn() -> bool + Sync) -> usize {
    let barrier = Barrier::new(RACERS);
    std::thread::scope(|scope| {
        let racer = || {
            barrier.wait();
            attempt()
        };
        let racers: Vec<_> = (0..RACERS).map(|_| scope.spawn(racer)).collect();
        racers
            .into_iter()
            .map(|racer| usize::from(racer.join().unwrap()))
            .sum()
    })
}

#[test]
fn an_assertion_counts_once_however_it_is_dressed_up() {
    let mut world = World::new();
    let own = &world.own;
    let first = own.forge(header(), claims());
    let again = [
        ("the same text", first.clone()),
        ("signed anew", own.forge(header(), claims())),
        (
            "without kid and typ",
            own.forge(json!({"alg": "ES256"}), claims()),
        ),
        (
            "with a later exp",
            own.forge(header(), with(claims(), "exp", NOW + 3_000)),
        ),
        (
            "with other claims",
            own.forge(header(), with(claims(), "x", 1)),
        ),
        (
            "for the other audience",
            own.forge(
                header(),
                with(claims(), "aud", "https://gateway.example.com"),
            ),
        ),
        (
            "with another key of the client",
            rs256(&json!({"alg": "RS256", "kid": "own-rsa"}), &claims()),
        ),
    ];
    let flawed: Vec<_> = CHECKS
        .iter()
        .filter(|check| check.name != "replay")
        .copied()
        .collect();
    for (what, text) in again {
        world.forget();
        assert!(world.verify(&first, None).is_ok());
        assert_eq!(
            world.verify(&text, None),
            Err(AssertionFault::Replayed),
            "{what}"
        );
        assert!(
            world.show(&flawed, &text, None).is_ok(),
            "{what}, by a verifier that does not remember"
        );
    }
}

#[test]
fn an_assertion_that_is_refused_uses_nothing_up_and_a_neighbours_name_is_not_ours() {
    let world = World::new();
    let misdirected = world
        .own
        .forge(header(), with(claims(), "aud", "https://other.example"));
    assert_eq!(
        world.verify(&misdirected, None),
        Err(AssertionFault::Audience)
    );
    let stolen_name = world.stranger.forge(header(), claims());
    assert_eq!(
        world.verify(&stolen_name, None),
        Err(AssertionFault::Signature)
    );
    let theirs = with(with(claims(), "iss", NEIGHBOUR), "sub", NEIGHBOUR);
    let theirs = world
        .neighbour
        .forge(with(header(), "kid", "neighbour"), theirs);
    assert_eq!(world.verify(&theirs, None).unwrap().as_str(), NEIGHBOUR);
    let ours = world.own.forge(header(), claims());
    assert_eq!(world.verify(&ours, None).unwrap().as_str(), CLIENT);
}

#[test]
fn a_clock_that_is_set_back_revives_no_assertion() {
    let world = World::new();
    let first = world.own.forge(header(), claims());
    assert!(world.verify(&first, None).is_ok());
    let tomorrow = now() + SignedDuration::from_hours(23);
    let later = NOW + 23 * 3_600;
    let another = with(
        with(with(claims(), "jti", "another"), "exp", later + 300),
        "iat",
        later,
    );
    let another = world.own.forge(header(), another);
    assert!(world.show_at(tomorrow, CHECKS, &another, None).is_ok());
    assert_eq!(
        world.show_at(tomorrow, CHECKS, &first, None),
        Err(AssertionFault::Expired)
    );
    assert_eq!(world.verify(&first, None), Err(AssertionFault::Replayed));
    // A day after it expired its name is free again: what is remembered stays bounded.
    let much_later = NOW + 26 * 3_600;
    let renamed = with(with(claims(), "exp", much_later + 300), "iat", much_later);
    let renamed = world.own.forge(header(), renamed);
    let at = now() + SignedDuration::from_hours(26);
    assert!(world.show_at(at, CHECKS, &renamed, None).is_ok());
}

#[test]
fn of_eight_who_show_an_assertion_at_once_exactly_one_is_let_in() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open(&dir.path().join("state.db")).unwrap();
    database.migrate(MIGRATIONS).unwrap();
    let world = World::over(Arc::new(database), long_ago());
    let flawed: Vec<_> = CHECKS
        .iter()
        .filter(|check| check.name != "replay")
        .copied()
        .collect();
    for round in 0..ROUNDS {
        let text = world
            .own
            .forge(header(), with(claims(), "jti", format!("round {round}")));
        assert_eq!(
            winners(|| world.verify(&text, None).is_ok()),
            1,
            "round {round}"
        );
        assert_eq!(
            winners(|| world.show(&flawed, &text, None).is_ok()),
            RACERS,
            "round {round}, not remembering"
        );
    }
}

#[test]
fn of_eight_who_show_a_proof_at_once_exactly_one_is_let_in() {
    let world = World::new();
    for (place, checks) in [
        (Place::TokenEndpoint, AT_TOKEN_ENDPOINT),
        (Place::Resource, AT_RESOURCE),
    ] {
        let flawed: Vec<_> = checks
            .iter()
            .filter(|check| check.name != "jti")
            .copied()
            .collect();
        for round in 0..ROUNDS {
            let claims = with(
                proof_claims(&world, place),
                "jti",
                format!("{place:?} {round}"),
            );
            let proof = world.own.forge(proof_header(&world), claims);
            let accepted = || world.verify_proof(Some(&proof), place).is_ok();
            assert_eq!(winners(accepted), 1, "{place:?}, round {round}");
            let accepted = || world.show_proof(&flawed, Some(&proof), place).is_ok();
            assert_eq!(
                winners(accepted),
                RACERS,
                "{place:?}, round {round}, not remembering"
            );
        }
    }
}

#[test]
fn a_proof_counts_once_however_it_is_dressed_up_and_wherever() {
    let mut world = World::new();
    let claims = proof_claims(&world, Place::Resource);
    let first = world.own.forge(proof_header(&world), &claims);
    let again = [
        ("the same text", first.clone()),
        (
            "signed anew",
            world.own.forge(proof_header(&world), &claims),
        ),
        (
            "dated anew",
            world
                .own
                .forge(proof_header(&world), with(claims.clone(), "iat", NOW - 10)),
        ),
        (
            "with a query",
            world.own.forge(
                proof_header(&world),
                with(
                    claims.clone(),
                    "htu",
                    "https://gateway.example.com/api/v1/users?limit=2",
                ),
            ),
        ),
        (
            "with a nonce",
            world
                .own
                .forge(proof_header(&world), with(claims.clone(), "nonce", "x")),
        ),
        ("with a named key", {
            let mut named = proof_header(&world);
            named["jwk"]["kid"] = json!("another name");
            world.own.forge(named, &claims)
        }),
    ];
    let flawed: Vec<_> = AT_RESOURCE
        .iter()
        .filter(|check| check.name != "jti")
        .copied()
        .collect();
    for (what, text) in again {
        world.forget();
        let show = |checks: &[_], text: &str| world.show_proof(checks, Some(text), Place::Resource);
        assert!(show(AT_RESOURCE, &first).is_ok());
        assert_eq!(
            show(AT_RESOURCE, &text),
            Err(ProofFault::Replayed),
            "{what}"
        );
        assert!(
            show(&flawed, &text).is_ok(),
            "{what}, by a verifier that does not remember"
        );
    }
}

#[test]
fn a_restart_forgets_no_proof() {
    let database = Arc::new(Database::open_in_memory().unwrap());
    database.migrate(MIGRATIONS).unwrap();
    let before = World::over(Arc::clone(&database), long_ago());
    let after = World::over(database, now() + SignedDuration::from_millis(1));
    let forgetful: Vec<_> = AT_RESOURCE
        .iter()
        .filter(|check| check.name != "start")
        .copied()
        .collect();
    for ahead in [-300, -60, -1, 0, 1, 30, 60] {
        let claims = proof_claims(&before, Place::Resource);
        let claims = with(with(claims, "iat", NOW + ahead), "jti", format!("{ahead}"));
        let proof = before.own.forge(proof_header(&before), claims);
        let bound_to = before.thumbprint();
        let shown = before.verify_proof(Some(&proof), Place::Resource);
        assert_eq!(shown.as_ref(), Ok(&bound_to), "{ahead}");
        let again = after.show_proof_of(&bound_to, AT_RESOURCE, Some(&proof), Place::Resource);
        let reason = if ahead > 0 {
            ProofFault::Replayed
        } else {
            ProofFault::BeforeStart
        };
        assert_eq!(again, Err(reason), "{ahead}");
        if ahead <= 0 {
            let again = after.show_proof_of(&bound_to, &forgetful, Some(&proof), Place::Resource);
            assert!(
                again.is_ok(),
                "{ahead}, by a verifier that does not mind: {again:?}"
            );
        }
        // Nor once the time has come that it is dated, if it was shown before.
        for later in [1, 30, 61, 200] {
            let again = after.call_after(later, &bound_to, &proof);
            assert!(again.is_err(), "{ahead}, {later} s later");
        }
    }
    let claims = proof_claims(&before, Place::Resource);
    let claims = with(with(claims, "iat", NOW + 30), "jti", "dated ahead");
    let proof = before.own.forge(proof_header(&before), claims);
    assert!(before.verify_proof(Some(&proof), Place::Resource).is_ok());
    let again = after.call_after(40, &before.thumbprint(), &proof);
    assert_eq!(again, Err(ProofFault::Replayed));
    let nonce = before.nonce();
    let claims = with(proof_claims(&before, Place::TokenEndpoint), "nonce", nonce);
    let claims = with(claims, "iat", NOW + 1);
    let proof = before.own.forge(proof_header(&before), claims);
    let again = after.verify_proof(Some(&proof), Place::TokenEndpoint);
    assert_eq!(again, Err(ProofFault::OtherNonce));
}
