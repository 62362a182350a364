//! How much of something one may have where others want it, too.

/// The most that one source or caller may have of `whole`, of which `free` is left: half of it at first, and less with the square of what
/// is left, but one as long as there is any. So what is left shrinks ever more slowly, in whatever order they come: a hundred that take
/// all they are given leave 26 of 2,048 for the next.
pub(super) fn share_of(free: u32, whole: u32) -> u32 {
    let (free, whole) = (u64::from(free), u64::from(whole.max(1)));
    u32::try_from((free * free).div_ceil(2 * whole)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left after so many came one after the other, each taking all it was given, up to `most`.
    fn left(whole: u32, most: u32, takers: u32) -> u32 {
        (0..takers).fold(whole, |free, _| {
            let may = |had: u32| had < most.min(share_of(free - had, whole));
            free - (0..free).find(|had| !may(*had)).unwrap_or(free)
        })
    }

    #[test]
    fn the_last_of_it_is_taken_one_by_one() {
        assert_eq!(left(2_048, 128, 10), 2_048 - 10 * 128);
        assert_eq!(left(2_048, 128, 40), 116);
        assert_eq!(left(2_048, 128, 100), 26);
        assert_eq!(left(256, 64, 10), 46);
        assert_eq!((share_of(0, 256), share_of(1, 256)), (0, 1));
    }
}
