//! What stands within a line of Markdown, as a chat shows it: links as text with the address behind, emphasis in WhatsApp's marks
//! where it is unambiguous.

use std::collections::BTreeMap;

/// Addresses that are defined apart from where they are used: `[id]: https://…`.
#[derive(Default)]
pub(super) struct Links(BTreeMap<String, String>);

impl Links {
    pub(super) fn defined_in(text: &str) -> Self {
        Self(
            text.lines()
                .filter_map(|line| definition(line.trim()))
                .collect(),
        )
    }

    pub(super) fn is_definition(line: &str) -> bool {
        definition(line).is_some()
    }
}

fn definition(line: &str) -> Option<(String, String)> {
    let (id, url) = line.strip_prefix('[')?.split_once("]:")?;
    let url = url.split_whitespace().next()?.trim_matches(['<', '>']);
    (!id.is_empty() && !id.starts_with('^')).then(|| (id.to_lowercase(), url.to_owned()))
}

/// A line or paragraph for a chat.
pub(super) fn for_chat(text: &str, links: &Links) -> String {
    let mut shown = String::with_capacity(text.len());
    Inline { links, marks: true }.show(text, None, &mut shown);
    shown
}

/// The same without any marks: for headings.
pub(super) fn bare(text: &str, links: &Links) -> String {
    let mut shown = String::with_capacity(text.len());
    Inline {
        links,
        marks: false,
    }
    .show(text, None, &mut shown);
    shown
}

#[derive(Clone, Copy)]
struct Inline<'l> {
    links: &'l Links,
    /// Whether emphasis is shown.
    marks: bool,
}

impl Inline<'_> {
    /// `before` is the letter that stands before the text.
    fn show(self, text: &str, before: Option<char>, shown: &mut String) {
        let mut rest = text;
        let mut before = before;
        while let Some(letter) = rest.chars().next() {
            let used = match letter {
                '\\' => escape(rest, shown),
                '`' => code(rest, shown),
                '!' if rest.starts_with("![") => self.image(rest, shown),
                '[' => self.link(rest, shown),
                '<' => tag(rest, shown),
                '&' => entity(rest, shown),
                '*' | '_' | '~' => self.emphasis(rest, letter, before, shown),
                _ => None,
            };
            let used = used.unwrap_or_else(|| {
                shown.push(letter);
                letter.len_utf8()
            });
            before = rest.get(..used).and_then(|used| used.chars().next_back());
            rest = rest.get(used..).unwrap_or_default();
        }
    }

    fn image(self, text: &str, shown: &mut String) -> Option<usize> {
        let (alt, _, length) = self.bracketed(text.get(1..)?)?;
        self.show(alt, None, shown);
        Some(length + 1)
    }

    fn link(self, text: &str, shown: &mut String) -> Option<usize> {
        let (words, url, length) = self.bracketed(text)?;
        let from = shown.len();
        self.show(words, None, shown);
        let same = shown
            .get(from..)
            .is_some_and(|words| words == url || url.strip_prefix("mailto:") == Some(words));
        let leads_out = ["https://", "http://", "mailto:", "tel:"]
            .iter()
            .any(|scheme| url.starts_with(scheme));
        if leads_out && !same && self.marks {
            let url = url
                .strip_prefix("mailto:")
                .or_else(|| url.strip_prefix("tel:"))
                .unwrap_or(&url);
            shown.push_str(" (");
            shown.push_str(url);
            shown.push(')');
        }
        Some(length)
    }

    /// `[words](url "title")`, `[words][id]` or `[id]`: the words, the address and how long it is.
    fn bracketed(self, text: &str) -> Option<(&str, String, usize)> {
        let end = matching(text, '[', ']')?;
        let words = text.get(1..end)?;
        let after = text.get(end + 1..)?;
        if after.starts_with('(') {
            let close = matching(after, '(', ')')?;
            let url = after
                .get(1..close)?
                .split_whitespace()
                .next()
                .unwrap_or_default();
            return Some((
                words,
                url.trim_matches(['<', '>']).to_owned(),
                end + close + 2,
            ));
        }
        let (id, length) = match after
            .strip_prefix('[')
            .and_then(|rest| near(rest).split_once(']'))
        {
            Some(("", _)) => (words, end + 3),
            Some((id, _)) => (id, end + id.len() + 3),
            None => (words, end + 1),
        };
        let url = self.links.0.get(&id.to_lowercase())?;
        Some((words, url.clone(), length))
    }

    fn emphasis(
        self,
        text: &str,
        mark: char,
        before: Option<char>,
        shown: &mut String,
    ) -> Option<usize> {
        let run = near(text)
            .chars()
            .take_while(|letter| *letter == mark)
            .count();
        let opened = text.get(run..)?;
        let within = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        let fits = match mark {
            '~' => run == 2,
            // snake_case is a word, not emphasis.
            '_' => (1..=3).contains(&run) && !within(before),
            _ => (1..=3).contains(&run),
        };
        if !fits || opened.starts_with(char::is_whitespace) {
            return None;
        }
        let fence: String = std::iter::repeat_n(mark, run).collect();
        let end = closing(opened, &fence, mark)?;
        let inner = opened.get(..end)?;
        let after = opened.get(end + run..).and_then(|rest| rest.chars().next());
        if mark == '_' && within(after) {
            return None;
        }
        let mut content = String::new();
        self.show(inner, Some(mark), &mut content);
        // WhatsApp knows its marks at the edges of words alone, within one line, and not within themselves.
        let clear = self.marks
            && !within(before)
            && !within(after)
            && !content.contains(['*', '\n'])
            && (mark == '~' || run == 2 || !content.contains('_'));
        let around = match (clear, mark, run) {
            (false, ..) => ("", ""),
            (_, '~', _) => ("~", "~"),
            (.., 1) => ("_", "_"),
            (.., 2) => ("*", "*"),
            _ => ("*_", "_*"),
        };
        shown.push_str(around.0);
        shown.push_str(&content);
        shown.push_str(around.1);
        Some(run * 2 + end)
    }
}

