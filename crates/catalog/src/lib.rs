//! Okta's API as values: which operations exist, what they take and give, how risky they are, and which one a request means.
//!
//! Everything here is data compiled from Okta's published OpenAPI documents by `cargo xtask catalog` and embedded into the
//! binary. The crate never does I/O, never waits, never reads a clock, and never decides who may do what.
//!
//! Start with [`operations`] (the list), [`recognise`] (request target → exactly one operation, or a refusal),
//! [`Operation::path`] (the way back: operation and parameters → canonical path) and [`shapes`] (what bodies look like).

mod bucket;
mod canonical;
mod escape;
mod extension;
mod index;
mod limits;
mod method;
mod notation;
mod operation;
mod operations;
mod path;
pub mod pattern;
mod query;
mod recognise;
pub mod resource;
mod risk;
mod routes;
mod shape;

pub use bucket::{Bucket, Buckets, Limit, buckets};
pub use canonical::Ambiguity;
pub use limits::{PATH_BYTES_MAX, QUERY_BYTES_MAX, QUERY_PAIRS_MAX, SEGMENTS_MAX};
pub use method::Method;
pub use notation::{Property, Type};
pub use operation::{
    Body, Kind, Lifecycle, Operation, Parameter, Place, Reply, Spec, Unscoped, unnamed,
};
pub use operations::{Operations, operations};
pub use path::Unbuildable;
pub use query::encode_query;
pub use recognise::{Recognised, Unrecognised, operations_at, recognise};
pub use risk::Risk;
pub use shape::{Discriminator, Shape, Shapes, shapes};
