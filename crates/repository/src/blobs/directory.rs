//! Blobs as files under one directory.
//!
//! A blob is written to `unfinished/`, flushed, and linked to its name, which fails if the name is taken; then the
//! directory is flushed. What a crash leaves in `unfinished/` is never listed and may be deleted while no backup runs.
//! Files get mode 0600, directories 0700. File work runs on tokio's blocking threads.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;

use super::{BlobError, Blobs, Extent, Pending, range, validate};
use crate::hex;

/// Keeps blobs under a directory of the local file system.
#[derive(Debug, Clone)]
pub struct Directory {
    root: PathBuf,
}

impl Directory {
    /// Names the directory; touches nothing. It is made when the first blob is created.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn path(&self, name: &str) -> Result<PathBuf, BlobError> {
        validate(name)?;
        Ok(self.root.join(name))
    }

    /// Collects the names of the files under `folder` (empty for the root), without following symbolic links.
    fn walk(&self, folder: &str, names: &mut Vec<String>) -> Result<(), BlobError> {
        let path = self.root.join(folder);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(failed("list", &path, source)),
        };
        for entry in entries {
            let entry = entry.map_err(|source| failed("list", &path, source))?;
            let kind = entry
                .file_type()
                .map_err(|source| failed("inspect", &entry.path(), source))?;
            let segment = entry.file_name().to_string_lossy().into_owned();
            let name = if folder.is_empty() {
                segment
            } else {
                format!("{folder}/{segment}")
            };
            match kind.is_dir() {
                true if name == UNFINISHED => {}
                true => self.walk(&name, names)?,
                false => names.push(name),
            }
        }
        Ok(())
    }

    fn read_now(&self, name: &str, extent: Extent) -> Result<Vec<u8>, BlobError> {
        let path = self.path(name)?;
        read_part(&path, extent).map_err(|source| absent_or_failed("read", name, &path, source))
    }

    fn create_now(&self, name: &str, bytes: &[u8]) -> Result<(), BlobError> {
        let path = self.path(name)?;
        let unfinished = self.root.join(UNFINISHED);
        make_directory(&unfinished)?;
        let mut random = [0_u8; 16];
        rand::fill(&mut random)
            .map_err(|_| failed("name", &unfinished, io::Error::other("no random numbers")))?;
        let draft = unfinished.join(hex::encode(&random));
        let written =
            write_flushed(&draft, bytes).map_err(|source| failed("write", &draft, source));
        let linked = written.and_then(|()| {
            let parent = path.parent().unwrap_or(&self.root);
            make_directory(parent)?;
            fs::hard_link(&draft, &path).map_err(|source| match source.kind() {
                io::ErrorKind::AlreadyExists => BlobError::Exists {
                    name: name.to_owned(),
                },
                _ => failed("create", &path, source),
            })?;
            flush_directory(parent).map_err(|source| failed("flush", parent, source))
        });
        // The draft is a second name of the same file, or useless: failing to drop it harms nothing.
        let _ = fs::remove_file(&draft);
        linked
    }

    fn remove_now(&self, name: &str) -> Result<(), BlobError> {
        let path = self.path(name)?;
        fs::remove_file(&path).map_err(|source| absent_or_failed("remove", name, &path, source))?;
        let parent = path.parent().unwrap_or(&self.root);
        flush_directory(parent).map_err(|source| failed("flush", parent, source))
    }
}

impl Blobs for Directory {
    fn list<'a>(&'a self, prefix: &'a str) -> Pending<'a, Vec<String>> {
        let (directory, prefix) = (self.clone(), prefix.to_owned());
        Box::pin(off_thread(move || {
            let mut names = Vec::new();
            directory.walk("", &mut names)?;
            names.retain(|name| name.starts_with(&prefix));
            names.sort_unstable();
            Ok(names)
        }))
    }

    fn read<'a>(&'a self, name: &'a str, extent: Extent) -> Pending<'a, Vec<u8>> {
        let (directory, name) = (self.clone(), name.to_owned());
        Box::pin(off_thread(move || directory.read_now(&name, extent)))
    }

    fn create<'a>(&'a self, name: &'a str, bytes: Vec<u8>) -> Pending<'a, ()> {
        let (directory, name) = (self.clone(), name.to_owned());
        Box::pin(off_thread(move || directory.create_now(&name, &bytes)))
    }

    fn remove<'a>(&'a self, name: &'a str) -> Pending<'a, ()> {
        let (directory, name) = (self.clone(), name.to_owned());
        Box::pin(off_thread(move || directory.remove_now(&name)))
    }

    fn place(&self) -> String {
        self.root.display().to_string()
    }
}

/// Runs file work where it may block.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|stopped| {
            Err(BlobError::Failed {
                action: "finish work on",
                place: "the repository".to_owned(),
                source: stopped.into(),
            })
        })
}

fn read_part(path: &Path, extent: Extent) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let part = range(extent, file.metadata()?.len());
    file.seek(SeekFrom::Start(part.start))?;
    let length = part.end - part.start;
    let mut bytes = Vec::with_capacity(usize::try_from(length).map_err(io::Error::other)?);
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn write_flushed(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Makes a directory and those above it, and flushes the names of the new ones.
fn make_directory(path: &Path) -> Result<(), BlobError> {
    if path.is_dir() {
        return Ok(());
    }
    let mut missing: Vec<&Path> = path
        .ancestors()
        .take_while(|p| !p.as_os_str().is_empty() && !p.exists())
        .collect();
    missing.reverse();
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder
        .create(path)
        .map_err(|source| failed("create", path, source))?;
    for made in missing {
        let parent = made
            .parent()
            .filter(|p| !p.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        flush_directory(parent).map_err(|source| failed("flush", parent, source))?;
    }
    Ok(())
}

fn flush_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn absent_or_failed(action: &'static str, name: &str, path: &Path, source: io::Error) -> BlobError {
    match source.kind() {
        io::ErrorKind::NotFound => BlobError::Absent {
            name: name.to_owned(),
        },
        _ => failed(action, path, source),
    }
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> BlobError {
    BlobError::Failed {
        action,
        place: path.display().to_string(),
        source,
    }
}

/// Where drafts lie until they get their name.
const UNFINISHED: &str = "unfinished";

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_draft_left_by_a_crash_is_never_listed() {
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::at(root.path());
        directory
            .create("packs/a", b"whole".to_vec())
            .await
            .unwrap();
        fs::write(root.path().join(UNFINISHED).join("torn"), b"ha").unwrap();
        assert_eq!(directory.list("").await.unwrap(), ["packs/a"]);
    }

    #[tokio::test]
    async fn a_created_blob_leaves_no_draft_behind() {
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::at(root.path().join("deep/er"));
        directory
            .create("packs/a", b"whole".to_vec())
            .await
            .unwrap();
        assert!(
            directory
                .create("packs/a", b"other".to_vec())
                .await
                .is_err()
        );
        assert_eq!(
            fs::read_dir(root.path().join("deep/er").join(UNFINISHED))
                .unwrap()
                .count(),
            0
        );
    }

    #[tokio::test]
    async fn a_path_through_a_file_names_the_file_and_the_next_step() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("plain");
        fs::write(&file, b"x").unwrap();
        let refused = Directory::at(&file)
            .create("packs/a", Vec::new())
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("plain"), "{refused}");
        assert!(
            refused.hint().starts_with("Name a directory"),
            "{}",
            refused.hint()
        );
    }
}
