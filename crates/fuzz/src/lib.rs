//! Development only: a parser is given inputs made from examples, and what it promises is asserted for each of them.
//!
//! A target is a test beside its parser, so that private parsers need no door of their own:
//!
//! ```
//! let ran = fuzz::Target::named("numbers")
//!     .seeds(["1", "-20"])
//!     .words(["+", "e9"])
//!     .run(|input| {
//!         let read = std::str::from_utf8(input).ok().and_then(|text| text.parse::<i64>().ok());
//!         assert!(read.is_none_or(|number| number.to_string().parse() == Ok(number)));
//!         read.is_some()
//!     });
//! assert!(ran.unwrap().outcomes > 1);
//! ```
//!
//! What the property returns is the *outcome*: the kind of answer, not its content. An input with an outcome that was not seen before
//! becomes an example, too; that takes the place of the coverage that compilers measure, and needs no compiler of another kind. Found
//! are panics and inputs that take too long; both are told with the smallest input found to show them.
//!
//! Without `PORTCULLIS_FUZZ_SECONDS` a target tries a fixed number of inputs, the same every time; with it, others for as long.

mod effort;
mod finding;
mod limits;
mod mutation;
mod target;

pub use finding::Finding;
pub use target::{Ran, Target};
