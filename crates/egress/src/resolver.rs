//! Names to addresses, keeping only those within reach: the connection is made to an address that was checked, so that a name
//! cannot answer one thing to the check and another to the connection.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower_service::Service;

use crate::Reach;

/// The system's resolver, within reach.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    system: GaiResolver,
    reach: Reach,
}

impl Resolver {
    pub(crate) fn within(reach: Reach) -> Self {
        Self {
            system: GaiResolver::new(),
            reach,
        }
    }
}

/// A name none of whose addresses is within reach.
#[derive(Debug, thiserror::Error)]
#[error("no address within reach")]
pub(crate) struct NoneWithin;

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.system.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (found, reach) = (self.system.call(name), self.reach);
        Box::pin(async move {
            let within: Vec<SocketAddr> = found
                .await?
                .filter(|address| reach.covers(address.ip()))
                .collect();
            match within.is_empty() {
                true => Err(io::Error::other(NoneWithin)),
                false => Ok(within.into_iter()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_of_this_machine_is_out_of_public_reach() {
        let name: Name = "localhost".parse().unwrap();
        let refused = Resolver::within(Reach::Public)
            .call(name.clone())
            .await
            .unwrap_err();
        assert!(
            refused
                .get_ref()
                .is_some_and(|inner| inner.is::<NoneWithin>())
        );
        let mut found = Resolver::within(Reach::Private).call(name).await.unwrap();
        assert!(found.all(|address| address.ip().is_loopback()));
    }
}
