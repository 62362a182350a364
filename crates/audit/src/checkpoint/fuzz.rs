//! Checkpoints as somebody with the disk may write them.

use ::fuzz::Target;

use super::{Checkpoint, Hash, Link, Place};
use crate::note::{CheckpointKey, Note, write};

#[test]
fn nothing_is_signed_but_what_was() {
    let chain = "gateway/production";
    let checkpoint = Checkpoint {
        chain: chain.to_owned(),
        link: Link {
            number: 1_234,
            hash: Hash::of(b"entry"),
        },
        time: "2026-11-24T15:00:00.000000Z".to_owned(),
        number: Some(7),
        after: Place::start(chain),
        closed: true,
    };
    let key = CheckpointKey::generate().unwrap();
    let other = CheckpointKey::generate().unwrap();
    let text = checkpoint.to_text();
    let seeds = [
        write(&text, &[&key]),
        write(&text, &[&other, &key]),
        write(&text, &[]),
        write(&text, &[&key]) + &write("a\nb\n", &[&other]),
    ];
    let words = [
        "\n",
        "\n\n",
        "\u{2014} ",
        "portcullis-audit ",
        "portcullis.audit/",
        "=",
        "0",
        "running",
        "closed",
        "head",
    ];
    let ran = Target::named("checkpoints")
        .seeds(seeds)
        .words(words)
        .run(|input| {
            let notes = std::str::from_utf8(input).ok()?;
            let (note, rest) = Note::first(notes)?;
            let lines: String = note
                .signatures
                .iter()
                .map(|line| format!("{line}\n"))
                .collect();
            assert_eq!(
                format!("{}\n{lines}\n{rest}", note.text),
                notes,
                "every byte belongs to something"
            );
            let signed = note.is_signed_by(key.public());
            assert!(!signed || note.text == text, "another text is signed");
            let read = Checkpoint::parse(note.text);
            if let Some(read) = &read {
                assert_eq!(read.to_text(), note.text, "two texts of one checkpoint");
            }
            Some((signed, read.is_some(), note.signatures.len().min(3)))
        });
    let ran = ran.unwrap();
    println!("{ran}");
    assert!(ran.outcomes > 3, "{ran}");
}
