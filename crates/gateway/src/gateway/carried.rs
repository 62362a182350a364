//! A future that is carried to its end when whoever waits for it goes away: a caller that hangs up must not leave a call half made
//! and unrecorded. Costs one allocation, and a task only when it comes to that.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::runtime::Handle;

/// A future that the runtime takes over when it is dropped before its end.
pub(super) struct Carried<F>(Option<Pin<Box<F>>>)
where
    F: Future + Send + 'static,
    F::Output: Send;

impl<F> Carried<F>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    pub(super) fn new(future: F) -> Self {
        Self(Some(Box::pin(future)))
    }
}

impl<F> Future for Carried<F>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // Taken out meanwhile, so that one that panics is not carried on.
        let Some(mut future) = self.0.take() else {
            return Poll::Pending;
        };
        let poll = future.as_mut().poll(context);
        if poll.is_pending() {
            self.0 = Some(future);
        }
        poll
    }
}

impl<F> Drop for Carried<F>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn drop(&mut self) {
        if let Some(future) = self.0.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(future);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::sync::oneshot;

    #[tokio::test(start_paused = true)]
    async fn what_nobody_waits_for_any_more_is_carried_to_its_end() {
        let (tell, told) = oneshot::channel();
        let carried = Carried::new(async move {
            tokio::time::sleep(Duration::from_secs(9)).await;
            tell.send("done").unwrap();
        });
        assert!(
            tokio::time::timeout(Duration::from_secs(1), carried)
                .await
                .is_err()
        );
        assert_eq!(told.await, Ok("done"));
    }

    #[tokio::test]
    async fn what_has_ended_is_not_begun_again() {
        let (tell, told) = oneshot::channel();
        Carried::new(async move { tell.send(1).unwrap() }).await;
        assert_eq!(told.await, Ok(1));
    }
}
