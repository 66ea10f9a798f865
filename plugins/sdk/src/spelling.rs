//! The nearest valid spelling.

/// The candidate that was probably meant: at most a third of the letters differ.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= most)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_spelling_is_offered_and_nothing_far_off() {
        for (word, meant) in [
            ("repyl", Some("reply")),
            ("buttns", Some("buttons")),
            ("replies", None),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, ["reply", "buttons"]), meant, "{word}");
        }
    }
}
