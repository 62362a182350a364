//! Waiting for a turn: until when, behind whom, and what becomes of those who go away.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

use super::*;
use crate::limits::{QUEUED_MAX, QUEUED_PER_CLIENT_MAX};

/// A ledger that knows that so many calls of a hundred are left for the next 49 s, all used by others. The teller's call is over.
async fn with_left(remaining: u32) -> Arc<Ledger> {
    let ledger = Arc::new(Ledger::default());
    ledger.open_lane();
    tell(&ledger, LIST, 100, remaining).await;
    ledger
}

/// Whether the call waits, having been asked for.
async fn waits<F: Future + Unpin>(call: &mut F) -> bool {
    poll_fn(|context| Poll::Ready(Pin::new(&mut *call).poll(context).is_pending())).await
}

/// The same with another limit.
async fn tell_on(ledger: &Arc<Ledger>, limit: u32) {
    sleep(Duration::from_secs(REST)).await;
    tell(ledger, LIST, limit, 0).await;
}

/// Leave for as many calls as may be under way at once, taken by people.
async fn all_slots(ledger: &Arc<Ledger>) -> Vec<Ticket> {
    tell(ledger, "listUsers", 1_000, 1_000).await;
    let mut held = Vec::new();
    for name in ["p", "q", "r"] {
        let people = Who::client(name, Priority::People, 1);
        while let Ok(ticket) = people.admit(ledger, "listUsers", 0).await {
            held.push(ticket);
        }
    }
    held
}

/// Seconds until the window ends as [`tell`] states it, margin included.
const REST: u64 = 51;

fn script(name: &str) -> Who {
    Who::client(name, Priority::Automation, 1)
}

#[tokio::test(start_paused = true)]
async fn a_call_that_would_not_get_its_turn_in_time_is_refused_at_once() {
    let ledger = with_left(0).await;
    let start = Instant::now();
    let refusal = script("a")
        .admit(&ledger, LIST, REST - 1)
        .await
        .unwrap_err();
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(
        (refusal.limit, refusal.wait),
        (Some(100), Duration::from_secs(REST))
    );
    // Other buckets are not touched by it.
    assert!(script("a").admit(&ledger, "listUsers", 0).await.is_ok());
    sleep(refusal.wait).await;
    assert!(script("a").admit(&ledger, LIST, 0).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_window_begins_in_time_waits_for_it() {
    let ledger = with_left(0).await;
    let start = Instant::now();
    assert!(script("a").admit(&ledger, LIST, REST).await.is_ok());
    assert_eq!(start.elapsed(), Duration::from_secs(REST));
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_beyond_its_time() {
    let ledger = with_left(100).await;
    let held = all_slots(&ledger).await;
    let start = Instant::now();
    let refusal = script("a").admit(&ledger, LIST, 10).await.unwrap_err();
    assert_eq!(start.elapsed(), Duration::from_secs(10));
    assert_eq!(
        (refusal.bucket.as_str(), refusal.limit),
        ("calls at once", None)
    );
    assert_eq!(held.len(), Pace::GATEWAY.concurrency_max);
}

#[tokio::test(start_paused = true)]
async fn leave_that_is_not_used_counts_for_nothing() {
    let ledger = with_left(100).await;
    let script = script("a");
    for _ in 0..200 {
        drop(script.admit(&ledger, LIST, 0).await.unwrap());
    }
    let mut sent = script.admit(&ledger, LIST, 0).await.unwrap();
    sent.depart();
    drop(sent);
    assert_eq!(
        ledger.portion(&script.client, script.share).buckets[0].used,
        1
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_goes_away_leaves_its_place_and_its_turn_to_the_next() {
    let ledger = with_left(100).await;
    let mut held = all_slots(&ledger).await;
    let (first, second) = (script("a"), script("b"));
    let mut gone = Box::pin(first.admit(&ledger, LIST, 60));
    let mut next = Box::pin(second.admit(&ledger, LIST, 60));
    assert!(waits(&mut gone).await);
    assert!(waits(&mut next).await);
    // The leave has been given to the first, which never takes it.
    held.clear();
    drop(gone);
    assert!(next.await.is_ok());
    let portion = ledger.portion(&first.client, first.share);
    assert_eq!((portion.waiting, portion.under_way), (0, 0));
    assert_eq!(portion.buckets[0].used, 0);
}

#[tokio::test(start_paused = true)]
async fn the_queue_is_bounded_for_each_and_for_all() {
    let ledger = with_left(0).await;
    tell_on(&ledger, 1_000).await;
    let mut waiting = Vec::new();
    for client in 0..10 {
        let who = script(&format!("c{client}"));
        for _ in 0..QUEUED_PER_CLIENT_MAX + 1 {
            let (who, ledger) = (who.clone(), Arc::clone(&ledger));
            let mut call = Box::pin(async move { who.admit(&ledger, LIST, REST + 1).await });
            if waits(&mut call).await {
                waiting.push(call);
            }
        }
        let expected = QUEUED_MAX.min((client + 1) * QUEUED_PER_CLIENT_MAX as usize);
        assert_eq!(waiting.len(), expected);
    }
    drop(waiting);
    assert_eq!(ledger.book().waiters.len(), 0);
}

#[tokio::test(start_paused = true)]
async fn too_many_at_once_for_okta_are_fewer_afterwards() {
    let ledger = with_left(100).await;
    let people = Who::client("p", Priority::People, 1);
    let mut held = Vec::new();
    for _ in 0..36 {
        held.push(people.admit(&ledger, LIST, 0).await.unwrap());
    }
    let mut last = held.pop().unwrap();
    last.depart();
    last.answered(Some(Stated {
        limit: 0,
        remaining: 0,
        reset: 11,
        date: 10,
    }));
    drop(last);
    held.truncate(27);
    assert!(people.admit(&ledger, LIST, 0).await.is_err());
    held.truncate(20);
    assert!(people.admit(&ledger, LIST, 0).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waited_for_news_waits_on_for_what_the_news_say() {
    let ledger = Arc::new(Ledger::default());
    let job = Who::job(&ledger, "backup", Pace::JOB);
    let mut first = job.admit(&ledger, LIST, FAR).await.unwrap();
    first.depart();
    let mut second = Box::pin(job.admit(&ledger, LIST, FAR));
    assert!(waits(&mut second).await);
    first.answered(Some(Stated {
        limit: 2,
        remaining: 1,
        reset: 60,
        date: 10,
    }));
    drop(first);
    let start = Instant::now();
    assert!(second.await.is_ok());
    // The job's share of two is one: the next window.
    let waited = start.elapsed().as_secs();
    assert!((REST - 1..REST + 2).contains(&waited), "{waited} s");
}
