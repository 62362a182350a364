//! The emulated org as callers see it: requests in, answers out. One module per noun.

#[path = "org"]
mod org {
    mod engine;
    mod seed;
    mod simple;
    pub mod world;
}
