//! The org as its newest snapshot shows it, for verbs that answer questions about objects. Reads the repository; never makes one and
//! never asks Okta.

use crate::failure::Failure;
use crate::lookout::hand_over;
use crate::settings::Settings;
use crate::wiring;
use access::{Call, Forward, Objects, OrgName};
use catalog::Operation;
use gateway::Mirror;
use jiff::Timestamp;
use policy::{Object, objects_of};
use std::collections::BTreeMap;

/// An org as last seen.
#[derive(Debug, Default)]
pub(crate) struct LastSeen {
    mirror: Mirror,
    /// When reading the snapshot began; `None` when there is no snapshot, so that no object is known.
    pub(crate) at: Option<Timestamp>,
}

impl LastSeen {
    /// Reads the newest snapshot of the org, if there is one.
    pub(crate) async fn read(settings: &Settings, org: &OrgName) -> Result<Self, Failure> {
        let mut seen = Self::default();
        if !settings.repository.exists() {
            return Ok(seen);
        }
        let repository = wiring::repository(settings).await?;
        seen.at = hand_over(&repository, org, &seen.mirror).await?;
        Ok(seen)
    }

    /// The objects that the path of the operation names with these values, ids or other names.
    pub(crate) fn objects(
        &self,
        operation: &'static Operation,
        values: &BTreeMap<String, String>,
    ) -> Objects {
        let params = operation.path_parameters();
        let params = params.map(|name| {
            let value = values.get(name).map_or("", String::as_str);
            (name.to_owned(), value.to_owned())
        });
        let mut call = Call {
            operation,
            params: params.collect(),
            query: Vec::new(),
            body: None,
            forward: Forward::default(),
            wait: None,
        };
        self.mirror.look_up(&mut call)
    }

    /// The object of this entity type and id.
    pub(crate) fn object(&self, entity: &'static str, id: &str) -> Option<Object> {
        let names_it = |operation: &&'static Operation| matches!(objects_of(operation), [slot] if slot.entity == entity && slot.resource.is_some());
        let operation = catalog::operations().iter().find(names_it)?;
        let [slot] = objects_of(operation) else {
            return None;
        };
        let values = BTreeMap::from([(slot.parameter.to_owned(), id.to_owned())]);
        match self.objects(operation, &values) {
            Objects::Known(objects) => objects.into_iter().next(),
            Objects::NotAsked | Objects::Unknown { .. } => None,
        }
    }
}
