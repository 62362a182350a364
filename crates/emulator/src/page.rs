//! Pages of a list: where one begins and ends, and the `Link` headers that lead on.
//!
//! A cursor is the id of the last item of the page before, as Okta's are for most lists.

use crate::limits::PAGE_MAX;
use crate::{Call, Context, Error, Reply};
use http::header::LINK;

/// The part of `items` that the call asks for, and the cursor of the next page. `id` tells an item's id; `items` must be in
/// the order of the list. `usual` is the page size when the caller names none.
pub(crate) fn cut<T>(
    call: &Call,
    items: Vec<T>,
    usual: usize,
    id: impl Fn(&T) -> String,
) -> Result<(Vec<T>, Option<String>), Error> {
    let limit = match call.query("limit") {
        None | Some("") => usual,
        Some(text) => text
            .parse::<i64>()
            .map_err(|_| invalid_limit())?
            .try_into()
            .map_err(|_| invalid_limit())?,
    };
    let limit = limit.clamp(1, PAGE_MAX);
    let start = match call.query("after") {
        None | Some("") => 0,
        Some(after) => {
            // A cursor whose item has gone meanwhile leads on to the first item after it.
            let exact = items
                .iter()
                .position(|item| id(item) == after)
                .map(|at| at + 1);
            let beyond = || {
                items
                    .iter()
                    .position(|item| id(item).as_str() > after)
                    .unwrap_or(items.len())
            };
            match exact {
                Some(at) => at,
                None if org::id_tokens(after).eq([after]) => beyond(),
                None => return Err(Error::new("E0000029").with_cause("Invalid cursor.")),
            }
        }
    };
    let more = items.len() > start + limit;
    let page: Vec<T> = items.into_iter().skip(start).take(limit).collect();
    let next = if more { page.last().map(id) } else { None };
    Ok((page, next))
}

fn invalid_limit() -> Error {
    Error::invalid("limit", ["limit: The limit must be a positive number."])
}

/// The reply with the two `Link` headers of a paged list: `self`, and `next` while there is more.
pub(crate) fn with_links(
    ctx: &Context<'_>,
    call: &Call,
    mut reply: Reply,
    next: Option<&str>,
) -> Reply {
    let base = format!("{}{}", ctx.world.base_url, call.path);
    let own = if call.raw_query.is_empty() {
        base.clone()
    } else {
        format!("{base}?{}", call.raw_query)
    };
    reply = reply.with_header(LINK, &format!("<{own}>; rel=\"self\""));
    if let Some(cursor) = next {
        let mut pairs: Vec<(&str, &str)> = call
            .query
            .iter()
            .filter(|(n, _)| n != "after")
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        pairs.push(("after", cursor));
        pairs.sort_unstable();
        reply = reply.with_header(
            LINK,
            &format!("<{base}?{}>; rel=\"next\"", catalog::encode_query(pairs)),
        );
    }
    reply
}
