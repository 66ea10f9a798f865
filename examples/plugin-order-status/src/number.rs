//! The order number in a message.

/// The digits of an order number: fewer are a size or a count, more are a phone.
const DIGITS: std::ops::RangeInclusive<usize> = 4..=10;

/// The first number by itself that could be an order's: `4711` in "Where is #4711?", but none in "+55 11 90000-0001",
/// "2026-11-20" or "R$1500".
pub(crate) fn find(text: &str) -> Option<&str> {
    if text.contains('+') {
        return None;
    }
    let is_gap =
        |c: char| c.is_whitespace() || matches!(c, '#' | '?' | '!' | ';' | '(' | ')' | '"' | '\'');
    text.split(is_gap)
        .map(|word| word.trim_matches(['.', ',', ':']))
        .find(|word| DIGITS.contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_told_from_what_only_has_digits() {
        for (text, number) in [
            ("4711", Some("4711")),
            ("Where is #4711?", Some("4711")),
            ("pedido 4711, por favor.", Some("4711")),
            ("order#0004711", Some("0004711")),
            ("size 42, order 123456", Some("123456")),
            ("where is my order?", None),
            ("+55 11 90000 0001", None),
            ("2026-11-20", None),
            ("R$1500", None),
            ("12345678901", None),
            ("４７１１", None),
        ] {
            assert_eq!(find(text), number, "{text}");
        }
    }
}
