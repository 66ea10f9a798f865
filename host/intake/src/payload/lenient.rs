//! JSON with half a character in it: whoever cut a text between the two halves of an emoji wrote an escape that stands for
//! nothing. A reader that is strict about it would lose the whole message.

use serde_json::Value;
use serde_json::value::RawValue;

/// Reads a value; halves of characters become the mark for what cannot be shown.
pub(super) fn value(raw: &RawValue) -> Result<Value, String> {
    serde_json::from_str(raw.get())
        .or_else(|_| serde_json::from_str(&whole(raw.get())))
        .map_err(|error| error.to_string())
}

/// The text with each escaped half of a character replaced.
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
            // The backslash and what it escapes, whole: the text is valid JSON, so there is something.
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
            let raw: &RawValue = serde_json::from_str(json).unwrap();
            assert_eq!(value(raw), Ok(Value::from(expected)), "{json}");
        }
    }
}
