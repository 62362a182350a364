//! ThreatInsight: a `POST` says everything anew.

use super::Quirk;
use crate::world::kind;
use crate::{Call, Context, Error, Reply, generic};

pub(crate) const QUIRK: Quirk = Quirk {
    operations: &[("updateConfiguration", replace)],
    ..Quirk::NONE
};

fn replace(ctx: &mut Context<'_>, call: &Call) -> Result<Reply, Error> {
    generic::replace(ctx, call, kind("threat-insight")?)
}
