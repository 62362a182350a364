//! The credential in use, and the look-out for its successor. One that is kept in a vault may be replaced there while calls are
//! made: calls that have begun end with the one they began with, later ones show the new one.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use access::OrgName;
use clock::Clock;

use crate::credential::Authority;
use crate::limits::CREDENTIAL_STALENESS_MS_MAX;
use crate::wire::Wire;
use crate::{ConnectError, CredentialSource, Vault};

/// Holds the credential of one org.
#[derive(Debug)]
pub(crate) struct Custody {
    held: RwLock<Held>,
    watch: Option<Watch>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Clone)]
struct Held {
    authority: Arc<Authority>,
    generation: i64,
}

#[derive(Debug)]
struct Watch {
    vault: Arc<Vault>,
    org: OrgName,
    /// When the vault was last seen to hold what is held here.
    seen_ms: AtomicI64,
}

impl Custody {
    pub(crate) fn new(
        source: CredentialSource,
        wire: &Wire,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ConnectError> {
        let (held, watch) = match source {
            CredentialSource::Kept { vault, org } => {
                let watch = Watch {
                    vault,
                    org,
                    seen_ms: AtomicI64::new(clock.now().as_millisecond()),
                };
                (watch.take(wire, &clock)?, Some(watch))
            }
            CredentialSource::Given(credential) => {
                let authority = Arc::new(Authority::new(credential, wire, Arc::clone(&clock))?);
                let held = Held {
                    authority,
                    generation: 0,
                };
                (held, None)
            }
        };
        Ok(Self {
            held: RwLock::new(held),
            watch,
            clock,
        })
    }

    /// The credential for a call that begins now. The vault is asked now and then; when it cannot answer, the one at hand serves.
    pub(crate) fn current(&self, wire: &Wire) -> Arc<Authority> {
        let now = self.clock.now().as_millisecond();
        let due = self.watch.as_ref().filter(|watch| {
            let age = now - watch.seen_ms.load(Ordering::Relaxed);
            !(0..CREDENTIAL_STALENESS_MS_MAX).contains(&age)
        });
        if let Some(watch) = due {
            self.look(watch, wire);
            watch.seen_ms.store(now, Ordering::Relaxed);
        }
        self.held().authority
    }

    /// Whether another credential has taken the place of `refused`, which Okta has just refused. The vault is asked at once.
    pub(crate) fn has_successor(&self, refused: &Arc<Authority>, wire: &Wire) -> bool {
        if let Some(watch) = &self.watch {
            self.look(watch, wire);
        }
        !Arc::ptr_eq(&self.held().authority, refused)
    }

    fn look(&self, watch: &Watch, wire: &Wire) {
        let known = self.held().generation;
        let found = match watch.vault.generation(&watch.org) {
            Ok(generation) if generation == known => return,
            Ok(_) => watch.take(wire, &self.clock),
            Err(error) => Err(error.into()),
        };
        match found {
            Ok(fresh) => {
                let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
                // Of several who looked at once, one replaces.
                if held.generation != fresh.generation {
                    tracing::info!(org = %watch.org, generation = fresh.generation, "credential for Okta replaced");
                    *held = fresh;
                }
            }
            Err(error) => {
                tracing::warn!(org = %watch.org, %error, "the credential for Okta cannot be looked up, the one at hand is used");
            }
        }
    }

    fn held(&self) -> Held {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.clone()
    }
}

impl Watch {
    fn take(&self, wire: &Wire, clock: &Arc<dyn Clock>) -> Result<Held, ConnectError> {
        let (text, generation) = self.vault.take(&self.org)?;
        let authority = Authority::new(text.read()?, wire, Arc::clone(clock))?;
        Ok(Held {
            authority: Arc::new(authority),
            generation,
        })
    }
}
