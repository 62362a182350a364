//! Lines of a chain as somebody with the disk may write them.

use ::fuzz::Target;

use super::{Link, check};

#[test]
fn no_entry_is_taken_but_the_one_that_was_written_there() {
    let chain = "gateway/production";
    let mut link = Link::genesis(chain);
    let mut hex = link.hash.hex();
    let mut file = Vec::new();
    for seq in 1..=3 {
        let begun = format!(
            r#"{{"seq":{seq},"at":"2026-11-24T15:00:00.00000{seq}Z","kind":"call_opened","client":"ci""#
        );
        link.extend(begun.as_bytes(), &mut hex, &mut file);
    }
    let written: Vec<Vec<u8>> = file
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    let words = [
        "\"seq\":2",
        "\"seq\":3",
        "\"call\":1",
        ",\"prev\":\"",
        ",\"hash\":\"",
        "\"}",
        "\n",
        "{",
        "}",
        "\\u0061",
        " ",
    ];
    let ran = Target::named("lines of a chain")
        .seeds([file])
        .words(words)
        .run(|input| {
            let mut link = Link::genesis(chain);
            let mut faults = Vec::new();
            for (line, original) in input.split(|byte| *byte == b'\n').zip(&written) {
                match check(line, &mut link) {
                    Ok(_) => assert_eq!(line, original, "an altered entry is taken"),
                    Err(fault) => {
                        faults.push(fault);
                        break;
                    }
                }
            }
            (link.number, faults)
        });
    let ran = ran.unwrap();
    println!("{ran}");
    assert!(ran.outcomes > 5, "{ran}");
}
