//! `cargo xtask bench budget`: what leave for a call costs where nobody waits, from asking to the end of the call, as the callers of
//! one budget grow.

use std::sync::Arc;
use std::time::Duration;

use access::{ClientId, Priority, Share};
use anyhow::{Context as _, Result};
use tokio::time::Instant;
use upstream::{Ask, Ledger, Pace, Stated};

use super::cpu::{median, round_ns};

const CALLERS: [usize; 4] = [1, 10, 100, 1_000];
const ROUNDS: usize = 31;
const CALLS_PER_ROUND: u32 = 10_000;

/// Measures and prints.
pub(crate) fn run() -> Result<()> {
    println!("{:>8} {:>8} {:>10}", "callers", "ns", "no limit");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()?;
    for callers in CALLERS {
        let limited = runtime.block_on(measure(callers, Some(u32::MAX / 2)))?;
        let boundless = runtime.block_on(measure(callers, None))?;
        println!("{callers:>8} {limited:>8.0} {boundless:>10.0}");
    }
    Ok(())
}

/// Nanoseconds of CPU per call, the callers taking turns.
async fn measure(callers: usize, limit: Option<u32>) -> Result<f64> {
    let ledger = Arc::new(Ledger::default());
    let lane = ledger.open_lane();
    let operation = catalog::operations()
        .by_id("listUsers")
        .context("unknown operation")?;
    let clients: Vec<ClientId> = (0..callers)
        .map(|number| ClientId::new(&format!("cli{number:016}")))
        .collect();
    let deadline = Instant::now() + Duration::from_secs(3_600);
    let ask = |client| Ask {
        operation,
        client,
        share: Share {
            priority: Priority::Automation,
            weight: 1,
        },
        lane,
        pace: Pace::GATEWAY,
        deadline,
    };
    let stated = limit.map(|limit| Stated {
        limit,
        remaining: limit,
        reset: 60,
        date: 0,
    });
    let mut rounds = Vec::with_capacity(ROUNDS);
    let mut turns = clients.iter().cycle();
    for _ in 0..ROUNDS {
        rounds.push(round_ns(CALLS_PER_ROUND, &mut || {
            let Some(client) = turns.next() else { return };
            let leave = std::pin::pin!(ledger.admit(ask(client)));
            if let Some(Ok(mut ticket)) = futures_now(leave) {
                ticket.depart();
                ticket.answered(stated);
            }
        }));
    }
    Ok(median(rounds))
}

/// What a future that need not wait gives.
fn futures_now<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}
