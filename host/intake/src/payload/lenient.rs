//! From bytes to a tree, whatever was done to the bytes on the way: half a character, a byte that is none or a number that nothing
//! holds costs no message.

use super::part::Part;
use super::{Unreadable, tree};

/// Reads a tree of bytes and hands it on. Bytes that are no UTF-8 become the mark for what cannot be shown.
pub(crate) fn with_bytes<T>(
    body: &[u8],
    read: impl FnOnce(Part<'_>) -> Result<T, Unreadable>,
) -> Result<T, Unreadable> {
    match std::str::from_utf8(body) {
        Ok(text) => with_text(text, read),
        Err(_) => with_text(&String::from_utf8_lossy(body), read),
    }
}

/// Reads a tree of text and hands it on, repaired if it cannot be read as it is: escaped halves of characters become that mark too,
/// numbers out of range become texts.
pub(crate) fn with_text<T>(
    text: &str,
    read: impl FnOnce(Part<'_>) -> Result<T, Unreadable>,
) -> Result<T, Unreadable> {
    // Some editors begin a file with a mark of its byte order.
    let text = text.trim_start_matches('\u{feff}');
    match tree::read(text) {
        Ok(tree) => read(Part::new(&tree)),
        Err(error) => {
            let repaired = repaired(text);
            if repaired == text {
                return Err(cause(&error));
            }
            let tree = tree::read(&repaired).map_err(|error| cause(&error))?;
            read(Part::new(&tree))
        }
    }
}

fn cause(error: &serde_json::Error) -> Unreadable {
    // serde_json has no other way to tell.
    match error.to_string() {
        text if text.starts_with("recursion limit exceeded") => Unreadable::TooDeep,
        text => Unreadable::NotAnObject(text),
    }
}

/// JSON with everything repaired that can be.
pub(super) fn repaired(json: &str) -> String {
    quoted(&whole(json))
}

/// JSON with each escaped half of a character replaced: whoever cut a text between the two halves of an emoji wrote an escape
/// that stands for nothing.
fn whole(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some((before, from)) = rest
        .find('\\')
        .and_then(|place| rest.split_at_checked(place))
    {
        out.push_str(before);
        let taken = match (unit(from), unit(from.get(6..).unwrap_or_default())) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => {
                out.push_str("\\ufffd");
                rest = from.get(6..).unwrap_or_default();
                continue;
            }
            // The backslash and what it escapes, whole.
            _ => 1 + from.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (escape, after) = from.split_at_checked(taken).unwrap_or((from, ""));
        out.push_str(escape);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The unit that an escape at the beginning stands for.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16).ok()
}

/// JSON with each number that is out of range in quotes, digit for digit.
fn quoted(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    let begins = |c: char| c == '"' || c == '-' || c.is_ascii_digit();
    while let Some((before, from)) = rest
        .find(begins)
        .and_then(|place| rest.split_at_checked(place))
    {
        out.push_str(before);
        let is_text = from.starts_with('"');
        let end = match is_text {
            true => end_of_text(from),
            false => from.find(|c: char| !is_of_number(c)),
        };
        let (token, after) = end
            .and_then(|end| from.split_at_checked(end))
            .unwrap_or((from, ""));
        // Before a colon stands a name, and a number is none.
        let is_name = || after.trim_start().starts_with(':');
        if !is_text && is_out_of_range(token) && !is_name() {
            out.extend(["\"", token, "\""]);
        } else {
            out.push_str(token);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Where the text ends with whose quote this begins.
fn end_of_text(from: &str) -> Option<usize> {
    let mut bytes = from.bytes().enumerate().skip(1);
    while let Some((place, byte)) = bytes.next() {
        match byte {
            b'"' => return Some(place + 1),
            b'\\' => _ = bytes.next(),
            _ => {}
        }
    }
    None
}

fn is_of_number(c: char) -> bool {
    c.is_ascii_digit() || "+-.eE".contains(c)
}

/// It is a number to JSON, and none to whoever reads it.
fn is_out_of_range(token: &str) -> bool {
    serde_json::from_str::<f64>(token).is_err()
        && serde_json::from_str::<serde::de::IgnoredAny>(token).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &[u8]) -> Result<serde_json::Value, Unreadable> {
        with_bytes(json, |part| Ok(part.keep()))
    }

    #[test]
    fn halves_of_characters_are_marked_and_nothing_else_changes() {
        for (json, expected) in [
            (r#""a\ud83d\udc4bb""#, "a👋b"),
            (r#""a\ud83d""#, "a\u{fffd}"),
            (r#""\udc4ba""#, "\u{fffd}a"),
            (r#""\ud83d\ud83d\udc4b""#, "\u{fffd}👋"),
            (r#""\ud83d\n\\ud83d\"é\u00e9""#, "\u{fffd}\n\\ud83d\"éé"),
            (r#""\\\ud83d\\""#, "\\\u{fffd}\\"),
        ] {
            assert_eq!(read(json.as_bytes()), Ok(expected.into()), "{json}");
        }
    }

    #[test]
    fn numbers_out_of_range_become_texts_and_nothing_else_changes() {
        let long = "8".repeat(400);
        for (json, expected) in [
            ("1e999", r#""1e999""#),
            ("[-1E+999 ,1e-999,1e308, 2]", r#"["-1E+999",0.0,1e308,2]"#),
            (&long, &format!("\"{long}\"")),
            (
                r#"{"1e999 \"": 1e999, "a\\": "2e999 \\\"3e999", "b":[4e999]}"#,
                r#"{"1e999 \"": "1e999", "a\\": "2e999 \\\"3e999", "b":["4e999"]}"#,
            ),
            (
                r#"["\ud83d", 1e999, "\ud83d"]"#,
                r#"["\ufffd", "1e999", "\ufffd"]"#,
            ),
        ] {
            let expected: serde_json::Value = serde_json::from_str(expected).unwrap();
            assert_eq!(read(json.as_bytes()), Ok(expected), "{json}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_marked() {
        assert_eq!(
            read(b"[\"a\xff\xf0\x9fb\"]"),
            Ok(serde_json::json!(["a\u{fffd}\u{fffd}b"]))
        );
        assert_eq!(read(b"\xef\xbb\xbf{}"), Ok(serde_json::json!({})));
    }

    #[test]
    fn what_is_wrong_is_told_apart() {
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(read(nested(100).as_bytes()).is_ok());
        assert_eq!(read(nested(200).as_bytes()), Err(Unreadable::TooDeep));
        assert_eq!(read(nested(1_000_000).as_bytes()), Err(Unreadable::TooDeep));
        let halved = format!("[\"\\ud83d\", {}]", nested(200));
        assert_eq!(read(halved.as_bytes()), Err(Unreadable::TooDeep));
        for body in [
            "",
            "{",
            "[1,]",
            "{\"a\": \\ud83d}",
            "\"\\ud83d",
            "\\",
            "\\u",
            "\\ud83d\\u",
            "1e999.5",
            "[1e999-]",
            "[01e999]",
            "[-]",
            "[1e999",
            "[1e999 \"]",
            "{1e999: 1}",
            "{\"a\": 1e999, 1e999 : 1}",
            "[a1e999]",
        ] {
            assert!(
                matches!(read(body.as_bytes()), Err(Unreadable::NotAnObject(_))),
                "{body}"
            );
        }
    }
}
