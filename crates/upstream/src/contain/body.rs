//! The body of an answer, taken into one buffer that never holds more than the bound, within a bound on pauses. A body that comes
//! in one piece is not copied; one that comes in a million pieces takes no more memory than its bytes.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body;
use tokio::time::timeout;

use crate::Source;
use crate::limits::{ANSWER_PAUSE_MAX, BUFFER_BYTES_FIRST};

/// How taking a body in ended, if not well.
#[derive(Debug)]
pub(crate) enum TakenIn {
    /// More bytes than the bound.
    TooLarge,
    /// Nothing came for as long as is waited.
    Stalled,
    /// The connection ended or broke before the body was whole.
    Broken(Source),
}

/// Takes in the body of an answer whose head announced `announced` bytes, at most `bytes_max`.
///
/// # Errors
/// [`TakenIn`]; what had arrived is dropped.
pub(crate) async fn take_in<B>(
    mut body: B,
    announced: Option<u64>,
    bytes_max: usize,
) -> Result<Bytes, TakenIn>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Source>,
{
    let announced = announced.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if announced.is_some_and(|length| length > bytes_max) {
        return Err(TakenIn::TooLarge);
    }
    let mut first = Bytes::new();
    let mut more: Option<BytesMut> = None;
    while let Some(piece) = next(&mut body).await? {
        let held = more.as_ref().map_or(first.len(), BytesMut::len);
        if held + piece.len() > bytes_max {
            return Err(TakenIn::TooLarge);
        }
        if held == 0 && more.is_none() {
            first = piece;
            continue;
        }
        let buffer = more.get_or_insert_with(|| begun(&first, announced));
        buffer.extend_from_slice(&piece);
    }
    Ok(more.map_or(first, BytesMut::freeze))
}

/// The next piece that holds anything; trailers are dropped.
async fn next<B>(body: &mut B) -> Result<Option<Bytes>, TakenIn>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Source>,
{
    loop {
        let Ok(frame) = timeout(ANSWER_PAUSE_MAX, body.frame()).await else {
            return Err(TakenIn::Stalled);
        };
        match frame.map(|frame| frame.map(hyper::body::Frame::into_data)) {
            None => return Ok(None),
            Some(Ok(Ok(piece))) if piece.is_empty() => {}
            Some(Ok(Ok(piece))) => return Ok(Some(piece)),
            Some(Ok(Err(_trailers))) => {}
            Some(Err(error)) => return Err(TakenIn::Broken(error.into())),
        }
    }
}

fn begun(first: &Bytes, announced: Option<usize>) -> BytesMut {
    // What is announced is not believed before it comes: an answer of 16 MiB grows its buffer like any other.
    let room = announced.unwrap_or(0).min(BUFFER_BYTES_FIRST);
    let mut buffer = BytesMut::with_capacity(room.max(2 * first.len()));
    buffer.extend_from_slice(first);
    buffer
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use http_body_util::StreamBody;
    use hyper::body::Frame;

    async fn taken(pieces: Vec<&'static str>, announced: Option<u64>) -> Result<Bytes, TakenIn> {
        let frames = pieces.into_iter().map(|piece| {
            Ok::<_, std::io::Error>(Frame::data(Bytes::from_static(piece.as_bytes())))
        });
        take_in(StreamBody::new(stream::iter(frames)), announced, 8).await
    }

    #[tokio::test]
    async fn pieces_become_one_and_the_bound_holds() {
        assert_eq!(taken(vec![], None).await.unwrap(), "");
        assert_eq!(taken(vec!["", "abc"], Some(3)).await.unwrap(), "abc");
        assert_eq!(
            taken(vec!["abc", "", "d", "efgh"], None).await.unwrap(),
            "abcdefgh"
        );
        for long in [vec!["abcdefghi"], vec!["abcd", "efghi"]] {
            assert!(matches!(taken(long, None).await, Err(TakenIn::TooLarge)));
        }
        let announced = taken(vec!["a"], Some(9)).await;
        assert!(
            matches!(announced, Err(TakenIn::TooLarge)),
            "nothing is read"
        );
    }

    #[tokio::test]
    async fn a_body_of_one_piece_is_not_copied() {
        let piece = Bytes::from(vec![b'x'; 8]);
        let body = http_body_util::Full::new(piece.clone());
        let taken = take_in(body, Some(8), 8).await.unwrap();
        assert_eq!(taken.as_ptr(), piece.as_ptr());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_pauses_too_long_is_given_up() {
        let stalled = stream::pending::<Result<Frame<Bytes>, std::io::Error>>();
        let begun = tokio::time::Instant::now();
        let taken = take_in(StreamBody::new(stalled), None, 8).await;
        assert!(matches!(taken, Err(TakenIn::Stalled)));
        assert_eq!(begun.elapsed(), ANSWER_PAUSE_MAX);
    }
}
