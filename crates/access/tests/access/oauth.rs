//! What clients and their owners rely on at the authorization server: who gets a token, what it is good for, and when it ends.

mod authentication;
mod bound;
mod ending;
mod exchange;
mod issue;
mod keys;
mod world;
