//! Look-up: what a decision needs to be told about a call, and no more: the objects its path names, the members of its body. A call
//! that no policy looks at costs nothing here.

use access::{Call, Circumstances, Needs};

use crate::fields;
use crate::mirror::Mirror;
use crate::record::Facts;
use crate::refusal::Refusal;

/// What is known about the call, as far as it is needed. Objects named by login become ids in the call itself, and in what is
/// written down about it.
pub(crate) fn circumstances(
    mirror: &Mirror,
    needs: Needs,
    call: &mut Call,
    facts: &mut Facts,
) -> Result<Circumstances, Refusal> {
    let mut seen = Circumstances {
        source: Some(facts.source()),
        ..Circumstances::default()
    };
    if needs.objects {
        seen.objects = mirror.look_up(call);
        facts.resolve(call);
    }
    if needs.fields {
        seen.fields = fields::of(call.body.as_ref())?;
    }
    Ok(seen)
}
