//! What people call an object. Relations and owned objects have no name of their own that says enough, so the names of both
//! ends are joined.

use org::{Key, Kind, Object, Org};

/// The name of `object` as part of `org`: `ana@example.com in Sales`, `strict rule in strict`, `Sales`.
pub(crate) fn title(object: &Object, org: &Org) -> String {
    let key = object.key();
    let other_end = key.kind().facts().relates.as_deref().and_then(Kind::named);
    let other_end = other_end.and_then(|kind| org.get(&Key::new(kind, &[&key.id()])));
    let own = other_end.map_or_else(|| object.title(), |other| other.title());
    match key
        .parent()
        .and_then(|owner| org.get(&owner).map(|owner| title(owner, org)))
    {
        Some(owner) => format!("{own} in {owner}"),
        None => own,
    }
}
