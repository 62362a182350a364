//! The emulated org as callers see it: requests in, answers out. One module per noun.

#[path = "org"]
mod org {
    mod engine;
    mod groups;
    mod log;
    mod oauth;
    mod schemas;
    mod seed;
    mod serve;
    mod simple;
    mod users;
    pub mod world;
}
