//! The passphrase behind the glass: 25 letters and digits of an alphabet without look-alikes, 125 bits, written in groups of five so
//! that it survives a sheet of paper in a safe.

use aws_lc_rs::rand;
use store::{Secret, Zeroizing};

use crate::AccessError;

/// A passphrase in the clear. Wiped when dropped; never in `Debug`.
#[derive(Clone, Debug)]
pub struct GlassPassphrase(Secret<String>);

impl GlassPassphrase {
    pub(crate) fn generate() -> Result<Self, AccessError> {
        let mut bytes = Zeroizing::new([0_u8; DIGITS]);
        rand::fill(bytes.as_mut()).map_err(|_| AccessError::NoRandomness)?;
        let mut text = Zeroizing::new(String::with_capacity(DIGITS + DIGITS / GROUP));
        for (place, byte) in bytes.iter().enumerate() {
            if place > 0 && place % GROUP == 0 {
                text.push('-');
            }
            // 256 is a multiple of 32: every digit is equally likely.
            let digit = ALPHABET.get(usize::from(byte % 32)).copied();
            text.push(digit.map_or('0', char::from));
        }
        Ok(Self(Secret::new(text.to_string())))
    }

    /// Takes a passphrase as somebody typed it off a sheet: case, spaces and dashes do not matter, nor `O` for `0`, `I` and `L` for `1`.
    pub fn read(typed: &str) -> Self {
        let mut text = Zeroizing::new(String::with_capacity(typed.len() + DIGITS));
        let digits = typed.chars().filter(|typed| typed.is_ascii_alphanumeric());
        for (place, digit) in digits.take(DIGITS + 1).enumerate() {
            if place > 0 && place % GROUP == 0 {
                text.push('-');
            }
            text.push(match digit.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            });
        }
        Self(Secret::new(text.to_string()))
    }

    /// Shows the passphrase, to whoever puts it into the safe.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    pub(crate) fn secret(&self) -> &Secret<String> {
        &self.0
    }
}

/// Crockford's base 32.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const DIGITS: usize = 25;
const GROUP: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passphrase_is_read_however_it_is_typed() {
        let made = GlassPassphrase::generate().unwrap();
        assert_eq!(made.expose().len(), 29, "{}", made.expose());
        assert_eq!(GlassPassphrase::read(made.expose()).expose(), made.expose());
        let typed = made
            .expose()
            .to_lowercase()
            .replace('-', "  ")
            .replace('0', "o")
            .replace('1', "l");
        assert_eq!(
            GlassPassphrase::read(&format!(" {typed}\n")).expose(),
            made.expose()
        );
        let longer = format!("{}X", made.expose());
        assert_ne!(GlassPassphrase::read(&longer).expose(), made.expose());
        assert!(!format!("{made:?}").contains(made.expose()));
    }
}
