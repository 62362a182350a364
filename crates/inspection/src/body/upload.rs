//! Uploads (`multipart/form-data`, RFC 7578): images are all that Okta takes this way. Parts are bounded, their headers few and their
//! file names plain, the files what they say they are. The bytes of an image are not looked at beyond their beginning.

use crate::Fault;
use crate::limits::{PART_HEAD_BYTES_MAX, PARTS_MAX};
use crate::plain::is_name;

/// Judges an upload; `media` holds the boundary.
pub(super) fn judge(media: &str, body: &[u8]) -> Result<(), Fault> {
    let boundary = media
        .split_once("boundary=")
        .map_or("", |(_, after)| after.trim_matches('"'));
    if boundary.is_empty() {
        return Err(fault("no_boundary", "has no boundary in its media type"));
    }
    let broken = || {
        fault(
            "broken_parts",
            "is not made of parts between its boundaries",
        )
    };
    let opening = format!("--{boundary}\r\n");
    let between = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(opening.as_bytes()).ok_or_else(broken)?;
    for _ in 0..PARTS_MAX {
        let end = find(rest, between.as_bytes()).ok_or_else(broken)?;
        let (part, after) = rest.split_at(end);
        judge_part(part)?;
        let after = after.get(between.len()..).unwrap_or_default();
        match after {
            b"--" | b"--\r\n" => return Ok(()),
            _ => rest = after.strip_prefix(b"\r\n").ok_or_else(broken)?,
        }
    }
    Err(fault("too_many_parts", "has too many parts"))
}

fn judge_part(part: &[u8]) -> Result<(), Fault> {
    let broken = || {
        fault(
            "broken_head",
            "has a part whose header is not as RFC 7578 has it",
        )
    };
    let end = find(part, b"\r\n\r\n")
        .filter(|end| *end <= PART_HEAD_BYTES_MAX)
        .ok_or_else(broken)?;
    let (head, content) = part.split_at(end);
    let content = content.get(4..).unwrap_or_default();
    let head = std::str::from_utf8(head).map_err(|_| broken())?;
    let mut is_file = false;
    for line in head.split("\r\n") {
        let (name, value) = line.split_once(':').ok_or_else(broken)?;
        match &*name.to_ascii_lowercase() {
            "content-disposition" => is_file = disposition(value.trim()).ok_or_else(broken)?,
            "content-type" | "content-length" if value.bytes().all(is_plain) => {}
            _ => return Err(broken()),
        }
    }
    if is_file && !IMAGES.iter().any(|magic| content.starts_with(magic)) {
        return Err(fault(
            "no_image",
            "has a file that is no PNG, JPEG, GIF, WebP or icon",
        ));
    }
    Ok(())
}

/// Reads `form-data; name="file"; filename="logo.png"` and says whether it is of a file; nothing when it is something else.
fn disposition(value: &str) -> Option<bool> {
    let mut parts = value.split(';').map(str::trim);
    parts
        .next()
        .filter(|kind| kind.eq_ignore_ascii_case("form-data"))?;
    let mut is_file = false;
    for part in parts {
        let (name, value) = part.split_once('=')?;
        let value = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'))
            .unwrap_or(value);
        match name {
            "name" if is_name(value) => {}
            "filename" if value.bytes().all(is_plain) => is_file = true,
            _ => return None,
        }
    }
    Some(is_file)
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" _.-()/+".contains(&byte)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len())
        .position(|window| window == wanted)
}

fn fault(kind: &'static str, what: &'static str) -> Fault {
    let what = what.into();
    Fault { kind, what }
}

/// How images begin: PNG, JPEG, GIF, icon, WebP.
const IMAGES: [&[u8]; 5] = [
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\0\0\x01\0",
    b"RIFF",
];

#[cfg(test)]
mod tests {
    use super::judge;

    const MEDIA: &str = "multipart/form-data; boundary=\"b\"";

    fn upload(head: &str, content: &[u8]) -> Vec<u8> {
        let mut body = format!("--b\r\n{head}\r\n\r\n").into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--b--\r\n");
        body
    }

    #[test]
    fn an_image_passes_and_nothing_else() {
        let head = "Content-Disposition: form-data; name=\"file\"; filename=\"logo.png\"\r\nContent-Type: image/png";
        let png = b"\x89PNG\r\n\x1a\n....";
        assert_eq!(judge(MEDIA, &upload(head, png)), Ok(()));
        let kind = |body: &[u8]| judge(MEDIA, body).unwrap_err().kind;
        assert_eq!(kind(&upload(head, b"<svg onload=alert(1)>")), "no_image");
        assert_eq!(
            kind(&upload(&head.replace("logo.png", "a;b.png"), png)),
            "broken_head"
        );
        assert_eq!(
            kind(&upload(&format!("{head}\r\nX-Evil: 1"), png)),
            "broken_head"
        );
        assert_eq!(kind(b"preamble\r\n--b\r\n"), "broken_parts");
        assert_eq!(kind(&upload(head, png)[..40]), "broken_parts");
        assert_eq!(
            judge("multipart/form-data", b"").unwrap_err().kind,
            "no_boundary"
        );
    }
}
