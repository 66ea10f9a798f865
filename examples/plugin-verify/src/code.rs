//! The code: drawn, remembered, compared.

use std::time::Duration;

use sdk::{Refusal, Turn, memory};
use serde::{Deserialize, Serialize};

/// How long a code is good for.
pub(crate) const MINUTES: u64 = 5;
/// How often it may be typed.
pub(crate) const TRIES: u8 = 3;
/// A million codes: three tries find one in a third of a million cases.
const DIGITS: usize = 6;

/// Where it is remembered.
const KEY: &str = "code";

#[derive(Serialize, Deserialize)]
struct Code {
    digits: String,
    tries: u8,
}

/// What becomes of a code that was typed.
pub(crate) enum Verdict {
    Right,
    /// It may be tried so often yet.
    Wrong {
        tries: u8,
    },
    /// No code is good any more: too old, used, tried too often, or never drawn.
    Spent,
}

/// The code in a message: six digits by themselves, perhaps with blanks or a hyphen between them.
pub(crate) fn find(text: &str) -> Option<&str> {
    let trimmed = text.trim().trim_end_matches(['.', '!']);
    (digits(trimmed)?.len() == DIGITS).then_some(trimmed)
}

fn digits(text: &str) -> Option<String> {
    let is_code = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-');
    (text.chars().all(is_code)).then(|| text.chars().filter(char::is_ascii_digit).collect())
}

/// Draws a new code; one drawn before is good no more.
pub(crate) fn draw(turn: &Turn) -> Result<String, Refusal> {
    let digits = turn.seeded().code(DIGITS);
    let code = Code {
        digits: digits.clone(),
        tries: TRIES,
    };
    memory::keep(KEY, &code, Duration::from_mins(MINUTES))?;
    Ok(digits)
}

/// Compares what was typed with what is remembered. What is right is forgotten at once, and so is what was tried too often.
pub(crate) fn compare(turn: &Turn, typed: &str) -> Result<Verdict, Refusal> {
    let Some(entry) = memory::get(KEY)? else {
        return Ok(Verdict::Spent);
    };
    let Some(code) = memory::recall::<Code>(KEY)? else {
        return Ok(Verdict::Spent);
    };
    let tries = code.tries.saturating_sub(1);
    if is_same(&digits(typed).unwrap_or_default(), &code.digits) {
        memory::delete(KEY)?;
        return Ok(Verdict::Right);
    }
    if tries == 0 {
        memory::delete(KEY)?;
        return Ok(Verdict::Spent);
    }
    // A wrong try does not make it last longer.
    let left_ms = u64::try_from(entry.until.saturating_sub(turn.now)).unwrap_or(0);
    let left = Duration::from_millis(left_ms);
    memory::keep(KEY, &Code { tries, ..code }, left)?;
    Ok(Verdict::Wrong { tries })
}

/// Takes the same time wherever the first difference is.
fn is_same(typed: &str, code: &str) -> bool {
    let differences = typed
        .bytes()
        .zip(code.bytes())
        .fold(0, |all, (a, b)| all | (a ^ b));
    std::hint::black_box(differences) == 0 && typed.len() == code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_six_digits_by_themselves() {
        for (text, code) in [
            ("123456", Some("123456")),
            (" 123 456. ", Some("123 456")),
            ("123-456", Some("123-456")),
            ("12345", None),
            ("1234567", None),
            ("verify", None),
            ("my code is 123456", None),
            ("", None),
        ] {
            assert_eq!(find(text), code, "{text:?}");
        }
    }

    #[test]
    fn codes_are_the_same_or_not() {
        for (a, b, same) in [
            ("123456", "123456", true),
            ("123456", "123457", false),
            ("023456", "123456", false),
            ("12345", "123456", false),
            ("", "123456", false),
        ] {
            assert_eq!(is_same(a, b), same, "{a} {b}");
        }
    }
}
