//! The seam itself: whatever answers calls the way an Okta org does. Okta over HTTPS is one, the emulated org another.

use std::fmt::Debug;

use access::{ClientId, Permit, Share};
use audit::Recorded;
use futures_util::future::BoxFuture;

use crate::{Answer, Budget, Portion, UpstreamError};

/// Something that answers calls as an Okta org does.
///
/// The only argument there is is a permitted call that has been recorded, so that no call can be made that was neither.
pub trait Upstream: Send + Sync + Debug {
    /// Makes the call and hands back whatever was answered, failures included.
    fn call<'a>(
        &'a self,
        call: &'a Recorded<Permit>,
    ) -> BoxFuture<'a, Result<Answer, UpstreamError>>;

    /// What is known of the org's rate limits; empty when there are none.
    fn budget(&self) -> Budget;

    /// What one client has of them; empty when there are none.
    fn portion(&self, client: &ClientId, share: Share) -> Portion;
}
