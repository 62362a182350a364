//! The ledger against an org that counts and enforces its limits, on paused time: minutes pass in milliseconds.

mod fairness;
mod queue;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use access::{ClientId, Priority, Share};
use catalog::Operation;
use futures_util::future::join_all;
use tokio::time::{Instant, sleep};

use super::{Ask, Lane, Ledger, Refusal, Ticket};
use crate::budget::Stated;
use crate::{Pace, Patience};

/// An org with one rate bucket. Windows last a minute, from their first call or by the clock.
struct Org {
    limit: u32,
    by_the_clock: bool,
    born: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    window: u64,
    used: u32,
    ours: u32,
    /// Our calls in the window in which we made most.
    ours_max: u32,
    /// Highest count of everybody's calls that one of ours ended on.
    level_max: u32,
    refusals: u32,
    /// Our calls of every window by client.
    windows: Vec<BTreeMap<ClientId, u32>>,
    /// Calls of others that were refused.
    others_refused: u32,
}

const EPOCH: u64 = 1_700_000_000;

impl Org {
    fn new(limit: u32, by_the_clock: bool) -> Arc<Self> {
        Arc::new(Self {
            limit,
            by_the_clock,
            born: Instant::now(),
            state: Mutex::default(),
        })
    }

    /// Counts one call, and states what Okta's headers would.
    fn take(&self, whose: Option<&ClientId>) -> Stated {
        let ours = whose.is_some();
        let now_ms = u64::try_from(self.born.elapsed().as_millis()).unwrap();
        let mut state = self.state.lock().unwrap();
        if now_ms >= state.window {
            let start = if self.by_the_clock {
                now_ms - now_ms % 60_000
            } else {
                now_ms
            };
            *state = State {
                window: start + 60_000,
                used: 0,
                ours: 0,
                ..std::mem::take(&mut *state)
            };
            state.windows.push(BTreeMap::new());
        }
        if state.used < self.limit {
            state.used += 1;
        } else if ours {
            state.refusals += 1;
        } else {
            state.others_refused += 1;
        }
        if let Some(client) = whose {
            let window = state.windows.last_mut().unwrap();
            *window.entry(client.clone()).or_default() += 1;
            state.ours += 1;
            state.ours_max = state.ours_max.max(state.ours);
            state.level_max = state.level_max.max(state.used);
        }
        let seconds = |ms: u64| i64::try_from(EPOCH + ms / 1000).unwrap();
        Stated {
            limit: self.limit,
            remaining: self.limit - state.used,
            reset: seconds(state.window),
            date: seconds(now_ms),
        }
    }
}

fn operation(id: &str) -> &'static Operation {
    catalog::operations().by_id(id).unwrap()
}

/// A caller: a client with a share, and how it goes about the limits.
#[derive(Debug, Clone)]
struct Who {
    client: ClientId,
    share: Share,
    lane: Lane,
    pace: Pace,
}

impl Who {
    fn job(ledger: &Ledger, name: &str, pace: Pace) -> Self {
        Self {
            client: ClientId::new(name),
            share: Share::RECOVERY,
            lane: ledger.open_lane(),
            pace,
        }
    }

    /// A client behind the gateway.
    fn client(name: &str, priority: Priority, weight: u16) -> Self {
        Self {
            client: ClientId::new(name),
            share: Share { priority, weight },
            lane: Lane(0),
            pace: Pace::GATEWAY,
        }
    }

    async fn admit(&self, ledger: &Arc<Ledger>, id: &str, wait: u64) -> Result<Ticket, Refusal> {
        let ask = Ask {
            operation: operation(id),
            client: &self.client,
            share: self.share,
            lane: self.lane,
            pace: self.pace,
            deadline: Instant::now() + Duration::from_secs(wait),
        };
        ledger.admit(ask).await
    }
}

const FAR: u64 = 24 * 3600;

/// The operation that most stories are about.
const LIST: &str = "listApplications";

