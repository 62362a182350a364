//! The keys of outside issuers, fetched when a token turns up that needs them: one request per issuer at a time, at most one in half a
//! minute, and whoever comes meanwhile waits for its outcome. When to fetch and what to believe is `access`'s to say, how to reach an
//! issuer `egress`'s.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use access::Keyring;
use access::workload::KeyPlace;
use egress::{Destination, Egress, EgressError, Reach, keys};
use jiff::Timestamp;

use crate::limits::ISSUER_TURNS_MAX;

/// Who fetches keys, one at a time per issuer.
#[derive(Debug)]
pub(crate) struct IssuerKeys {
    /// The way out; without one, nothing is fetched and only keys that were registered serve.
    egress: Option<Egress>,
    turns: std::sync::Mutex<HashMap<KeyPlace, Arc<tokio::sync::Mutex<()>>>>,
}

impl IssuerKeys {
    pub(crate) fn by(egress: Option<Egress>) -> Self {
        Self {
            egress,
            turns: std::sync::Mutex::default(),
        }
    }

    /// Fetches the keys at `place` if it is time to, or waits for whoever does. Afterwards the token is worth one more try, whatever
    /// came of it.
    pub(crate) async fn renew(&self, keyring: &Keyring, place: &KeyPlace, now: Timestamp) {
        let Some(egress) = &self.egress else { return };
        let turn = self.turn_at(place);
        let _turn = turn.lock().await;
        if !keyring.claim_fetch(place, now) {
            return;
        }
        let published = match fetched(egress, place).await {
            Ok(published) => published,
            Err(error) => {
                tracing::warn!(%error, "the keys of an issuer are not there");
                return;
            }
        };
        let learnt = keyring.learn_keys(place, &published.jwks, published.current_s, now);
        if let Err(error) = learnt {
            tracing::warn!(%error, uri = %place.uri, "the keys of an issuer cannot be used");
        }
    }

    fn turn_at(&self, place: &KeyPlace) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if turns.len() >= ISSUER_TURNS_MAX {
            turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        }
        Arc::clone(turns.entry(place.clone()).or_default())
    }
}

async fn fetched(egress: &Egress, place: &KeyPlace) -> Result<keys::Published, EgressError> {
    let reach = match place.private {
        true => Reach::Private,
        false => Reach::Public,
    };
    keys::fetch(egress, &Destination::parse(&place.uri, reach)?).await
}
