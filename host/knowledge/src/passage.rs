//! Documents are cut into passages: whole paragraphs of one section as far as they fit, and a paragraph that is too long at the end
//! of a sentence.

use crate::limits;
use crate::markdown::Section;

/// A piece of a document that an answer can rest on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Passage {
    /// The headings that it stands under, the outermost first.
    pub(crate) headings: Vec<String>,
    /// The words, fit for a chat.
    pub(crate) text: String,
}

/// Cuts a document's sections.
pub(crate) fn cut(sections: &[Section]) -> Vec<Passage> {
    let mut passages = Vec::new();
    for section in sections {
        let mut texts: Vec<String> = Vec::new();
        for piece in section.blocks.iter().flat_map(|block| pieces(block)) {
            match texts.last_mut() {
                Some(text) if chars(text) + chars(piece) + 2 <= limits::PASSAGE_CHARS => {
                    text.push_str("\n\n");
                    text.push_str(piece);
                }
                _ => texts.push(piece.to_owned()),
            }
        }
        passages.extend(texts.into_iter().map(|text| Passage {
            headings: section.headings.clone(),
            text,
        }));
    }
    passages
}

/// A block in pieces that are short enough.
fn pieces(block: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = block.trim();
    while chars(rest) > limits::PASSAGE_CHARS {
        let most = rest
            .char_indices()
            .nth(limits::PASSAGE_CHARS)
            .map_or(rest.len(), |(at, _)| at);
        let head = rest.get(..most).unwrap_or(rest);
        let at = best_end(head).unwrap_or(most);
        pieces.push(rest.get(..at).unwrap_or(rest).trim_end());
        rest = rest.get(at..).unwrap_or_default().trim_start();
    }
    if !rest.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// Where a text is best cut: after a line, else a sentence, else a word; not in its first third, or pieces would be crumbs.
fn best_end(text: &str) -> Option<usize> {
    let late = |at: &usize| *at > text.len() / 3;
    let after_any = |ends: &[&str]| {
        ends.iter()
            .filter_map(|end| text.rfind(end).map(|at| at + end.len()))
            .max()
            .filter(late)
    };
    after_any(&["\n"])
        .or_else(|| after_any(&[". ", "! ", "? ", "… ", "。", "！", "？"]))
        .or_else(|| after_any(&[" "]))
}

fn chars(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(blocks: &[String]) -> Vec<String> {
        let section = Section {
            headings: vec!["H".to_owned()],
            blocks: blocks.to_vec(),
        };
        cut(&[section])
            .into_iter()
            .map(|passage| passage.text)
            .collect()
    }

    #[test]
    fn short_paragraphs_stay_together_and_long_ones_end_with_a_sentence() {
        assert_eq!(texts(&["One.".into(), "Two.".into()]), ["One.\n\nTwo."]);
        let long = "This sentence is repeated. ".repeat(60);
        let cut = texts(std::slice::from_ref(&long));
        assert!(cut.len() > 1);
        assert!(
            cut.iter()
                .all(|text| text.ends_with("repeated.") && chars(text) <= limits::PASSAGE_CHARS)
        );
        assert_eq!(cut.join(" "), long.trim_end());
    }

    #[test]
    fn no_text_is_lost_or_too_long_whatever_it_is_made_of() {
        for text in [
            "x".repeat(2000),
            "é ".repeat(1000),
            "字。".repeat(900),
            "line\n".repeat(500),
        ] {
            let cut = texts(std::slice::from_ref(&text));
            assert!(
                cut.iter()
                    .all(|text| chars(text) <= limits::PASSAGE_CHARS && !text.is_empty())
            );
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            assert_eq!(squeezed(&cut.concat()), squeezed(&text));
        }
    }
}