/// One call: admitted within `wait` seconds, counted by the org half way, answered. Whether it was made.
async fn call(ledger: &Arc<Ledger>, org: &Org, who: &Who, latency: Duration, wait: u64) -> bool {
    let Ok(mut ticket) = who.admit(ledger, LIST, wait).await else {
        return false;
    };
    ticket.depart();
    sleep(latency / 2).await;
    let stated = org.take(Some(&who.client));
    sleep(latency / 2).await;
    ticket.answered(Some(stated));
    true
}

/// `calls` calls by twenty callers at once, answered after 40 to 960 ms.
async fn run(ledger: &Arc<Ledger>, org: &Org, who: &Who, calls: u64) {
    join_all((0..20).map(|caller| async move {
        for turn in 0..calls / 20 {
            let latency = Duration::from_millis(40 + (caller * 131 + turn * 389) % 920);
            assert!(call(ledger, org, who, latency, FAR).await);
        }
    }))
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_job_stays_within_its_share_and_uses_it() {
    for by_the_clock in [false, true] {
        let org = Org::new(100, by_the_clock);
        let ledger = Arc::new(Ledger::default());
        run(&ledger, &org, &Who::job(&ledger, "backup", Pace::JOB), 500).await;
        let state = org.state.lock().unwrap();
        assert_eq!(state.refusals, 0);
        assert!(
            state.ours_max <= 50,
            "{} of 100 with a share of 50",
            state.ours_max
        );
        // 500 calls at 50 a minute: nine full windows before the last one.
        let minutes = org.born.elapsed().as_secs_f64() / 60.0;
        assert!((9.0..11.0).contains(&minutes), "{minutes} minutes");
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_makes_room_for_others_below_the_warning_threshold() {
    let org = Org::new(100, false);
    let ledger = Arc::new(Ledger::default());
    let others = {
        let org = Arc::clone(&org);
        tokio::spawn(async move {
            loop {
                org.take(None);
                sleep(Duration::from_millis(857)).await; // Seventy a minute.
            }
        })
    };
    let greedy = Pace {
        share_percent: 100,
        ..Pace::JOB
    };
    run(&ledger, &org, &Who::job(&ledger, "backup", greedy), 300).await;
    others.abort();
    let state = org.state.lock().unwrap();
    assert_eq!(state.refusals, 0);
    // A call of somebody else's may arrive while ours is on its way.
    assert!(
        (80..=92).contains(&state.level_max),
        "{} of a hundred",
        state.level_max
    );
}

#[tokio::test(start_paused = true)]
async fn two_jobs_have_a_share_each() {
    let org = Org::new(100, false);
    let ledger = Arc::new(Ledger::default());
    let slow = Pace {
        share_percent: 20,
        ..Pace::JOB
    };
    let jobs = ["backup", "restore"].map(|name| Who::job(&ledger, name, slow));
    tokio::join!(
        run(&ledger, &org, &jobs[0], 40),
        run(&ledger, &org, &jobs[1], 40)
    );
    let state = org.state.lock().unwrap();
    assert!(state.ours_max <= 40, "{} of two times 20", state.ours_max);
    assert_eq!(state.refusals, 0);
}

#[tokio::test(start_paused = true)]
async fn a_bucket_nobody_states_a_limit_for_is_not_paced() {
    let ledger = Arc::new(Ledger::default());
    let busy = Pace {
        concurrency_max: 100,
        ..Pace::JOB
    };
    let job = Who::job(&ledger, "backup", busy);
    let mut first = job.admit(&ledger, "listUsers", FAR).await.unwrap();
    first.depart();
    first.answered(None);
    drop(first);
    let tickets = join_all((0..100).map(|_| job.admit(&ledger, "listUsers", FAR))).await;
    assert!(tickets.iter().all(Result::is_ok));
    assert_eq!(ledger.budget().in_flight, 100);
    drop(tickets);
    assert_eq!(ledger.budget().in_flight, 0);
}

/// Tells the ledger of one call, alone on the line, and what its answer stated.
async fn tell(ledger: &Arc<Ledger>, id: &str, limit: u32, remaining: u32) {
    let who = Who::job(
        ledger,
        "teller",
        Pace {
            patience: Patience::Immediate,
            ..Pace::GATEWAY
        },
    );
    let mut ticket = who.admit(ledger, id, FAR).await.unwrap();
    ticket.depart();
    ticket.answered(Some(Stated {
        limit,
        remaining,
        reset: 60,
        date: 10,
    }));
}

fn names(ledger: &Ledger) -> Vec<String> {
    ledger
        .budget()
        .buckets
        .into_iter()
        .map(|bucket| bucket.name)
        .collect()
}

#[tokio::test(start_paused = true)]
async fn an_operation_with_another_limit_gets_a_budget_of_its_own() {
    let ledger = Arc::new(Ledger::default());
    assert_eq!(
        operation("listApplications").bucket,
        operation("listFeaturesForApplication").bucket
    );
    let bucket = operation("listApplications").bucket.to_owned();
    tell(&ledger, "listApplications", 100, 99).await;
    tell(&ledger, "listFeaturesForApplication", 10, 9).await;
    tell(&ledger, "listApplications", 100, 98).await;
    assert_eq!(names(&ledger), [bucket.clone(), format!("{bucket}/10")]);
    let budget = ledger.budget();
    let seen: Vec<_> = budget
        .buckets
        .iter()
        .map(|b| (b.limit, b.remaining, b.used))
        .collect();
    assert_eq!(seen, [(100, 98, 2), (10, 9, 1)]);
}

#[tokio::test(start_paused = true)]
async fn calls_under_way_when_their_operation_gets_its_own_budget_hold_nobody_up() {
    let ledger = Arc::new(Ledger::default());
    let job = Who::job(&ledger, "backup", Pace::JOB);
    let admit = |id| job.admit(&ledger, id, 120);
    tell(&ledger, "listApplications", 100, 99).await;
    let tickets = join_all((0..3).map(|_| admit("listFeaturesForApplication"))).await;
    for (ticket, remaining) in tickets.into_iter().zip([9, 8, 7]) {
        let mut ticket = ticket.unwrap();
        ticket.depart();
        ticket.answered(Some(Stated {
            limit: 10,
            remaining,
            reset: 60,
            date: 10,
        }));
    }
    let used: Vec<_> = ledger.budget().buckets.iter().map(|b| b.used).collect();
    assert_eq!(used, [1, 3]);
    sleep(Duration::from_secs(60)).await;
    let start = Instant::now();
    drop(admit("listApplications").await.unwrap());
    assert!(start.elapsed() < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn buckets_whose_counts_continue_each_other_are_joined() {
    let ledger = Arc::new(Ledger::default());
    let (zones, idps) = ("listNetworkZones", "listAuthorizationServers");
    let buckets = [operation(zones).bucket, operation(idps).bucket];
    let apart = buckets[0] != buckets[1];
    let (zones, idps) = if apart {
        (zones, idps)
    } else {
        ("listGroups", "listUsers")
    };
    for (turn, remaining) in (90..100).rev().enumerate() {
        tell(
            &ledger,
            if turn % 2 == 0 { zones } else { idps },
            100,
            remaining,
        )
        .await;
    }
    assert_eq!(names(&ledger).len(), 1, "{:?}", ledger.budget());
    assert_eq!(ledger.budget().buckets[0].used, 10);
}

#[tokio::test(start_paused = true)]
async fn buckets_that_only_look_alike_stay_apart() {
    let ledger = Arc::new(Ledger::default());
    for remaining in (90..100).rev() {
        tell(&ledger, "listGroups", 100, remaining).await;
        tell(&ledger, "listUsers", 100, remaining).await;
    }
    assert_eq!(names(&ledger).len(), 2);
}
