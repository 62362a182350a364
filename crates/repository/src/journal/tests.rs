//! The journal after clean ends, torn ends and damage.

use super::*;
use serde::Deserialize;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Step {
    About { step: u32, call: String },
    Done { step: u32, status: u16 },
}

fn steps(count: u32) -> Vec<Step> {
    (0..count)
        .flat_map(|step| {
            [
                Step::About {
                    step,
                    call: "POST /api/v1/groups".to_owned(),
                },
                Step::Done { step, status: 200 },
            ]
        })
        .collect()
}

fn journal_of(path: &Path, steps: &[Step]) {
    let mut journal = Journal::create(path).unwrap();
    for step in steps {
        journal.append(step).unwrap();
    }
}

#[test]
fn a_run_is_resumed_where_it_stopped() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run");
    journal_of(&path, &steps(2));
    let mut opened = Journal::<Step>::open(&path).unwrap();
    assert_eq!((opened.records, opened.torn_bytes), (steps(2), 0));
    opened
        .journal
        .append(&Step::Done {
            step: 9,
            status: 404,
        })
        .unwrap();
    drop(opened.journal);
    assert_eq!(Journal::<Step>::open(&path).unwrap().records.len(), 5);
}

#[test]
fn a_torn_last_record_is_dropped_wherever_it_is_torn() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run");
    journal_of(&path, &steps(2));
    let whole = std::fs::read(&path).unwrap();
    let last = whole[..whole.len() - 1]
        .iter()
        .rposition(|b| *b == b'\n')
        .unwrap()
        + 1;
    for length in last..whole.len() {
        let contents = read::<Step>(&path, &whole[..length]).unwrap();
        assert_eq!(
            (contents.records, contents.intact_bytes),
            (steps(2)[..3].to_vec(), last as u64)
        );
    }
    for length in [last, last + 1, last + 40, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        let mut opened = Journal::<Step>::open(&path).unwrap();
        assert_eq!(opened.records, steps(2)[..3], "cut to {length}");
        assert_eq!(opened.torn_bytes, (length - last) as u64);
        opened.journal.append(&steps(2)[3]).unwrap();
        drop(opened.journal);
        assert_eq!(
            std::fs::read(&path).unwrap(),
            whole,
            "the same record heals the journal to the same bytes"
        );
    }
}

#[test]
fn every_flipped_bit_before_the_last_record_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run");
    journal_of(&path, &steps(2));
    let whole = std::fs::read(&path).unwrap();
    let last = whole[..whole.len() - 1]
        .iter()
        .rposition(|b| *b == b'\n')
        .unwrap();
    for bit in 0..last * 8 {
        let mut changed = whole.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(&path, &changed).unwrap();
        let refused = Journal::<Step>::open(&path).expect_err(&format!("bit {bit}"));
        assert!(
            matches!(
                refused,
                JournalError::Damaged { .. } | JournalError::NotAJournal { .. }
            ),
            "{refused}"
        );
    }
}

#[test]
fn a_dropped_line_in_the_middle_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run");
    journal_of(&path, &steps(3));
    let text = std::fs::read_to_string(&path).unwrap();
    let kept: Vec<&str> = text
        .lines()
        .enumerate()
        .filter(|(number, _)| *number != 2)
        .map(|(_, line)| line)
        .collect();
    std::fs::write(&path, kept.join("\n") + "\n").unwrap();
    assert!(matches!(
        Journal::<Step>::open(&path),
        Err(JournalError::Damaged { line: 3, .. })
    ));
}

#[test]
fn one_process_at_a_time_and_never_over_another_journal() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run");
    let running = Journal::<Step>::create(&path).unwrap();
    assert!(matches!(
        Journal::<Step>::open(&path),
        Err(JournalError::Busy { .. })
    ));
    assert!(matches!(
        Journal::<Step>::create(&path),
        Err(JournalError::Exists { .. })
    ));
    drop(running);
    assert!(Journal::<Step>::open(&path).unwrap().records.is_empty());
}

#[test]
fn another_file_and_an_absent_one_are_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("run");
    assert!(matches!(
        Journal::<Step>::open(&path),
        Err(JournalError::Absent { .. })
    ));
    for text in ["", "{}\n", "torn titl"] {
        std::fs::write(&path, text).unwrap();
        assert!(
            matches!(
                Journal::<Step>::open(&path),
                Err(JournalError::NotAJournal { .. })
            ),
            "{text:?}"
        );
    }
}
