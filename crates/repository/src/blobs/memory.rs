//! Blobs in memory: for tests and for rehearsals that leave nothing behind.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{BlobError, Blobs, Extent, Pending, range, validate};

/// Keeps blobs in this process's memory until dropped.
#[derive(Default)]
pub struct Memory {
    blobs: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Memory {
    /// An empty place.
    pub fn new() -> Self {
        Self::default()
    }

    fn with<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Vec<u8>>) -> T) -> T {
        work(&mut self.blobs.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Memory({} blobs)", self.with(|blobs| blobs.len()))
    }
}

impl Blobs for Memory {
    fn list<'a>(&'a self, prefix: &'a str) -> Pending<'a, Vec<String>> {
        Box::pin(async move {
            Ok(self.with(|blobs| {
                blobs
                    .keys()
                    .filter(|n| n.starts_with(prefix))
                    .cloned()
                    .collect()
            }))
        })
    }

    fn read<'a>(&'a self, name: &'a str, extent: Extent) -> Pending<'a, Vec<u8>> {
        Box::pin(async move {
            validate(name)?;
            self.with(|blobs| {
                let blob = blobs.get(name).ok_or_else(|| BlobError::Absent {
                    name: name.to_owned(),
                })?;
                let part = range(extent, blob.len() as u64);
                // The range lies within a length that came from a usize.
                Ok(blob
                    .get(part.start as usize..part.end as usize)
                    .unwrap_or_default()
                    .to_vec())
            })
        })
    }

    fn create<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> Pending<'a, ()> {
        Box::pin(async move {
            validate(name)?;
            self.with(|blobs| {
                if blobs.contains_key(name) {
                    return Err(BlobError::Exists {
                        name: name.to_owned(),
                    });
                }
                blobs.insert(name.to_owned(), bytes);
                Ok(())
            })
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> Pending<'a, ()> {
        Box::pin(async move {
            validate(name)?;
            self.with(|blobs| match blobs.remove(name) {
                Some(_) => Ok(()),
                None => Err(BlobError::Absent {
                    name: name.to_owned(),
                }),
            })
        })
    }

    fn place(&self) -> String {
        "memory".to_owned()
    }
}
