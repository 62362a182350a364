//! What callers get beside each other: shares, priorities, reserves. Every story runs on paused time against an org that enforces
//! its limit.

use proptest::prelude::*;

use super::*;

/// What became of one caller's calls.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Tally {
    made: u32,
    refused: u32,
}

/// How a caller behaves.
#[derive(Debug, Clone)]
struct Habit {
    who: Who,
    /// Calls it has open at once.
    at_once: usize,
    /// Time between one call's end and the next, per open call.
    pause_ms: u64,
    begins_s: u64,
    wait_s: u64,
}

impl Habit {
    /// Always has calls waiting, as many as may wait, and asks again at once.
    fn backlogged(who: Who) -> Self {
        Self {
            who,
            at_once: 20,
            pause_ms: 0,
            begins_s: 0,
            wait_s: FAR,
        }
    }

    /// One call every so often.
    fn modest(who: Who, every_ms: u64) -> Self {
        Self {
            who,
            at_once: 1,
            pause_ms: every_ms,
            begins_s: 0,
            wait_s: 10,
        }
    }

    fn from(self, begins_s: u64) -> Self {
        Self { begins_s, ..self }
    }
}

/// Lets all of them call for so many seconds; what became of each one's calls in the last `counted` of them.
async fn play(
    ledger: &Arc<Ledger>,
    org: &Arc<Org>,
    habits: &[Habit],
    span: (u64, u64),
) -> Vec<Tally> {
    let (seconds, counted) = span;
    let tallies: Arc<Mutex<Vec<Tally>>> =
        Arc::new(Mutex::new(vec![Tally::default(); habits.len()]));
    let start = Instant::now();
    let from = start + Duration::from_secs(seconds - counted);
    let mut tasks = Vec::new();
    for (place, habit) in habits.iter().enumerate() {
        for nth in 0..habit.at_once {
            let (ledger, org) = (Arc::clone(ledger), Arc::clone(org));
            let (habit, tallies) = (habit.clone(), Arc::clone(&tallies));
            tasks.push(tokio::spawn(async move {
                sleep(Duration::from_secs(habit.begins_s)).await;
                // Nobody calls in step.
                sleep(Duration::from_millis(
                    (place as u64 * 37 + nth as u64 * 11) % 400,
                ))
                .await;
                for turn in 0_u64.. {
                    let latency = Duration::from_millis(80 + (place as u64 * 29 + turn * 53) % 120);
                    let begun = Instant::now();
                    let made = call(&ledger, &org, &habit.who, latency, habit.wait_s).await;
                    if begun >= from {
                        let mut tallies = tallies.lock().unwrap();
                        let tally = &mut tallies[place];
                        if made {
                            tally.made += 1
                        } else {
                            tally.refused += 1
                        }
                    }
                    // Whoever is refused comes again after a moment.
                    let pause = if made {
                        habit.pause_ms
                    } else {
                        habit.pause_ms.max(250)
                    };
                    sleep(Duration::from_millis(pause)).await;
                }
            }));
        }
    }
    sleep(Duration::from_secs(seconds)).await;
    for task in tasks {
        task.abort();
        drop(task.await);
    }
    tallies.lock().unwrap().clone()
}

fn new_ledger() -> Arc<Ledger> {
    let ledger = Arc::new(Ledger::default());
    ledger.open_lane();
    ledger
}

fn script(name: &str) -> Who {
    Who::client(name, Priority::Automation, 1)
}

