//! When something happened, however it is written.

use model::Moment;

use super::part::Part;

/// WhatsApp writes seconds as a string; others write numbers, or milliseconds and less. Nothing if it is no time at all.
pub(super) fn stamp(part: Part<'_>) -> Option<Moment> {
    let count = part.whole().or_else(|| fraction(part))?;
    // In seconds, ten to the eleventh is the year 5138.
    let milliseconds = match count {
        ..0 => return None,
        0..100_000_000_000 => count * 1000,
        100_000_000_000..100_000_000_000_000 => count,
        100_000_000_000_000..100_000_000_000_000_000 => count / 1000,
        _ => count / 1_000_000,
    };
    Some(Moment(milliseconds))
}

/// Seconds with a fraction: its milliseconds do not matter to anybody here, its seconds do.
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is cut off is the fraction; the bound stands beside it"
)]
fn fraction(part: Part<'_>) -> Option<i64> {
    let seconds = part.number()?;
    (0.0..9e18).contains(&seconds).then_some(seconds as i64)
}
