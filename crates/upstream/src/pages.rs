//! A walk over the pages of one listing. It ends at the page that names no next one; anything that could make it end early, or
//! never, is an error, because an incomplete list taken for a complete one makes objects look deleted.

use std::collections::HashSet;

use access::Call;

use crate::limits::PAGES_MAX;
use crate::link::{Next, next};
use crate::{Answer, Line, LineError};

/// A walk over pages. Each page is Okta's answer, body verbatim.
#[derive(Debug)]
pub struct Pages {
    line: Line,
    call: Option<Call>,
    shown: String,
    origin: Option<String>,
    cursors: HashSet<Vec<(String, String)>>,
}

impl Pages {
    pub(crate) fn new(line: Line, call: Call) -> Self {
        Self {
            line,
            shown: call.describe(),
            call: Some(call),
            origin: None,
            cursors: HashSet::new(),
        }
    }

    /// The next page; `None` after the last.
    ///
    /// # Errors
    /// [`LineError`]; the walk is over then, and what it brought is incomplete.
    pub async fn next(&mut self) -> Result<Option<Answer>, LineError> {
        let Some(call) = self.call.take() else {
            return Ok(None);
        };
        let mut following = call.clone();
        let answer = self.line.call(call).await?;
        if !answer.is_success() {
            let answer = Box::new(answer);
            return Err(LineError::Refused {
                call: self.shown.clone(),
                answer,
            });
        }
        if let Some(next) = next(&following, &answer).map_err(|reason| self.astray(reason))? {
            self.follow(&mut following, next)?;
            self.call = Some(following);
        }
        Ok(Some(answer))
    }

    fn follow(&mut self, call: &mut Call, next: Next) -> Result<(), LineError> {
        if self
            .origin
            .as_ref()
            .is_some_and(|origin| *origin != next.origin)
        {
            return Err(self.astray(format!("the next page is said to be at {}", next.origin)));
        }
        self.origin = Some(next.origin);
        if self.cursors.is_empty() {
            self.cursors.insert(call.query.clone());
        }
        if !self.cursors.insert(next.query.clone()) {
            return Err(self.astray("the next page was read before".to_owned()));
        }
        if self.cursors.len() > PAGES_MAX {
            return Err(self.astray(format!("it has more than {PAGES_MAX} pages")));
        }
        call.query = next.query;
        Ok(())
    }

    fn astray(&self, reason: String) -> LineError {
        LineError::Astray {
            call: self.shown.clone(),
            reason,
        }
    }
}
