//! Randomness that repeats: SHA-256 over the seed, the purpose and a counter.

use sha2::{Digest, Sha256};

/// An endless row of bytes, made of a seed. Nobody who does not know the seed can tell it from chance.
pub(super) struct Chance {
    seed: [u8; 32],
    purpose: &'static str,
    next_block: u64,
    block: [u8; 32],
    left: usize,
}

impl Chance {
    /// Two purposes have nothing in common but the seed.
    pub(super) fn new(seed: [u8; 32], purpose: &'static str) -> Self {
        Self {
            seed,
            purpose,
            next_block: 0,
            block: [0; 32],
            left: 0,
        }
    }

    /// The next so many bytes.
    pub(super) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.byte()).collect()
    }

    /// The next number.
    pub(super) fn number(&mut self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    fn byte(&mut self) -> u8 {
        if self.left == 0 {
            let hash = Sha256::new()
                .chain_update(self.seed)
                .chain_update(self.next_block.to_le_bytes())
                .chain_update(self.purpose);
            self.block = hash.finalize().into();
            self.next_block += 1;
            self.left = self.block.len();
        }
        let place = self.block.len() - self.left;
        self.left -= 1;
        self.block.get(place).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i09_chance_repeats_with_its_seed_and_differs_with_seed_and_purpose() {
        let row = |seed, purpose| Chance::new([seed; 32], purpose).bytes(100);
        assert_eq!(row(1, "random"), row(1, "random"));
        assert_ne!(row(1, "random"), row(2, "random"));
        assert_ne!(row(1, "random"), row(1, "insecure"));
        let mut numbers = Chance::new([1; 32], "random");
        let first: [u8; 8] = row(1, "random")[..8].try_into().unwrap();
        assert_eq!(numbers.number(), u64::from_le_bytes(first));
        assert_ne!(numbers.number(), u64::from_le_bytes(first));
        // No block is given twice.
        let long = row(1, "random");
        assert_ne!(long[..32], long[32..64]);
    }
}
