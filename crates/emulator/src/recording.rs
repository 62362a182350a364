//! Recorded conversations: requests some client once sent to a real Okta org, with the answers it got, as JSON Lines.
//!
//! Read here for two owners: `load` turns them into an org, `cargo xtask conformance` replays them. This module only reads
//! and orders; it never judges an answer and never writes. Start with [`read`].

mod body;
mod line;
mod provenance;

pub use body::Body;
pub use provenance::is_self_contained;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// One request and its answer.
#[derive(Debug, Clone)]
pub struct Interaction {
    /// Position in the conversation, from 0.
    pub seq: u64,
    /// HTTP method, upper case.
    pub method: String,
    /// Host the client asked.
    pub host: String,
    /// Path as sent.
    pub path: String,
    /// Raw query without `?`, or empty.
    pub query: String,
    /// Request headers, lower-case names; credentials are not recorded.
    pub headers: BTreeMap<String, String>,
    /// Scheme word of the credential (`SSWS`, `Bearer`, `DPoP`), if there was one.
    pub scheme: Option<String>,
    /// What was sent.
    pub request: Body,
    /// Status of the answer.
    pub status: u16,
    /// Recorded headers of the answer, lower-case names; several values of one name are joined by a comma.
    pub answer_headers: BTreeMap<String, String>,
    /// What was answered.
    pub answer: Body,
    /// Why the interaction looks invented or edited; empty for a real one.
    pub synthetic: Vec<String>,
}

/// What one client did in one go, in order. Another revision of the same recording is another conversation.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// Whose recording it is.
    pub source: String,
    /// Its name there.
    pub cassette: String,
    /// Its interactions, by position.
    pub interactions: Vec<Interaction>,
}

impl Conversation {
    /// Whether no interaction looks invented or edited.
    pub fn is_real(&self) -> bool {
        self.interactions.iter().all(|one| one.synthetic.is_empty())
    }
}

/// Why recorded conversations could not be read.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file could not be opened or read.
    #[error("recorded conversations cannot be read from {path}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// A line is not a recorded interaction.
    #[error("line {line} of the recorded conversations is not an interaction")]
    Malformed {
        /// Its number, from 1.
        line: usize,
        /// What the parser said.
        source: serde_json::Error,
    },
    /// More lines than this program takes.
    #[error("more than {LINES_MAX} recorded interactions")]
    TooMany,
}

/// Reads a file of recorded conversations, zstd-compressed or plain, in the order in which they first appear.
///
/// # Errors
/// [`RecordingError`], when the file cannot be read, is not what it should be, or exceeds the bounds below.
pub fn read(path: &Path) -> Result<Vec<Conversation>, RecordingError> {
    let unreadable = |source| RecordingError::Unreadable {
        path: path.display().to_string(),
        source,
    };
    let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
    let compressed = file
        .fill_buf()
        .map_err(unreadable)?
        .starts_with(&ZSTD_MAGIC);
    if !compressed {
        return read_lines(file.take(BYTES_MAX));
    }
    let mut decoder = zstd::Decoder::with_buffer(file).map_err(unreadable)?;
    decoder.window_log_max(WINDOW_LOG_MAX).map_err(unreadable)?;
    read_lines(BufReader::new(decoder.take(BYTES_MAX)))
}

/// Reads JSON Lines of interactions.
///
/// # Errors
/// As [`read`].
pub fn read_lines(lines: impl BufRead) -> Result<Vec<Conversation>, RecordingError> {
    let mut places: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    let mut conversations: Vec<Conversation> = Vec::new();
    for (index, text) in lines.lines().enumerate() {
        if index >= LINES_MAX {
            return Err(RecordingError::TooMany);
        }
        let text = text.map_err(|source| RecordingError::Unreadable {
            path: format!("line {}", index + 1),
            source,
        })?;
        if text.trim().is_empty() {
            continue;
        }
        let read = serde_json::from_str::<line::Line>(&text);
        let read = read.map_err(|source| RecordingError::Malformed {
            line: index + 1,
            source,
        })?;
        let at = *places
            .entry(read.conversation())
            .or_insert_with_key(|(source, cassette, _)| {
                conversations.push(Conversation {
                    source: source.clone(),
                    cassette: cassette.clone(),
                    interactions: Vec::new(),
                });
                conversations.len() - 1
            });
        if let Some(conversation) = conversations.get_mut(at) {
            conversation.interactions.push(read.settle());
        }
    }
    for conversation in &mut conversations {
        conversation.interactions.sort_by_key(|one| one.seq);
    }
    Ok(conversations)
}

const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// Window of the compressed files: 2^27 bytes, 128 MiB of memory while reading.
const WINDOW_LOG_MAX: u32 = 27;
/// Interactions taken from one file: the largest known file holds under 50,000.
const LINES_MAX: usize = 500_000;
/// Decompressed bytes taken from one file: 500,000 interactions at the observed mean of 2.2 kB, rounded up to 2 GiB.
const BYTES_MAX: u64 = 2 << 30;

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = concat!(
        r#"{"src":"a","cassette":"one","seq":1,"method":"GET","host":"acme.example.com","path":"/api/v1/groups","query":"","req_headers":{},"req_body":null,"status":200,"resp_headers":{"link":"<x>; rel=\"self\""},"resp_body":[]}"#,
        "\n",
        r#"{"src":"b","cassette":"one","seq":0,"method":"get","host":"acme.example.com","path":"/","query":"","req_headers":{},"req_body":"plain","status":404,"resp_headers":{},"resp_body":"base64:AQI=","synthetic":["edited"]}"#,
        "\n",
        r#"{"src":"a","cassette":"one","seq":0,"method":"POST","host":"acme.example.com","path":"/api/v1/groups","query":"","req_headers":{},"req_body":{"profile":{"name":"Ops"}},"status":200,"resp_headers":{},"resp_body":{"id":"00g1"},"auth":"SSWS"}"#,
        "\n",
    );

    #[test]
    fn conversations_are_told_apart_and_put_in_order() {
        let read = read_lines(LINES.as_bytes()).unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!(
            read[0]
                .interactions
                .iter()
                .map(|one| one.seq)
                .collect::<Vec<_>>(),
            [0, 1]
        );
        assert!(read[0].is_real());
        assert!(!read[1].is_real());
        assert_eq!(read[1].interactions[0].method, "GET");
        assert_eq!(read[1].interactions[0].answer, Body::Bytes(vec![1, 2]));
        assert_eq!(
            read[1].interactions[0].request,
            Body::Text("plain".to_owned())
        );
    }

    #[test]
    fn compressed_and_plain_files_read_alike() {
        let folder = std::env::temp_dir().join(format!("recording-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (plain, packed) = (folder.join("plain.jsonl"), folder.join("packed.jsonl.zst"));
        std::fs::write(&plain, LINES).unwrap();
        std::fs::write(&packed, zstd::encode_all(LINES.as_bytes(), 1).unwrap()).unwrap();
        assert_eq!(
            format!("{:?}", read(&plain).unwrap()),
            format!("{:?}", read(&packed).unwrap())
        );
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_line_that_is_no_interaction_is_named() {
        let failed = read_lines("{}\n".as_bytes()).unwrap_err();
        assert_eq!(
            failed.to_string(),
            "line 1 of the recorded conversations is not an interaction"
        );
    }
}
