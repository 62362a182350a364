//! What is allowed to whom, written in Cedar: the schema made from the catalog, the policies checked against it and compiled per
//! caller, and the decision over one question.
//!
//! It keeps nothing, looks nothing up and knows no clock: objects and the time are handed in.
