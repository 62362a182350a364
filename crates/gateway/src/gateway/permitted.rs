//! From a call to its permit: at once, or after people agreed, when the caller wishes to wait for them.

use std::net::IpAddr;
use std::time::Instant;

use access::{Call, Caller, Needs, Permit};

use super::Gateway;
use crate::admission::Room;
use crate::hold::{Desk, Place, Want};
use crate::record::Facts;
use crate::refusal::Refusal;
use crate::restrain::{self, Stopped};
use crate::settings::Front;
use crate::wish::Wish;
use crate::{freeze, inspect, look_up, permit};

/// A call as its caller asks for it.
pub(super) struct Asking<'a> {
    pub(super) front: &'a Front,
    pub(super) caller: Caller,
    pub(super) call: Call,
    pub(super) source: IpAddr,
    pub(super) wish: Option<Wish>,
}

/// A call that may be made, the room it takes, and the wish to wait it was granted.
pub(super) struct Ready {
    pub(super) permit: Permit,
    pub(super) room: Room,
    pub(super) waited: Option<Wish>,
}

impl Gateway {
    /// The permit for a call, looking up what it takes; at once, or after people agreed if its caller wishes to wait for them.
    pub(super) async fn permitted(
        &self,
        mut asking: Asking<'_>,
        needs: Needs,
        room: Room,
        facts: &mut Facts,
    ) -> Result<Ready, Refusal> {
        let kept = asking.wish.is_some().then(|| asking.call.clone());
        let seen = look_up::circumstances(&asking.front.mirror, needs, &mut asking.call, facts)?;
        let denial = match access::decide(&asking.caller, asking.call, &seen, self.clock.now()) {
            Ok(permit) => {
                return Ok(Ready {
                    permit,
                    room,
                    waited: None,
                });
            }
            Err(denial) => denial,
        };
        drop(room);
        let wish = asking.wish.as_ref();
        let place = self.holds.place(
            &asking.caller,
            Want::Permit(denial.clone()),
            wish,
            self.clock.now(),
        )?;
        let Some(call) = kept else {
            return Err(permit::refusal_of(denial));
        };
        self.permitted_later(Asking { call, ..asking }, place, facts)
            .await
    }

    /// The permit for a call that waits for people: decided anew once they agreed, by what is known and who calls by then.
    pub(super) async fn permitted_later(
        &self,
        mut asking: Asking<'_>,
        place: Place,
        facts: &mut Facts,
    ) -> Result<Ready, Refusal> {
        // Nobody is asked about a call that could not be made anyway.
        inspect::inspect(&asking.front.inspector, &asking.call, facts)?;
        let Asking { front, source, .. } = asking;
        let desk = Desk {
            front,
            keyring: &self.keyring,
            clock: self.clock.as_ref(),
        };
        let held = Instant::now();
        let caller = self
            .holds
            .agreed(desk, &asking.caller, source, &place)
            .await?;
        // Whoever said how long it waits has waited for people already.
        asking.call.wait = asking
            .call
            .wait
            .map(|wait| wait.saturating_sub(held.elapsed()));
        let room = self.make_room(&caller)?;
        let now = self.clock.now();
        let needs =
            access::screen(&caller, asking.call.operation, now).map_err(permit::refusal_of)?;
        let seen = look_up::circumstances(&front.mirror, needs, &mut asking.call, facts)?;
        let permit = permit::permit(&caller, asking.call, &seen, now)?;
        Ok(Ready {
            permit,
            room,
            waited: Some(place.wish.clone()),
        })
    }

    /// A call that may be made, once what it takes away is within its budgets, or people agreed to it; and if its org is not frozen by
    /// now.
    pub(super) async fn restrained(
        &self,
        front: &Front,
        ready: Ready,
        (source, wish): (IpAddr, Option<Wish>),
        facts: &mut Facts,
    ) -> Result<Ready, Refusal> {
        restrain::count(&self.meter, &ready.permit, self.clock.now())?;
        let ready = match self.charged(front, &ready, facts).await {
            Ok(()) => ready,
            Err(Stopped::Refused(refusal)) => return Err(refusal),
            Err(Stopped::Above(above)) => {
                let Ready { permit, room, .. } = ready;
                drop(room);
                let (caller, call) = (permit.caller().clone(), permit.call().clone());
                let want = Want::Budget(above);
                let place = self
                    .holds
                    .place(&caller, want, wish.as_ref(), self.clock.now())?;
                let asking = Asking {
                    front,
                    caller,
                    call,
                    source,
                    wish,
                };
                let ready = self.permitted_later(asking, place, facts).await?;
                match self.charged(front, &ready, facts).await {
                    Ok(()) => ready,
                    Err(Stopped::Refused(refusal)) => return Err(refusal),
                    Err(Stopped::Above(above)) => return Err(above.refusal()),
                }
            }
        };
        let (caller, operation) = (ready.permit.caller(), ready.permit.call().operation);
        freeze::refuse(&self.keyring, caller, operation, self.clock.now())?;
        Ok(ready)
    }

    async fn charged(
        &self,
        front: &Front,
        ready: &Ready,
        facts: &mut Facts,
    ) -> Result<(), Stopped> {
        let now = self.clock.now();
        restrain::charge(&self.keyring, front, &ready.permit, facts, now).await
    }
}
