//! What a restore lives on and therefore never touches: the ids its options name, and the groups that make an administrator of
//! one of them.

use crate::diff::What;
use crate::plan::draft::Case;
use org::Kind;

/// Whether a step for the difference would touch what the restore lives on.
pub(super) fn is_touched(case: &Case<'_>) -> bool {
    let keys = [Some(&case.change.object), case.change.live.as_ref()];
    let ids = keys.into_iter().flatten().flat_map(org::Key::ids);
    ids.into_iter()
        .any(|id| case.survey.options.lifeline.contains(&id))
        || (case.change.what == What::Created && lends_power(case))
}

/// Whether the object is a group that makes administrators of its members, one of whom restores, or such a role of a group: gone,
/// the rest of the restore would be refused.
fn lends_power(case: &Case<'_>) -> bool {
    let kinds = ["group", "group-membership", "group-role"].map(Kind::named);
    let [Some(group), Some(membership), Some(role)] = kinds else {
        return false;
    };
    let object = &case.change.object;
    let owner = match object.kind() {
        kind if kind == group => object.clone(),
        kind if kind == role => match object.parent() {
            Some(owner) => owner,
            None => return false,
        },
        _ => return false,
    };
    let org = &case.survey.live.org;
    let mut lifeline = case.survey.options.lifeline.iter();
    org.children(role, owner.path()).next().is_some()
        && lifeline.any(|id| org.get(&owner.child(membership, id)).is_some())
}
