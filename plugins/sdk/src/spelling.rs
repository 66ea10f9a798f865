//! The nearest valid spelling.

use crate::Problems;

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

/// Adds a problem if a word is not among what there is, with the nearest spelling or the whole list.
///
/// ```
/// let mut problems = sdk::Problems::default();
/// sdk::check_among("suport", ["support", "sales"], "desk", "hand_to", &mut problems);
/// assert_eq!(problems.to_string(), "hand_to: there is no desk `suport`");
/// assert_eq!(problems.into_list()[0].help.as_deref(), Some("did you mean `support`?"));
/// ```
pub fn check_among<'a>(
    word: &str,
    there_is: impl IntoIterator<Item = &'a str>,
    what: &str,
    path: &str,
    problems: &mut Problems,
) {
    let there_is: Vec<_> = there_is.into_iter().collect();
    if there_is.contains(&word) {
        return;
    }
    let help = match nearest(word, there_is.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if there_is.is_empty() => format!("there is no {what} at all yet"),
        None => format!("there is {}", there_is.join(", ")),
    };
    problems.add_with_help(path, format!("there is no {what} `{word}`"), help);
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
