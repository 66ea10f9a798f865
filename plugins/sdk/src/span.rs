//! Lengths of time, written as in rules: `90s`, `15m`, `6h`, `7d`, or combined (`1h 30m`).

use std::fmt;

/// Ten years, as for the host: a longer span is a slip of the keyboard.
const LONGEST_MS: u64 = 3_650 * 24 * 3_600_000;

/// Why a text is no span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpanError(String);

impl fmt::Display for SpanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is no span of time", self.0)
    }
}

impl std::error::Error for SpanError {}

/// The span in milliseconds.
pub fn span_ms(text: &str) -> Result<u64, SpanError> {
    total_ms(text).ok_or_else(|| SpanError(text.to_owned()))
}

fn total_ms(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count());
        let (unit, after) =
            after.split_at(after.bytes().take_while(u8::is_ascii_alphabetic).count());
        let unit_ms = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" | "min" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        let part = number.parse::<u64>().ok()?.checked_mul(unit_ms)?;
        total = total.checked_add(part).filter(|sum| *sum <= LONGEST_MS)?;
        rest = after.trim_start();
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_as_in_rules() {
        for (text, ms) in [
            ("90s", 90_000),
            ("2h", 7_200_000),
            ("1h 30m", 5_400_000),
            ("1d12h", 129_600_000),
        ] {
            assert_eq!(span_ms(text), Ok(ms), "{text}");
        }
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in [
            "",
            "5",
            "h",
            "-1h",
            "1w",
            "1.5h",
            "9999d",
            "99999999999999999999s",
            "１h",
        ] {
            assert!(span_ms(text).is_err(), "{text}");
        }
    }
}
