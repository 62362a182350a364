//! What `--kind`, `--object` and `--attribute` mean in given images.

use crate::arguments;
use crate::failure::{Exit, Failure};
use org::{Key, Kind};
use recovery::{Image, Selection};

/// The selection that was typed. Objects are named by id or by the name people use.
pub(crate) fn meant(typed: &arguments::Selection, images: &[&Image]) -> Result<Selection, Failure> {
    let kinds = typed
        .kinds
        .iter()
        .map(|name| kind(name))
        .collect::<Result<Vec<_>, _>>()?;
    let mut objects = Vec::new();
    for name in &typed.objects {
        objects.push(object(name, &kinds, images)?);
    }
    match (objects.as_slice(), typed.attributes.as_slice()) {
        ([], []) if kinds.is_empty() => Ok(Selection::All),
        ([], []) => Ok(Selection::Kinds(kinds)),
        ([_, ..], []) => Ok(Selection::Objects(objects)),
        ([object], [place]) => Ok(Selection::Attribute(object.clone(), place.clone())),
        _ => {
            let hint = "Name exactly one --object with one --attribute.";
            Err(Failure::new(
                Exit::Usage,
                "an attribute belongs to one object",
                hint,
            ))
        }
    }
}

fn kind(name: &str) -> Result<Kind, Failure> {
    Kind::named(name).ok_or_else(|| {
        let known: Vec<&str> = Kind::all().map(Kind::name).collect();
        Failure::new(
            Exit::Usage,
            format!("no kind `{name}`"),
            format!("Use one of: {}.", known.join(", ")),
        )
    })
}

fn object(name: &str, kinds: &[Kind], images: &[&Image]) -> Result<Key, Failure> {
    let mut found: Vec<Key> = Vec::new();
    for object in images.iter().flat_map(|image| image.org.iter()) {
        let key = object.key();
        let admitted = kinds.is_empty() || kinds.contains(&key.kind());
        let relation = key.kind().facts().relates.is_some();
        if admitted
            && !relation
            && (key.id() == name || object.title() == name)
            && !found.contains(key)
        {
            found.push(key.clone());
        }
    }
    match found.as_slice() {
        [only] => Ok(only.clone()),
        [] => {
            let hint = "Name it by id, login, name or label, as `portcullis diff` shows it.";
            Err(Failure::new(
                Exit::Usage,
                format!("no object `{name}` in the snapshot"),
                hint,
            ))
        }
        several => {
            let keys: Vec<String> = several.iter().map(ToString::to_string).collect();
            let hint = format!("Say which by its id, or its --kind: {}.", keys.join(", "));
            Err(Failure::new(
                Exit::Usage,
                format!("several objects are called `{name}`"),
                hint,
            ))
        }
    }
}
