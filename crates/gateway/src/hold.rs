//! Calls that wait for people: one that an elevation would permit, from a caller that wishes to wait, asks for the elevation and is held
//! until it is decided. While held it takes no place among the calls in flight and no lock, only one of a few places of its own; it
//! learns the decision from memory, a few times a second. What happens then is decided anew, by `access`, from the start.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use access::{
    AccessError, Asked, Caller, ClientId, Denial, ELEVATION_MINUTES_DEFAULT, Elevation,
    ElevationId, Keyring, Stage,
};
use audit::{AuditError, Event};
use catalog::Operation;
use clock::Clock;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::limits::{HELD_MAX, HELD_PER_CLIENT_MAX, HOLD_LOOK_EVERY};
use crate::refusal::Refusal;
use crate::restrain::Above;
use crate::settings::Front;
use crate::table::Kind;
use crate::telling::{Hand, Pace, Step, Untaken, take};
use crate::wish::Wish;
use crate::{freeze, permit};

/// What a held call waits for.
#[derive(Clone, Debug)]
pub(crate) enum Want {
    /// To be permitted at all.
    Permit(Denial),
    /// A budget with room for what it does.
    Budget(Box<Above>),
}

impl Want {
    fn operation(&self) -> &'static Operation {
        match self {
            Self::Permit(denial) => denial.operation,
            Self::Budget(above) => above.operation,
        }
    }

    /// The refusal of a call that does not wait for it.
    fn refusal(&self) -> Refusal {
        match self {
            Self::Permit(denial) => permit::refusal_of(denial.clone()),
            Self::Budget(above) => above.refusal(),
        }
    }

    /// The refusal of a call that waited for it in vain.
    fn in_vain(&self) -> Refusal {
        match self {
            Self::Permit(denial) => Refusal::new(Kind::Denied, denial.code())
                .because(format!("{}: {}.", denial.operation.id, denial.reason)),
            Self::Budget(above) => above.refusal(),
        }
    }

    /// An open request that would do.
    fn open(
        &self,
        keyring: &Keyring,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<Option<Arc<Elevation>>, AccessError> {
        match self {
            Self::Permit(denial) => keyring.open_request(client, denial.operation, now),
            Self::Budget(above) => keyring.open_raise(client, &above.raises, now),
        }
    }

    /// What is asked for otherwise: this operation alone, or this raise alone.
    fn asked(&self, reason: String) -> Asked {
        let asked = Asked {
            reason,
            minutes: ELEVATION_MINUTES_DEFAULT,
            ..Asked::default()
        };
        match self {
            Self::Permit(denial) => Asked {
                operations: vec![denial.operation.id.to_owned()],
                ..asked
            },
            Self::Budget(above) => Asked {
                raises: above.raises.clone(),
                about: above.about.clone(),
                ..asked
            },
        }
    }
}

/// Where a held call is written down, and by what it is decided.
#[derive(Clone, Copy)]
pub(crate) struct Desk<'d> {
    pub(crate) front: &'d Front,
    pub(crate) keyring: &'d Arc<Keyring>,
    pub(crate) clock: &'d dyn Clock,
}

/// The places for held calls.
#[derive(Debug)]
pub(crate) struct Holds {
    taken: Arc<Mutex<HashMap<ClientId, usize>>>,
    /// One asks at a time, so that calls that wait for the same thing ask once.
    asking: tokio::sync::Mutex<()>,
    stop: watch::Sender<bool>,
}

/// A place for one held call; free again when dropped, whether the call goes on, is refused, or its caller hangs up.
#[derive(Debug)]
pub(crate) struct Place {
    client: ClientId,
    taken: Arc<Mutex<HashMap<ClientId, usize>>>,
    /// For how long, as the caller wishes.
    pub(crate) wish: Wish,
    until: Timestamp,
    reason: String,
    want: Want,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.client) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                taken.remove(&self.client);
            }
        }
    }
}

impl Default for Holds {
    fn default() -> Self {
        Self {
            taken: Arc::default(),
            asking: tokio::sync::Mutex::default(),
            stop: watch::Sender::new(false),
        }
    }
}

impl Holds {
    /// A place for a call that wants something, if its caller wishes to wait and an elevation could help.
    ///
    /// # Errors
    /// The refusal of the call, saying how to go on.
    pub(crate) fn place(
        &self,
        caller: &Caller,
        want: Want,
        wish: Option<&Wish>,
        now: Timestamp,
    ) -> Result<Place, Refusal> {
        let liftable = match &want {
            Want::Permit(denial) => denial.liftable,
            Want::Budget(above) => !above.raises.is_empty(),
        };
        let (true, Some(wish)) = (liftable, wish) else {
            return Err(want.refusal());
        };
        let Some(reason) = wish.reason.clone() else {
            return Err(want.refusal().because(
                "To wait for an elevation, say in one `X-Portcullis-Reason` what it is needed for.",
            ));
        };
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of_client = taken.get(caller.client()).copied().unwrap_or(0);
        if of_client >= HELD_PER_CLIENT_MAX || taken.values().sum::<usize>() >= HELD_MAX {
            drop(taken);
            let full = "Too many calls are held already; ask for the elevation instead of waiting.";
            return Err(want.refusal().because(full));
        }
        taken.insert(caller.client().clone(), of_client + 1);
        let wait = SignedDuration::from_secs(i64::from(wish.wait_s));
        Ok(Place {
            client: caller.client().clone(),
            taken: Arc::clone(&self.taken),
            wish: wish.clone(),
            until: now.saturating_add(wait).unwrap_or(Timestamp::MAX),
            reason,
            want,
        })
    }

