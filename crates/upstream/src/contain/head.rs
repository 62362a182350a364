//! The head of an answer, judged before a byte of its body is read.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::response::Parts;
use http::{HeaderMap, StatusCode, Version};

use super::Unfit;
use crate::limits::{ANSWER_HEADER_BYTES_MAX, ANSWER_HEADERS_MAX};

/// The length the head announces for the body, in bytes, if it announces one.
///
/// # Errors
/// [`Unfit`], when nothing good can follow such a head.
pub(crate) fn judge(head: &Parts) -> Result<Option<u64>, Unfit> {
    if !(200..600).contains(&head.status.as_u16()) {
        return Err(Unfit::Status);
    }
    refuse_many(&head.headers)?;
    let codings = head.headers.get_all(CONTENT_ENCODING).iter();
    if codings
        .into_iter()
        .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(Unfit::Encoded);
    }
    framing(head)
}

/// HTTP/2 carries lengths in its frames; in HTTP/1 exactly one of the two headers may tell (RFC 9112 section 6).
fn framing(head: &Parts) -> Result<Option<u64>, Unfit> {
    let headers = &head.headers;
    let chunked = match single(headers, &TRANSFER_ENCODING)? {
        None => false,
        Some(coding) if coding.eq_ignore_ascii_case(b"chunked") => true,
        Some(_) => return Err(Unfit::Framing),
    };
    let length = single(headers, &CONTENT_LENGTH)?.map(number).transpose()?;
    let first = head.version < Version::HTTP_2;
    if chunked && (length.is_some() || head.version < Version::HTTP_11 || !first) {
        return Err(Unfit::Framing);
    }
    let bodiless = matches!(
        head.status,
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
    );
    if bodiless {
        // A 304 may name the length of what it stands for (RFC 9110 section 8.6).
        let announces = chunked || length.is_some_and(|length| length > 0);
        let stands_for = head.status == StatusCode::NOT_MODIFIED && !chunked;
        return if announces && !stands_for {
            Err(Unfit::Bodiless)
        } else {
            Ok(Some(0))
        };
    }
    if first && !chunked && length.is_none() {
        return Err(Unfit::Unframed);
    }
    Ok(length)
}

fn single<'h>(headers: &'h HeaderMap, name: &http::HeaderName) -> Result<Option<&'h [u8]>, Unfit> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value.map(|value| value.as_bytes())),
        (_, Some(_)) => Err(Unfit::Framing),
    }
}

fn number(digits: &[u8]) -> Result<u64, Unfit> {
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(digits).ok().filter(|_| plain);
    text.and_then(|text| text.parse().ok())
        .ok_or(Unfit::Framing)
}

fn refuse_many(headers: &HeaderMap) -> Result<(), Unfit> {
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if headers.len() > ANSWER_HEADERS_MAX || bytes > ANSWER_HEADER_BYTES_MAX {
        return Err(Unfit::Headers);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Response;

    fn judged(status: u16, version: Version, pairs: &[(&str, &str)]) -> Result<Option<u64>, Unfit> {
        let mut answer = Response::builder().status(status).version(version);
        for (name, value) in pairs {
            answer = answer.header(*name, *value);
        }
        judge(&answer.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn an_answer_says_in_one_way_where_it_ends() {
        let http1 = |pairs: &[_]| judged(200, Version::HTTP_11, pairs);
        let (length, chunked) = (("content-length", "7"), ("transfer-encoding", "chunked"));
        assert_eq!(http1(&[length]), Ok(Some(7)));
        assert_eq!(http1(&[chunked]), Ok(None));
        for bad in [
            &[length, chunked][..],
            &[length, length],
            &[chunked, chunked],
            &[("transfer-encoding", "gzip, chunked")],
            &[("transfer-encoding", "identity")],
            &[("content-length", "+7")],
            &[("content-length", "7, 7")],
            &[("content-length", "99999999999999999999999")],
        ] {
            assert_eq!(http1(bad), Err(Unfit::Framing), "{bad:?}");
        }
        assert_eq!(http1(&[]), Err(Unfit::Unframed));
        assert_eq!(judged(200, Version::HTTP_2, &[]), Ok(None));
        assert_eq!(judged(200, Version::HTTP_10, &[length]), Ok(Some(7)));
        assert_eq!(
            judged(200, Version::HTTP_10, &[chunked]),
            Err(Unfit::Framing)
        );
        assert_eq!(
            judged(200, Version::HTTP_2, &[chunked]),
            Err(Unfit::Framing)
        );
    }

    #[test]
    fn a_status_without_a_body_announces_none() {
        for status in [204, 304] {
            for fine in [&[][..], &[("content-length", "0")]] {
                assert_eq!(judged(status, Version::HTTP_11, fine), Ok(Some(0)));
            }
            let chunked = judged(
                status,
                Version::HTTP_11,
                &[("transfer-encoding", "chunked")],
            );
            assert_eq!(chunked, Err(Unfit::Bodiless));
        }
        let long = [("content-length", "5")];
        assert_eq!(judged(204, Version::HTTP_11, &long), Err(Unfit::Bodiless));
        assert_eq!(judged(304, Version::HTTP_11, &long), Ok(Some(0)));
    }

    #[test]
    fn codings_odd_statuses_and_heaps_of_headers_are_refused() {
        let length = ("content-length", "2");
        for coding in ["gzip", "br", "identity, gzip", ""] {
            let coded = judged(
                200,
                Version::HTTP_11,
                &[length, ("content-encoding", coding)],
            );
            assert_eq!(coded, Err(Unfit::Encoded), "{coding}");
        }
        let plain = judged(
            200,
            Version::HTTP_11,
            &[length, ("content-encoding", "identity")],
        );
        assert_eq!(plain, Ok(Some(2)));
        for status in [101, 199, 600, 999] {
            assert_eq!(
                judged(status, Version::HTTP_11, &[length]),
                Err(Unfit::Status)
            );
        }
        let names: Vec<String> = (0..=ANSWER_HEADERS_MAX)
            .map(|at| format!("x-{at}"))
            .collect();
        let many: Vec<_> = names.iter().map(|name| (name.as_str(), "1")).collect();
        assert_eq!(judged(200, Version::HTTP_11, &many), Err(Unfit::Headers));
        let large = "x".repeat(ANSWER_HEADER_BYTES_MAX);
        assert_eq!(
            judged(200, Version::HTTP_11, &[("x-large", &large)]),
            Err(Unfit::Headers)
        );
    }
}