#[tokio::test(start_paused = true)]
async fn a_noisy_script_costs_nine_modest_callers_nothing() {
    for limit in [600, 100] {
        let (org, ledger) = (Org::new(limit, false), new_ledger());
        let every_ms = if limit == 600 { 2_000 } else { 15_000 };
        let mut habits: Vec<_> = (0..9)
            .map(|nth| Habit::modest(script(&format!("modest {nth}")), every_ms))
            .collect();
        habits.push(Habit {
            at_once: 32,
            pause_ms: 0,
            ..Habit::modest(script("noisy"), 0)
        });
        let tallies = play(&ledger, &org, &habits, (600, 600)).await;
        let (noisy, modest) = tallies.split_last().unwrap();
        assert!(
            modest.iter().all(|one| one.refused == 0),
            "{limit}: {tallies:?}"
        );
        assert_eq!(org.state.lock().unwrap().refusals, 0, "refused by the org");
        // Nothing is left unused for their sake: ten windows less what begins and ends with the story.
        let all: u32 = tallies.iter().map(|one| one.made).sum();
        assert!(all >= limit * 9, "{all} of {limit} a minute");
        assert!(noisy.refused > 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_alone_gets_the_whole_budget() {
    for priority in Priority::REGISTRABLE {
        let (org, ledger) = (Org::new(100, false), new_ledger());
        let alone = [Habit::backlogged(Who::client("alone", priority, 1))];
        let tallies = play(&ledger, &org, &alone, (600, 600)).await;
        assert!(tallies[0].made >= 950, "{priority:?}: {tallies:?} of 1000");
        assert_eq!(org.state.lock().unwrap().refusals, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_bulk_reader_does_not_empty_a_budget_at_the_start_of_a_window() {
    let (org, ledger) = (Org::new(100, false), new_ledger());
    let bulk = Habit::backlogged(Who::client("crawler", Priority::Bulk, 1));
    let person = Who::client("console", Priority::People, 1);
    // The second window, so that the crawler is known to be alone.
    let crawl = play(&ledger, &org, std::slice::from_ref(&bulk), (70, 70));
    let (_, served) = tokio::join!(crawl, async {
        sleep(Duration::from_secs(65)).await;
        join_all((0..15).map(|_| call(&ledger, &org, &person, Duration::from_millis(100), 0))).await
    });
    assert!(served.iter().all(|served| *served), "{served:?}");
    assert_eq!(org.state.lock().unwrap().refusals, 0);
}

#[tokio::test(start_paused = true)]
async fn people_go_before_scripts_and_scripts_before_crawlers_and_nobody_starves() {
    let (org, ledger) = (Org::new(300, false), new_ledger());
    let habits = [Priority::People, Priority::Automation, Priority::Bulk]
        .map(|priority| Habit::backlogged(Who::client(priority.word(), priority, 1)));
    play(&ledger, &org, &habits, (300, 0)).await;
    let state = org.state.lock().unwrap();
    for window in &state.windows[1..4] {
        let made = |priority: Priority| window[&ClientId::new(priority.word())];
        assert!(made(Priority::People) >= 300 * 80 / 100, "{window:?}");
        for low in [Priority::Automation, Priority::Bulk] {
            assert!((13..=30).contains(&made(low)), "{window:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn callers_of_other_priorities_do_not_keep_a_person_waiting() {
    let (org, ledger) = (Org::new(600, false), new_ledger());
    let mut habits: Vec<_> = (0..5)
        .map(|nth| Habit::backlogged(Who::client(&format!("bulk {nth}"), Priority::Bulk, 10)))
        .collect();
    habits.push(Habit {
        wait_s: 5,
        ..Habit::modest(Who::client("console", Priority::People, 1), 1_500)
    });
    let tallies = play(&ledger, &org, &habits, (300, 300)).await;
    assert_eq!(tallies.last().unwrap().refused, 0, "{tallies:?}");
}

#[tokio::test(start_paused = true)]
async fn a_newcomer_finds_room_beside_one_that_has_been_at_it_for_long() {
    let (org, ledger) = (Org::new(100, false), new_ledger());
    let habits = [
        Habit::backlogged(script("old")),
        Habit::modest(script("new"), 2_000).from(130),
    ];
    let tallies = play(&ledger, &org, &habits, (400, 270)).await;
    assert_eq!(tallies[1].refused, 0, "{tallies:?}");
    assert!(tallies[1].made > 100, "{tallies:?}");
}

#[tokio::test(start_paused = true)]
async fn what_other_principals_used_to_take_is_left_to_them() {
    let (org, ledger) = (Org::new(100, true), new_ledger());
    let others = {
        let org = Arc::clone(&org);
        tokio::spawn(async move {
            loop {
                org.take(None);
                sleep(Duration::from_secs(2)).await; // Thirty a minute.
            }
        })
    };
    let alone = [Habit::backlogged(script("busy"))];
    play(&ledger, &org, &alone, (600, 600)).await;
    others.abort();
    let state = org.state.lock().unwrap();
    // Somebody else may take the last call while ours is on its way.
    assert!(
        state.refusals <= 10,
        "{} of our calls in ten windows",
        state.refusals
    );
    assert!(
        state.others_refused <= 40,
        "{} of 300",
        state.others_refused
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Callers that always want more: each gets its weighted share of every window but for a few calls, all of it is used, the org
    /// refuses nothing.
    #[test]
    fn backlogged_callers_get_their_weighted_shares(
        weights in prop::collection::vec(1_u16..8, 2..7),
        limit in 60_u32..600,
        by_the_clock in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let (windows, refusals) = runtime.block_on(async {
            let (org, ledger) = (Org::new(limit, by_the_clock), new_ledger());
            let habits: Vec<_> = weights
                .iter()
                .enumerate()
                .map(|(nth, weight)| {
                    let who = Who::client(&format!("c{nth}"), Priority::Automation, *weight);
                    Habit::backlogged(who)
                })
                .collect();
            play(&ledger, &org, &habits, (61 * 6, 0)).await;
            let state = org.state.lock().unwrap();
            (state.windows.clone(), state.refusals)
        });
        prop_assert_eq!(refusals, 0);
        let sum: u32 = weights.iter().map(|weight| u32::from(*weight)).sum();
        // The first window tells who there is, the last is broken off.
        for window in &windows[1..windows.len() - 1] {
            let all: u32 = window.values().sum();
            prop_assert!(all * 100 >= limit * 97, "{} of {} used: {:?}", all, limit, &windows);
            for (nth, weight) in weights.iter().enumerate() {
                let made = f64::from(window[&ClientId::new(&format!("c{nth}"))]);
                let fair = f64::from(all) * f64::from(*weight) / f64::from(sum);
                // The last calls of a window go to whoever has a slot for calls at once by then.
                prop_assert!((made - fair).abs() <= 4.0, "{} for {}: {:?}", made, fair, &windows);
            }
        }
    }
}