    /// The caller of a held call once people agreed, as it is by then: asks for the elevation unless that was done, and waits.
    ///
    /// # Errors
    /// The refusal of the call: denied, lapsed, waited long enough, or the gateway stops.
    pub(crate) async fn agreed(
        &self,
        desk: Desk<'_>,
        caller: &Caller,
        source: IpAddr,
        place: &Place,
    ) -> Result<Caller, Refusal> {
        let Desk {
            front,
            keyring,
            clock,
        } = desk;
        let hand = Hand {
            source: Some(source),
            credential: Some(caller.credential().to_string()),
            ..Hand::default()
        };
        let elevation = self.ask(desk, place, hand).await?;
        let unrecorded = |error: AuditError| Refusal::new(Kind::Unrecorded, error.to_string());
        let held = front.trail.note(Event {
            kind: "call_held",
            client: Some(caller.client().to_string()),
            credential: Some(caller.credential().to_string()),
            operation: Some(place.want.operation().id.to_owned()),
            source: Some(source),
            reason: Some(place.reason.clone()),
            details: vec![
                ("elevation", elevation.id.to_string()),
                ("seconds", place.wish.wait_s.to_string()),
            ],
            ..Event::default()
        });
        held.await.map_err(unrecorded)?;
        self.decided(desk, caller, place, &elevation.id).await?;
        let renewed = keyring.renew(caller, source, clock.now());
        renewed.map_err(|why| Refusal::new(Kind::Stranger, why.code()))
    }

    /// The request that a held call waits for: an open one that would permit the operation, else a new one for this operation alone;
    /// written down when it is new.
    async fn ask(&self, desk: Desk<'_>, place: &Place, hand: Hand) -> Result<Elevation, Refusal> {
        let _one_at_a_time = self.asking.lock().await;
        let (front, now) = (desk.front, desk.clock.now());
        let (client, reason) = (place.client.clone(), place.reason.clone());
        let want = place.want.clone();
        let pace = Pace {
            step: Step::Asked,
            hand,
            now,
        };
        let work = move |keyring: &Keyring| ask(keyring, &client, &want, reason, now);
        let asked = take(desk.keyring, (&front.trail, &front.notices), pace, work).await;
        match asked {
            Ok((found, _)) => Ok(found),
            Err(Untaken::Refused(AccessError::Elevation(objection))) => {
                let refusal = place.want.refusal();
                Err(refusal.because(format!("{objection}. {}", objection.hint())))
            }
            Err(Untaken::Refused(error)) => Err(Refusal::new(Kind::Unrecorded, error.to_string())),
            Err(Untaken::Unrecorded(why)) => Err(Refusal::new(Kind::Unrecorded, why)),
        }
    }

    /// Waits until the request is approved.
    async fn decided(
        &self,
        desk: Desk<'_>,
        caller: &Caller,
        place: &Place,
        id: &ElevationId,
    ) -> Result<(), Refusal> {
        let wait = Duration::from_secs(u64::from(place.wish.wait_s));
        // By the runtime's clock too: the machine's may be set back meanwhile.
        let patience = Instant::now() + wait;
        let mut stop = self.stop.subscribe();
        let mut look = interval(HOLD_LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = look.tick() => {}
                _ = stop.wait_for(|stop| *stop) => return Err(place.refusal(id, "The gateway is being stopped.")),
            }
            let now = desk.clock.now();
            freeze::refuse(desk.keyring, caller, place.want.operation(), now)?;
            let stage = desk.keyring.stage(id, now);
            let stage = stage.map_err(|error| Refusal::new(Kind::Unrecorded, error.to_string()))?;
            let ended = match stage {
                Some(Stage::Running { .. }) => return Ok(()),
                Some(Stage::Open { .. }) if now < place.until && Instant::now() < patience => {
                    continue;
                }
                Some(Stage::Open { .. }) => "Nobody has decided yet; the request stays open.",
                Some(Stage::Denied) => "It was denied.",
                Some(Stage::Lapsed) => "Nobody decided in time.",
                Some(Stage::Over) | None => "It is over.",
            };
            return Err(place.refusal(id, ended));
        }
    }

    /// Ends all holds, now and from now on: the gateway stops.
    pub(crate) fn stop(&self) {
        self.stop.send_replace(true);
    }
}

impl Place {
    /// The refusal of a call that was held in vain.
    fn refusal(&self, id: &ElevationId, why: &str) -> Refusal {
        let (name, value) = self.wish.applied();
        let how = format!(
            "See it with GET {}/{id}, and repeat the call once it is approved.",
            crate::permit::ELEVATIONS
        );
        self.want
            .in_vain()
            .because(format!("The call waited for the elevation {id}. {why}"))
            .because(how)
            .with_header(name, value)
    }
}

fn ask(
    keyring: &Keyring,
    client: &ClientId,
    want: &Want,
    reason: String,
    now: Timestamp,
) -> Result<(Elevation, bool), AccessError> {
    if let Some(open) = want.open(keyring, client, now)? {
        return Ok((Elevation::clone(&open), false));
    }
    Ok((keyring.ask(client, want.asked(reason), now)?, true))
}
