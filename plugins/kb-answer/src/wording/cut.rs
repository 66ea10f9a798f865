//! Where a long answer ends.

/// A sentence that ends before this share of the room, in percent, leaves too much of it empty.
const LEAST_PERCENT: usize = 40;

/// The text, if it is too long, up to its last whole sentence or, failing that, its last whole word and an ellipsis.
pub(super) fn at_sentence(text: &str, most_chars: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most_chars) else {
        return text.to_owned();
    };
    let least = most_chars * LEAST_PERCENT / 100;
    let least = text.char_indices().nth(least).map_or(0, |(at, _)| at);
    let mut ends = text.char_indices().filter_map(|(at, c)| {
        let after = at + c.len_utf8();
        let is_end = match c {
            '.' | '!' | '?' | '…' => is_end_of_sentence(text, at, after),
            '。' | '！' | '？' => true,
            '\n' => return (at <= end).then_some(at),
            _ => false,
        };
        (is_end && after <= end).then_some(after)
    });
    if let Some(cut) = ends.rfind(|cut| *cut >= least) {
        return closed(text.get(..cut).unwrap_or(text).trim_end());
    }
    // One character less: the ellipsis takes its place.
    let room = text
        .char_indices()
        .nth(most_chars.saturating_sub(1))
        .map_or(end, |(at, _)| at);
    let words = text.get(..room).unwrap_or(text);
    let is_whole = text
        .get(room..)
        .is_none_or(|rest| rest.starts_with(char::is_whitespace));
    let kept = match words.rfind(char::is_whitespace) {
        Some(blank) if !is_whole && blank >= least => words.get(..blank).unwrap_or(words),
        _ => words,
    };
    let kept = kept.trim_end().trim_end_matches([',', ';', ':', '-']);
    closed(&format!("{kept}…"))
}

/// Not in `1. First`, `3.5` or `e.g. this`.
fn is_end_of_sentence(text: &str, at: usize, after: usize) -> bool {
    let mut rest = text.get(after..).unwrap_or_default().chars();
    let goes_on = match rest.next() {
        None => false,
        Some(next) if next.is_whitespace() => rest
            .find(|c| !c.is_whitespace())
            .is_some_and(char::is_lowercase),
        // A closing bracket, quotation mark or sign of emphasis belongs to the sentence, and the cut comes after it.
        Some(_) => true,
    };
    let line = text.get(..at).unwrap_or_default();
    let line = line.rsplit('\n').next().unwrap_or_default().trim();
    let is_number_of_a_list = line.chars().count() <= 3 && line.chars().all(|c| c.is_ascii_digit());
    !goes_on && !is_number_of_a_list
}

/// WhatsApp's emphasis needs both its signs: one that the cut left open is taken out.
fn closed(text: &str) -> String {
    if text.matches('*').count().is_multiple_of(2) {
        return text.to_owned();
    }
    match text.rfind('*') {
        Some(open) => {
            let (before, after) = text.split_at(open);
            format!("{before}{}", after.trim_start_matches('*'))
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_with_a_sentence_or_at_least_with_a_word() {
        for (text, most, expected) in [
            ("Short.", 10, "Short."),
            ("Exactly 16 chars", 16, "Exactly 16 chars"),
            (
                "First one. Second one. Third one is long.",
                30,
                "First one. Second one.",
            ),
            ("Is it? Yes! And then it goes on and on", 16, "Is it? Yes!"),
            (
                "It costs 3.50 reais today, and more tomorrow",
                20,
                "It costs 3.50 reais…",
            ),
            ("Wait a moment, please, for it", 15, "Wait a moment…"),
            (
                "Close by e.g. the station and then go",
                30,
                "Close by e.g. the station and…",
            ),
            ("Line one\nline two that is longer", 18, "Line one"),
            ("1. First thing\n2. Second thing", 17, "1. First thing"),
            ("Ein Satz。 zwei。 drei und vier", 12, "Ein Satz。"),
            ("éééé éééé éééé", 10, "éééé éééé…"),
            ("This is *very important stuff* here", 20, "This is very…"),
        ] {
            let cut = at_sentence(text, most);
            assert_eq!(cut, expected, "{text}");
            assert!(cut.chars().count() <= most, "{cut}");
        }
    }

    #[test]
    fn a_word_without_end_is_cut() {
        assert_eq!(
            at_sentence(&"x".repeat(50), 10),
            format!("{}…", "x".repeat(9))
        );
    }
}
