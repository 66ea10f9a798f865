//! Chance that repeats: ChaCha20 over the turn's seed (RFC 8439), so that what a contact sees of it tells nothing of the rest.

/// The words of ChaCha's state that are the same for everybody: "expand 32-byte k".
const CONSTANT: [u32; 4] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];

/// A sequence of numbers that follows from a seed. See [`Turn::seeded`](crate::Turn::seeded).
#[derive(Debug, Clone)]
pub struct Seeded {
    key: [u32; 8],
    block: u32,
    /// What is left of the block before, last word first.
    left: Vec<u32>,
}

impl Seeded {
    /// The sequence of these 32 bytes. Missing ones count as zero, further ones are not looked at.
    #[must_use]
    pub fn new(seed: &[u8]) -> Self {
        let mut bytes = seed.iter().copied().chain(std::iter::repeat(0));
        let mut word = || {
            (0..4).fold(0, |word, place| {
                word | u32::from(bytes.next().unwrap_or(0)) << (8 * place)
            })
        };
        Self {
            key: std::array::from_fn(|_| word()),
            block: 0,
            left: Vec::new(),
        }
    }

    /// The next 64 bits.
    pub fn number(&mut self) -> u64 {
        u64::from(self.word()) | u64::from(self.word()) << 32
    }

    /// A number from 0 to one below this, each as likely as the other; 0 if there is none.
    pub fn below(&mut self, end: u64) -> u64 {
        if end == 0 {
            return 0;
        }
        // The highest numbers would make the lowest remainders likelier: they are drawn again.
        let usable = u64::MAX - u64::MAX % end;
        loop {
            let number = self.number();
            if number < usable {
                return number % end;
            }
        }
    }

    /// A code of so many decimal digits, zeros in front included.
    pub fn code(&mut self, digits: usize) -> String {
        (0..digits)
            .map(|_| char::from(b'0' + u8::try_from(self.below(10)).unwrap_or(0)))
            .collect()
    }

    /// One of these; nothing if there are none.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let index = self.below(u64::try_from(from.len()).unwrap_or(0));
        from.get(usize::try_from(index).unwrap_or(0))
    }

    fn word(&mut self) -> u32 {
        if self.left.is_empty() {
            self.left = block(&self.key, self.block).into();
            self.left.reverse();
            self.block = self.block.wrapping_add(1);
        }
        self.left.pop().unwrap_or(0)
    }
}

/// ChaCha20's block function with a nonce of zeros: a seed serves one turn.
fn block(key: &[u32; 8], counter: u32) -> [u32; 16] {
    let [a, b, c, d] = CONSTANT;
    let [e, f, g, h, i, j, k, l] = *key;
    let start = [a, b, c, d, e, f, g, h, i, j, k, l, counter, 0, 0, 0];
    scrambled(start)
}

fn scrambled(start: [u32; 16]) -> [u32; 16] {
    const COLUMNS: [[usize; 4]; 4] = [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15]];
    const DIAGONALS: [[usize; 4]; 4] =
        [[0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]];
    let mut state = start;
    for _ in 0..10 {
        for places in COLUMNS.into_iter().chain(DIAGONALS) {
            quarter_round(&mut state, places);
        }
    }
    std::array::from_fn(|place| at(&state, place).wrapping_add(at(&start, place)))
}

fn quarter_round(state: &mut [u32; 16], [a, b, c, d]: [usize; 4]) {
    for (to, by, into, turn) in [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)] {
        let sum = at(state, to).wrapping_add(at(state, by));
        put(state, to, sum);
        put(state, into, (at(state, into) ^ sum).rotate_left(turn));
    }
}

fn at(state: &[u32; 16], place: usize) -> u32 {
    state.get(place).copied().unwrap_or(0)
}

fn put(state: &mut [u32; 16], place: usize, word: u32) {
    if let Some(slot) = state.get_mut(place) {
        *slot = word;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_chacha20() {
        // RFC 8439, appendix A.1, test vectors 1 and 2: a key and a nonce of zeros, blocks 0 and 1.
        let zeros = [0; 8];
        assert_eq!(
            block(&zeros, 0)[..4],
            [0xade0_b876, 0x903d_f1a0, 0xe56a_5d40, 0x28bd_8653]
        );
        assert_eq!(
            block(&zeros, 1)[..4],
            [0xbee7_079f, 0x7a38_5155, 0x7c97_ba98, 0x0d08_2d73]
        );
        // Section 2.3.2: the key 00 01 … 1f, a nonce and a counter.
        let key = Seeded::new(&(0..32).collect::<Vec<_>>()).key;
        let [a, b, c, d] = CONSTANT;
        let [e, f, g, h, i, j, k, l] = key;
        let start = [
            a,
            b,
            c,
            d,
            e,
            f,
            g,
            h,
            i,
            j,
            k,
            l,
            1,
            0x0900_0000,
            0x4a00_0000,
            0,
        ];
        assert_eq!(
            scrambled(start)[..4],
            [0xe4e7_f110, 0x1559_3bd1, 0x1fdd_0f50, 0xc471_20a3]
        );
        assert_eq!(
            scrambled(start)[12..],
            [0xd19c_12b5, 0xb94e_16de, 0xe883_d0cb, 0x4e3c_50a2]
        );
    }

    #[test]
    fn the_same_seed_gives_the_same_sequence_and_another_seed_another() {
        let draw = |seed: &[u8]| {
            let mut seeded = Seeded::new(seed);
            (0..40).map(|_| seeded.number()).collect::<Vec<_>>()
        };
        assert_eq!(draw(&[7; 32]), draw(&[7; 32]));
        assert_ne!(draw(&[7; 32]), draw(&[8; 32]));
        let once = draw(&[7; 32]);
        assert_eq!(
            once.iter().collect::<std::collections::BTreeSet<_>>().len(),
            40
        );
    }

    #[test]
    fn codes_have_their_digits_and_every_digit_occurs() {
        let code = Seeded::new(&[1]).code(2000);
        assert_eq!(code.len(), 2000);
        for digit in '0'..='9' {
            let count = code.chars().filter(|found| *found == digit).count();
            assert!((140..=260).contains(&count), "{digit}: {count}");
        }
        assert_eq!(Seeded::new(&[1]).code(0), "");
    }

    #[test]
    fn nothing_is_picked_from_nothing() {
        let mut seeded = Seeded::new(&[]);
        assert_eq!(seeded.below(0), 0);
        assert_eq!(seeded.below(1), 0);
        assert_eq!(seeded.pick::<u8>(&[]), None);
        assert!(["a", "b"].contains(seeded.pick(&["a", "b"]).unwrap()));
    }
}