/// What stands near the beginning of a text: a mark is not looked for further away than that, so that a document full of marks that
/// are never closed is read in time.
fn near(text: &str) -> &str {
    let end = (0..=text.len().min(crate::limits::MARK_REACH_BYTES))
        .rev()
        .find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// Where emphasis ends: the same marks, no more of them, after something that is no space.
fn closing(text: &str, fence: &str, mark: char) -> Option<usize> {
    near(text)
        .match_indices(fence)
        .map(|(at, _)| at)
        .find(|at| {
            let before = text
                .get(..*at)
                .and_then(|before| before.chars().next_back());
            let after = text
                .get(at + fence.len()..)
                .and_then(|after| after.chars().next());
            before.is_some_and(|letter| !letter.is_whitespace() && letter != mark && letter != '\\')
                && after != Some(mark)
        })
}

/// Where the bracket that opens the text is closed.
fn matching(text: &str, open: char, close: char) -> Option<usize> {
    let mut depth = 0usize;
    let mut escaped = false;
    for (at, letter) in near(text).char_indices() {
        if escaped {
            escaped = false;
        } else if letter == '\\' {
            escaped = true;
        } else if letter == open {
            depth += 1;
        } else if letter == close {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(at);
            }
        }
    }
    None
}

fn escape(text: &str, shown: &mut String) -> Option<usize> {
    let letter = text.chars().nth(1).filter(char::is_ascii_punctuation)?;
    shown.push(letter);
    Some(2)
}

fn code(text: &str, shown: &mut String) -> Option<usize> {
    let ticks = near(text).bytes().take_while(|byte| *byte == b'`').count();
    let fence = text.get(..ticks)?;
    let (content, _) = near(text.get(ticks..)?).split_once(fence)?;
    shown.push_str(content.trim());
    Some(content.len() + ticks * 2)
}

/// `<https://…>` and `<name@…>` are shown, a line break breaks, and any other tag is left out.
fn tag(text: &str, shown: &mut String) -> Option<usize> {
    let (inner, _) = near(text.get(1..)?).split_once('>')?;
    let name: String = inner
        .trim_start_matches('/')
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    if inner.contains("://") || (inner.contains('@') && !inner.contains(char::is_whitespace)) {
        shown.push_str(inner.strip_prefix("mailto:").unwrap_or(inner));
    } else if name.eq_ignore_ascii_case("br") {
        shown.push('\n');
    } else if name.is_empty()
        || !name.starts_with(|first: char| first.is_ascii_alphabetic())
        || inner.contains('<')
    {
        return None;
    }
    Some(inner.len() + 2)
}

fn entity(text: &str, shown: &mut String) -> Option<usize> {
    let known = [
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&nbsp;", " "),
        ("&euro;", "€"),
        ("&ndash;", "–"),
        ("&mdash;", "—"),
    ];
    let (written, meant) = known
        .iter()
        .find(|(written, _)| text.starts_with(written))?;
    shown.push_str(meant);
    Some(written.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_reads_well_in_a_chat() {
        let links = Links::defined_in("[form]: <https://shop.example/form> \"the form\"");
        for (written, shown) in [
            ("**Free** and __fast__", "*Free* and *fast*"),
            ("*soon* or _now_", "_soon_ or _now_"),
            ("***both***", "*_both_*"),
            ("~~gone~~", "~gone~"),
            ("a **bold _and_ slanted** one", "a *bold _and_ slanted* one"),
            ("**half**way", "halfway"),
            ("2 * 3 * 4 = 24", "2 * 3 * 4 = 24"),
            ("snake_case_name", "snake_case_name"),
            ("*never closed", "*never closed"),
            (r"\*literal\* 5\. a\b", r"*literal* 5. a\b"),
            ("`a * b`, ``a ` b``", "a * b, a ` b"),
            (
                "[our page](https://shop.example/a_(b) \"title\")!",
                "our page (https://shop.example/a_(b))!",
            ),
            (
                "[**form**][form], [form][], [Form]",
                "*form* (https://shop.example/form), form (https://shop.example/form), Form (https://shop.example/form)",
            ),
            (
                "[there](../other.md) and [x] and [y][z]",
                "there and [x] and [y][z]",
            ),
            (
                "[https://a.example](https://a.example)",
                "https://a.example",
            ),
            (
                "[us](mailto:us@shop.example), [us@shop.example](mailto:us@shop.example)",
                "us (us@shop.example), us@shop.example",
            ),
            (
                "![a bicycle](bike.png) <https://a.example> <us@a.example>",
                "a bicycle https://a.example us@a.example",
            ),
            (
                "one<br/>two <b>three</b> 1 < 2 > 1",
                "one\ntwo three 1 < 2 > 1",
            ),
            ("Fish &amp; Chips &unknown;", "Fish & Chips &unknown;"),
            ("", ""),
        ] {
            assert_eq!(for_chat(written, &links), shown, "{written}");
        }
        assert_eq!(
            bare("**Our** [page](https://a.example)", &links),
            "Our page"
        );
    }
}
