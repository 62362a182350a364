//! What a call costs of this thread's CPU, alone or beside one ES256 verification of the same moment: machines of many tenants slow down
//! and speed up by the second, and a ratio of neighbours does not notice.

use std::hint::black_box;

use anyhow::{Result, anyhow};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
    UnparsedPublicKey,
};
use rustix::time::{ClockId, clock_gettime};

/// CPU time that this thread has used, in nanoseconds.
fn used_ns() -> f64 {
    let used = clock_gettime(ClockId::ThreadCPUTime);
    used.tv_sec as f64 * 1e9 + used.tv_nsec as f64
}

/// CPU time per call of a round of `calls`, in nanoseconds.
pub(super) fn round_ns(calls: u32, call: &mut dyn FnMut()) -> f64 {
    let before = used_ns();
    for _ in 0..calls {
        call();
    }
    (used_ns() - before) / f64::from(calls)
}

/// The middle one.
pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

/// The measure of everything: one ES256 verification of a signed token's worth of bytes.
pub(super) struct Verification {
    key: UnparsedPublicKey<Vec<u8>>,
    signature: Vec<u8>,
}

const MESSAGE: [u8; 400] = [b'x'; 400];
/// A round of 40 verifications lasts 3 ms.
const VERIFICATIONS_PER_ROUND: u32 = 40;

impl Verification {
    pub(super) fn new() -> Result<Self> {
        let random = SystemRandom::new();
        let failed = |_| anyhow!("ES256 failed");
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)
            .map_err(failed)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref())?;
        Ok(Self {
            signature: pair
                .sign(&random, &MESSAGE)
                .map_err(failed)?
                .as_ref()
                .to_vec(),
            key: UnparsedPublicKey::new(
                &ECDSA_P256_SHA256_FIXED,
                pair.public_key().as_ref().to_vec(),
            ),
        })
    }

    /// What one costs, in nanoseconds.
    pub(super) fn round_ns(&self) -> f64 {
        round_ns(VERIFICATIONS_PER_ROUND, &mut || {
            black_box(
                self.key
                    .verify(black_box(&MESSAGE), black_box(&self.signature)),
            )
            .ok();
        })
    }

    /// What a call costs: nanoseconds, and the part of a verification, each the median over rounds that alternate with it.
    pub(super) fn beside(&self, rounds: usize, calls: u32, mut call: impl FnMut()) -> (f64, f64) {
        let measured: Vec<(f64, f64)> = (0..rounds)
            .map(|_| {
                let ours = round_ns(calls, &mut call);
                (ours, ours / self.round_ns())
            })
            .collect();
        let (ours, ratios) = measured.into_iter().unzip();
        (median(ours), median(ratios))
    }
}
