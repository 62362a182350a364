//! What can be wrong with a request before it means anything, and how it is told. One row per fault; nothing is judged here.

use crate::refusal::Refusal;
use crate::table::Kind;

/// Why bytes are no request that everybody reads the same way. The text of a fault is what its sender is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    // Lines (RFC 9112 section 2.2).
    #[error("a line ends with LF alone; lines end with CR LF")]
    BareLineFeed,
    #[error("there is a CR that no LF follows")]
    BareCarriageReturn,
    #[error("there is a control character in the head of the request")]
    ControlCharacter,
    #[error("the head of the request is too large")]
    HeadTooLarge,
    #[error("the request has too many header lines")]
    TooManyLines,
    #[error("the connection ended within the head of the request")]
    HeadCutShort,
    // The request line (RFC 9112 section 3).
    #[error("the first line is not a method, a target and a version with one space between them")]
    RequestLine,
    #[error("the method is not a short token, or asks for a tunnel")]
    Method,
    #[error("the version is neither HTTP/1.1 nor HTTP/1.0")]
    Version,
    #[error("HTTP/2 begins where its preface is not whole or not the first that is sent")]
    Preface,
    #[error("the request target is not a path starting with `/`")]
    TargetForm,
    #[error("the request target has a fragment")]
    Fragment,
    #[error("the request target has a character that must be percent-encoded")]
    TargetCharacter,
    #[error("the request target is too long")]
    TargetTooLong,
    // Header lines (RFC 9112 section 5).
    #[error("a header line is not a name, a colon and a value")]
    FieldName,
    #[error("there is a space before the colon of a header line")]
    SpaceBeforeColon,
    #[error("a header line is continued on the next one")]
    FoldedLine,
    #[error("the value of a header is not UTF-8")]
    FieldValue,
    // Host (RFC 9112 section 3.2).
    #[error("the request has no Host")]
    HostMissing,
    #[error("the request has more than one Host")]
    HostTwice,
    #[error("the Host is not a name or address with at most a port")]
    HostMalformed,
    // Framing (RFC 9112 section 6).
    #[error("the request has more than one Content-Length")]
    LengthTwice,
    #[error("the Content-Length is not one plain number")]
    LengthMalformed,
    #[error("the request has both Content-Length and Transfer-Encoding")]
    LengthAndCoding,
    #[error("the request has more than one Transfer-Encoding")]
    CodingTwice,
    #[error("the Transfer-Encoding is not `chunked` alone")]
    CodingUnknown,
    #[error("a request of HTTP/1.0 has a Transfer-Encoding")]
    CodingInHttp10,
    // What concerns the connection alone (RFC 9110 sections 7.6.1, 7.8, 10.1.1).
    #[error("Connection names something other than `close` and `keep-alive`")]
    ConnectionOption,
    #[error("the request asks for another protocol by Upgrade")]
    Upgrade,
    #[error("the request expects something other than `100-continue`")]
    Expectation,
    // Chunks (RFC 9112 section 7.1).
    #[error("the size of a chunk is not a short hexadecimal number on a line of its own")]
    ChunkSize,
    #[error("a chunk is larger than any body may be")]
    ChunkTooLarge,
    #[error("a chunk has an extension")]
    ChunkExtension,
    #[error("a chunk does not end with CR LF where its size says")]
    ChunkEnd,
    #[error("the body is cut into too many chunks")]
    TooManyChunks,
    #[error("the body has trailers")]
    Trailers,
}

impl Fault {
    /// One word for the trail.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::BareLineFeed => "bare_line_feed",
            Self::BareCarriageReturn => "bare_carriage_return",
            Self::ControlCharacter => "control_character",
            Self::HeadTooLarge => "head_too_large",
            Self::TooManyLines => "too_many_header_lines",
            Self::HeadCutShort => "head_cut_short",
            Self::RequestLine => "malformed_request_line",
            Self::Method => "malformed_method",
            Self::Version => "unknown_version",
            Self::Preface => "misplaced_http2",
            Self::TargetForm => "target_not_a_path",
            Self::Fragment => "target_with_fragment",
            Self::TargetCharacter => "malformed_target",
            Self::TargetTooLong => "target_too_long",
            Self::FieldName => "malformed_header_name",
            Self::SpaceBeforeColon => "space_before_colon",
            Self::FoldedLine => "folded_header",
            Self::FieldValue => "malformed_header_value",
            Self::HostMissing => "no_host",
            Self::HostTwice => "several_hosts",
            Self::HostMalformed => "malformed_host",
            Self::LengthTwice => "several_lengths",
            Self::LengthMalformed => "malformed_length",
            Self::LengthAndCoding => "length_and_coding",
            Self::CodingTwice => "several_codings",
            Self::CodingUnknown => "unknown_coding",
            Self::CodingInHttp10 => "coding_in_http_1_0",
            Self::ConnectionOption => "unknown_connection_option",
            Self::Upgrade => "upgrade",
            Self::Expectation => "unknown_expectation",
            Self::ChunkSize => "malformed_chunk_size",
            Self::ChunkTooLarge => "chunk_too_large",
            Self::ChunkExtension => "chunk_extension",
            Self::ChunkEnd => "malformed_chunk_end",
            Self::TooManyChunks => "too_many_chunks",
            Self::Trailers => "trailers",
        }
    }

    /// The refusal that tells of it.
    pub(crate) fn to_refusal(self) -> Refusal {
        let kind = match self {
            Self::HeadTooLarge | Self::TooManyLines => Kind::HeadTooLarge,
            Self::TargetTooLong => Kind::TargetTooLong,
            Self::ChunkTooLarge => Kind::TooLarge,
            _ => Kind::Ambiguous,
        };
        Refusal::new(kind, self.code()).because(format!("HTTP: {self}."))
    }

    /// The fault for which a body ended before its end, if that is why.
    pub(crate) fn behind(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(fault) = error.downcast_ref::<Self>() {
                return Some(*fault);
            }
            // An I/O error made of another one hides it from `source`.
            next = match error.downcast_ref::<std::io::Error>() {
                Some(io) => io.get_ref().map(|inner| inner as _),
                None => error.source(),
            };
        }
        None
    }
}
