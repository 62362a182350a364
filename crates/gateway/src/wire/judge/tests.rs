//! Requests as they may come, whole and in pieces, beside a reader of another make.

use proptest::prelude::*;

use super::*;

/// What becomes of `stream` when it comes in pieces that end at `cuts`: what is passed on, the fault, whole heads, in a body or not.
fn in_pieces(stream: &[u8], cuts: &[usize]) -> (Vec<u8>, Option<Fault>, u64, bool) {
    let mut judge = Judge::new();
    let (mut passed, mut held) = (Vec::new(), Vec::new());
    let mut fault = None;
    let mut from = 0;
    for to in cuts.iter().copied().chain([stream.len()]) {
        held.extend_from_slice(&stream[from..to]);
        from = to;
        let judged = judge.judge(&held);
        passed.extend(held.drain(..judged.sound));
        fault = judged.fault;
        if fault.is_some() {
            break;
        }
    }
    (passed, fault, judge.heads(), judge.is_in_body())
}

fn at_once(stream: &[u8]) -> (Vec<u8>, Option<Fault>, u64, bool) {
    in_pieces(stream, &[])
}

const GET: &str = "GET /api/v1/users?limit=1 HTTP/1.1\r\nHost: gate.example\r\nAccept: */*\r\n\r\n";
const POST: &str =
    "POST /api/v1/users HTTP/1.1\r\nHost: gate.example\r\nContent-Length: 2\r\n\r\n{}";
const CHUNKED: &str = "PUT /a HTTP/1.1\r\nHost: gate.example\r\nTransfer-Encoding: chunked\r\n\r\n\
                       3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n";

#[test]
fn sound_requests_pass_byte_for_byte() {
    for stream in [
        GET.repeat(3),
        [GET, POST, CHUNKED, GET].concat(),
        POST.repeat(2),
    ] {
        let heads = stream.matches(" HTTP/1.1\r\n").count() as u64;
        let expected = (stream.clone().into_bytes(), None, heads, false);
        assert_eq!(at_once(stream.as_bytes()), expected);
    }
}

#[test]
fn what_stands_before_a_fault_passes_and_nothing_after_it() {
    for (bad, sound, fault, in_body) in [
        ("GET / HTTP/1.1\nHost: a\n\n", 0, Fault::BareLineFeed, false),
        ("\r\n", 0, Fault::RequestLine, false),
        ("GET / HTTP/1.1\r\n\r\n", 0, Fault::HostMissing, false),
        ("X\0", 0, Fault::ControlCharacter, false),
        (
            &CHUNKED.replace("3\r\n", "3;a\r\n"),
            CHUNKED.len() - 21,
            Fault::ChunkExtension,
            true,
        ),
    ] {
        for before in ["", GET, POST, CHUNKED] {
            let stream = format!("{before}{bad}{GET}");
            let (passed, found, _, mid_body) = at_once(stream.as_bytes());
            assert_eq!((found, mid_body), (Some(fault), in_body), "{bad:?}");
            assert_eq!(passed, stream.as_bytes()[..before.len() + sound]);
        }
    }
}

#[test]
fn a_bare_carriage_return_is_seen_although_its_line_never_ends() {
    let begun = b"GET / HTTP/1.1\rX";
    for cut in 1..begun.len() {
        let (_, fault, ..) = in_pieces(begun, &[cut]);
        assert_eq!(fault, Some(Fault::BareCarriageReturn), "{cut}");
    }
}

#[test]
fn a_body_that_has_not_come_whole_is_waited_for() {
    let (passed, fault, heads, in_body) = at_once(&POST.as_bytes()[..POST.len() - 1]);
    assert_eq!((fault, heads, in_body), (None, 1, true));
    assert_eq!(passed.len(), POST.len() - 1);
}

fn request() -> impl Strategy<Value = String> {
    let name = "[A-Za-z][A-Za-z0-9-]{0,12}";
    let value = "[ -~\u{e9}]{0,24}";
    let fields = prop::collection::vec((name, value), 0..6);
    let body = prop_oneof![
        Just(String::new()),
        "[ -~\r\n]{1,40}".prop_map(|body| format!("Content-Length: {}\r\n\r\n{body}", body.len())),
        prop::collection::vec("[ -~\r\n]{1,20}", 0..4).prop_map(|chunks| {
            let chunks = chunks
                .iter()
                .map(|chunk| format!("{:x}\r\n{chunk}\r\n", chunk.len()));
            format!(
                "Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
                chunks.collect::<String>()
            )
        }),
    ];
    ("(GET|POST|DELETE)", "/[a-z0-9/.%?=&]{0,30}", fields, body).prop_map(
        |(method, target, fields, body)| {
            let fields = fields
                .iter()
                .filter(|(name, _)| !ESPECIAL.contains(&name.to_ascii_lowercase().as_str()))
                .map(|(name, value)| format!("{name}: {value}\r\n"));
            let end = if body.is_empty() { "\r\n" } else { &body };
            let fields: String = fields.collect();
            format!("{method} {target} HTTP/1.1\r\nHost: gate.example\r\n{fields}{end}")
        },
    )
}

const ESPECIAL: [&str; 6] = [
    "host",
    "expect",
    "upgrade",
    "connection",
    "content-length",
    "transfer-encoding",
];

/// Streams that are nearly requests: sound ones with some bytes replaced, left out or put in.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let hostile = prop::sample::select(&b"\0\t\n\x0b\r \x7f\x80\xff:;,0aZ%#"[..]);
    let edits = prop::collection::vec((any::<prop::sample::Index>(), 0..3_u8, hostile), 0..4);
    (prop::collection::vec(request(), 1..4), edits).prop_map(|(requests, edits)| {
        let mut stream = requests.concat().into_bytes();
        for (place, edit, byte) in edits {
            let at = place.index(stream.len());
            match edit {
                0 => stream[at] = byte,
                1 => stream.insert(at, byte),
                _ => drop(stream.remove(at)),
            }
        }
        stream
    })
}

/// Reads `stream` as hyper's parser does: where each head ends and how many headers it has.
fn heads_of(stream: &[u8]) -> Option<(usize, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; 100];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(stream) {
        Ok(httparse::Status::Complete(end)) => Some((end, request.headers.len())),
        _ => None,
    }
}

proptest! {
    #[test]
    fn any_sound_stream_passes_unchanged(requests in prop::collection::vec(request(), 1..5)) {
        let stream = requests.concat();
        let expected = (stream.clone().into_bytes(), None, requests.len() as u64, false);
        prop_assert_eq!(at_once(stream.as_bytes()), expected);
    }

    #[test]
    fn pieces_change_nothing(stream in nearly(), cut in any::<prop::sample::Index>()) {
        // Which of two faults in one line is told may depend on which is seen first; that there is one may not.
        let verdict = |cuts: &[usize]| {
            let (passed, fault, heads, in_body) = in_pieces(&stream, cuts);
            (passed, fault.is_some(), heads, in_body)
        };
        let every: Vec<usize> = (1..stream.len()).collect();
        prop_assert_eq!(verdict(&every), verdict(&[]));
        prop_assert_eq!(verdict(&[cut.index(stream.len())]), verdict(&[]));
    }

    #[test]
    fn the_library_behind_sees_the_same_heads(stream in nearly()) {
        let mut judge = Judge::new();
        if let Ok(Some(length)) = judge.step(&stream) {
            let lines = stream[..length].split(|byte| *byte == b'\n').count() - 3;
            prop_assert_eq!(heads_of(&stream), Some((length, lines)));
        }
    }
}
