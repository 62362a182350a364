//! The emulated org as callers see it: requests in, answers out. One module per noun.

#[path = "org"]
mod org {
    mod engine;
    mod simple;
    pub mod world;
}
