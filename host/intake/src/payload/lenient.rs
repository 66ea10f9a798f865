//! From bytes to a tree, whatever was done to the bytes on the way: half a character or a byte that is none costs no message.

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

/// Reads a tree of text and hands it on. Escaped halves of characters become that mark too, if there are any.
pub(crate) fn with_text<T>(
    text: &str,
    read: impl FnOnce(Part<'_>) -> Result<T, Unreadable>,
) -> Result<T, Unreadable> {
    // Some editors begin a file with a mark of its byte order.
    let text = text.trim_start_matches('\u{feff}');
    match tree::read(text) {
        Ok(tree) => read(Part::new(&tree)),
        Err(error) => {
            let repaired = whole(text);
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

/// JSON with each escaped half of a character replaced: whoever cut a text between the two halves of an emoji wrote an escape
/// that stands for nothing.
pub(super) fn whole(json: &str) -> String {
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
        ] {
            assert!(
                matches!(read(body.as_bytes()), Err(Unreadable::NotAnObject(_))),
                "{body}"
            );
        }
    }
}
