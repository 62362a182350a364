//! Bounds of this crate, each with the arithmetic beside it. Never a setting: a larger org is a reason to change the figure here.

/// Policy statements one org may have. Validating takes about a millisecond for a statement that names no operation, so the
/// largest set is read in seconds, once; deciding does not depend on it.
pub const POLICIES_MAX: usize = 5_000;
/// Bytes of one policy text: a hundred statements of 600 bytes.
pub const POLICY_BYTES_MAX: usize = 64 * 1024;
/// How deep parentheses, brackets and braces may nest in a policy. Cedar's reader recurses; 32 levels are far below its stack
/// and far above what a person reads.
pub(crate) const NESTING_MAX: usize = 32;
/// Links of chains (`&&`, `||`, `+`, `.member`, `if`) in one statement, each of which may be a level of its tree. At about 6 KiB
/// of stack a level without optimisation, Cedar's validator needs 2 MiB for all of them; its evaluator and ours far less.
pub(crate) const LINKS_MAX: usize = 300;
/// Stack of the thread that reads policies: eight times what the deepest statement allowed needs.
pub(crate) const READER_STACK_BYTES: usize = 16 * 1024 * 1024;
/// How deep our own compiler follows a tree: every link and every bracket, and three levels for what they hold.
pub(crate) const DEPTH_MAX: usize = LINKS_MAX + 4 * NESTING_MAX;
/// Operations up to which statements about different ones are validated together: at 3 µs an operation a statement costs 0.1 ms,
/// and a thousand different ones share thirty parts of the schema of 10 ms each.
pub(crate) const OPERATIONS_PER_PART: usize = 32;
/// Policies a verdict names. More than one permit may match; an audit entry of 16 names of at most 128 bytes stays below 2 KiB.
pub const POLICIES_NAMED_MAX: usize = 16;
/// Problems reported at once: a screenful.
pub(crate) const PROBLEMS_MAX: usize = 50;
/// Steps from caller, action, resource and context to what a policy reads: `resource.status` and `context.user.status`.
pub(crate) const DEREFERENCES_MAX: u32 = 1;
