//! A value that must not be seen: keys, tokens, passphrases.
//!
//! [`Secret`] has no readable `Debug`, no `Display` and no `Serialize`, and wipes itself when dropped. It does
//! not protect against a reader of this process's memory; it protects against logs, errors and dumps of
//! values that happen to contain a secret.

use std::fmt;

use zeroize::Zeroize;

/// A value whose contents are shown only to who asks for them by [`Secret::expose`].
#[derive(Clone, Default)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes the value in. The caller's own copies are the caller's to wipe.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// Shows the value, to the code that truly needs it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    struct Watched(Rc<Cell<u32>>);
    impl Zeroize for Watched {
        fn zeroize(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }

    #[test]
    fn debug_shows_nothing_of_the_contents() {
        let token = Secret::new(String::from("00aBcD"));
        assert_eq!(format!("{token:?}"), "Secret(..)");
        assert_eq!(token.expose(), "00aBcD");
    }

    #[test]
    fn dropping_a_secret_wipes_it() {
        let wiped = Rc::new(Cell::new(0));
        drop(Secret::new(Watched(Rc::clone(&wiped))));
        assert_eq!(wiped.get(), 1);
    }
}
