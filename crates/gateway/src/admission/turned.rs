//! Why somebody was turned away.

/// What there was too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turned {
    /// Connections, all sources together.
    Connections,
    /// Connections of the source.
    ConnectionsOfSource,
    /// New connections of the source within a short time.
    ConnectionsPerSecond,
    /// Handshakes of the source at once.
    Handshakes,
    /// Visits to the product's own routes, of the source or of all, at once.
    Visits,
    /// The same within a short time; the source may come again after so many seconds.
    VisitsPerSecond { again_s: i64 },
    /// Calls of the caller at once: its own bound, or its share of the little that is left.
    CallsOfCaller { limit: u32 },
    /// Calls of all callers at once.
    Calls,
    /// Calls of the caller within a short time.
    CallsPerSecond { limit: u32, again_s: i64 },
    /// Bytes of answers that nobody has taken yet.
    Answers,
}

impl Turned {
    /// One word for the trail.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Connections => "too_many_connections",
            Self::ConnectionsOfSource => "too_many_connections_of_source",
            Self::ConnectionsPerSecond => "too_many_new_connections",
            Self::Handshakes => "too_many_handshakes",
            Self::Visits => "too_many_visits_at_once",
            Self::VisitsPerSecond { .. } => "too_many_visits_per_second",
            Self::CallsOfCaller { .. } => "too_many_calls_of_client_at_once",
            Self::Calls => "too_many_calls_at_once",
            Self::CallsPerSecond { .. } => "too_many_calls_per_second",
            Self::Answers => "too_many_answers_untaken",
        }
    }
}
