//! The behaviours that follow from the catalog's data alone. Each is usable by quirks, too.

mod create;
mod delete;
mod get;
mod list;
mod replace;
mod switch;

pub(crate) use create::{assign, create, create_under};
pub(crate) use delete::delete;
pub(crate) use get::get;
pub(crate) use list::{list, listed, reply_page};
pub(crate) use replace::{replace, update};
pub(crate) use switch::switch;

use crate::Context;
use crate::syslog::Target;
use org::Object;

/// Writes the log entry the kind declares for `verb`, if any.
fn log(ctx: &mut Context<'_>, object: &Object, verb: &str) {
    if let Some(event) = object.key().kind().facts().birth.events.get(verb) {
        ctx.log(event, vec![Target::of(object)]);
    }
}
