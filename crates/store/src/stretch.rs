//! From a passphrase to a key: Argon2id (RFC 9106), at a cost that is written down beside what the key seals.

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use crate::{SealKey, Secret};

/// What stretching a passphrase costs: memory in KiB, passes over it, lanes. Lanes are walked one after another here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Stretch {
    /// The second recommended option of RFC 9106, section 4: 64 MiB, 3 passes, 4 lanes. 0.1 to 0.2 s of one core of a server.
    pub const RECOMMENDED: Self = Self {
        memory_kib: 64 * 1024,
        passes: 3,
        lanes: 4,
    };

    /// The key `passphrase` stretches to. `None`, if the cost is not one that Argon2 knows or is beyond all reason: a changed file
    /// must not exhaust memory or an afternoon.
    pub fn key(self, passphrase: &Secret<String>, salt: &[u8]) -> Option<SealKey> {
        if self.memory_kib > MEMORY_KIB_MAX || self.passes > PASSES_MAX || self.lanes > LANES_MAX {
            return None;
        }
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).ok()?;
        let mut key = Zeroizing::new([0_u8; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose().as_bytes(), salt, key.as_mut())
            .ok()?;
        Some(SealKey::from_bytes(*key))
    }
}

/// Costs accepted when reading: 1 GiB and 16 passes take about 20 s, what an operator would still wait for.
const MEMORY_KIB_MAX: u32 = 1024 * 1024;
const PASSES_MAX: u32 = 16;
const LANES_MAX: u32 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_beyond_reason_are_refused_before_they_are_paid() {
        let passphrase = Secret::new("open sesame".to_owned());
        let small = Stretch {
            memory_kib: 64,
            passes: 1,
            lanes: 1,
        };
        assert!(small.key(&passphrase, &[7; 16]).is_some());
        for beyond in [
            Stretch {
                memory_kib: u32::MAX,
                ..small
            },
            Stretch {
                passes: u32::MAX,
                ..small
            },
            Stretch {
                lanes: 1 << 20,
                ..small
            },
            Stretch { passes: 0, ..small },
        ] {
            assert!(beyond.key(&passphrase, &[7; 16]).is_none(), "{beyond:?}");
        }
    }

    #[test]
    fn every_part_of_the_cost_and_the_salt_change_the_key() {
        let passphrase = Secret::new("open sesame".to_owned());
        let key = |memory_kib, passes, lanes, salt: u8| {
            let cost = Stretch {
                memory_kib,
                passes,
                lanes,
            };
            *cost.key(&passphrase, &[salt; 16]).unwrap().expose()
        };
        let keys = [
            key(64, 1, 1, 7),
            key(128, 1, 1, 7),
            key(64, 2, 1, 7),
            key(64, 1, 2, 7),
            key(64, 1, 1, 8),
        ];
        for (place, one) in keys.iter().enumerate() {
            assert!(!keys[place + 1..].contains(one));
        }
    }
}
