//! What is allowed to whom, written in Cedar: the schema made from the catalog, the policies checked against it and compiled per
//! caller, and the decision over one question.
//!
//! It keeps nothing, looks nothing up and knows no clock: objects and the time are handed in.
//!
//! The way through: [`schema`] says what policies can speak of, [`Policies::read`] takes their texts, [`Policies::slice`] what
//! concerns one caller, [`Slice::outlook`] what is known of an operation, [`Slice::decide`] what of a question. Meaning is
//! Cedar's to the letter: deny by default, forbid wins, a policy that errs is skipped.

mod action_set;
mod address;
mod compile;
mod condition;
mod entity;
mod evaluate;
mod expression;
mod glob;
mod hierarchy;
mod instant;
mod limits;
mod marks;
mod nesting;
mod part;
mod plain;
mod plan;
mod policies;
mod principal;
mod problem;
mod question;
mod reading;
mod schema;
mod settle;
mod slice;
mod slot;
mod statement;
mod validation;
mod value;
mod verdict;

pub use entity::{
    AttributeKind, AttributeType, CLIENT, EntityType, ORG, TEAM, entity_type, entity_types,
};
pub use limits::{POLICIES_MAX, POLICIES_NAMED_MAX, POLICY_BYTES_MAX};
pub use policies::{Policies, PolicyText};
pub use principal::{Basis, Principal, REGISTRATION};
pub use problem::{PolicyProblems, Problem, nearest};
pub use question::{Attribute, Object, Question};
pub use schema::{action_groups, schema};
pub use slice::Slice;
pub use slot::{ObjectSlot, objects_of};
pub use verdict::{Explanation, Needs, Outlook, Verdict};
