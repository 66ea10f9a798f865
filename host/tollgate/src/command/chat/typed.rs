//! What is typed in a chat: words, taps, and commands that send what is no text.

use model::{MediaKind, TapOrigin};
use serde_json::{Map, Value, json};

use super::bubble::Tap;

/// What one typed line asks for.
#[derive(Debug, PartialEq)]
pub(super) enum Typed {
    /// To say this: a key of the simulator's `say` with its value.
    Say(&'static str, Value),
    /// To tell the story of the last message.
    Why,
    /// To list the commands.
    Help,
    /// To leave.
    Quit,
}

/// What a line can refer to.
#[derive(Default)]
pub(super) struct Before<'a> {
    /// What can be tapped, as it was numbered.
    pub(super) taps: &'a [Tap],
    /// The id of the last message from the business.
    pub(super) reply: Option<&'a str>,
    /// The id of the last message to it.
    pub(super) said: Option<&'a str>,
}

pub(super) const HELP: &str = "\
  /1 /2 /3 …                      tap a button, or a row of a menu, by its number
  /image [CAPTION]                a picture; /video likewise
  /voice                          a voice note; /audio and /sticker likewise
  /document [FILENAME]            a document
  /location [LAT,LONG] [NAME]     a place; one in São Paulo if none is named
  /contact NAME [+PHONE]          a person's card
  /form KEY=VALUE, …              a form that was filled in
  /order PRODUCT [QUANTITY], …    a basket from the catalogue
  /reaction [EMOJI]               on the bot's last message; alone, it is taken away
  /edit TEXT, /revoke             your last message, changed or taken back
  /forward TEXT                   a text that was passed on from another chat
  /ad TEXT                        a text that came from an advertisement
  /raw JSON                       any other message, as Meta's webhook bears it
  //TEXT                          a text that begins with a slash
  /why                            the whole story of the last message
  /help, /quit                    this list; leave (Ctrl-D does too)
";

const COMMANDS: [&str; 20] = [
    "image", "video", "voice", "audio", "sticker", "document", "location", "contact", "form",
    "order", "reaction", "edit", "revoke", "forward", "ad", "raw", "why", "help", "quit", "exit",
];

/// Reads a line that is not empty; what is wrong comes with what would be right.
pub(super) fn read(line: &str, before: &Before<'_>) -> Result<Typed, String> {
    let Some(rest) = line.strip_prefix('/') else {
        return Ok(text(line));
    };
    if rest.starts_with('/') {
        return Ok(text(rest));
    }
    let (command, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let rest = rest.trim();
    if let Ok(number) = command.parse::<usize>() {
        return tap(number, before.taps);
    }
    match command {
        "why" => Ok(Typed::Why),
        "help" => Ok(Typed::Help),
        "quit" | "exit" => Ok(Typed::Quit),
        "location" => location(rest),
        "contact" => contact(rest),
        "form" => form(rest),
        "order" => order(rest),
        "reaction" => reaction(rest, before.reply),
        "edit" => {
            let original = own(before)?;
            let now =
                json!({ "type": "text", "text": { "body": needed(rest, "/edit Good evening")? } });
            Ok(raw(
                json!({ "type": "edit", "edit": { "original_message_id": original, "message": now } }),
            ))
        }
        "revoke" => {
            let original = own(before)?;
            Ok(raw(
                json!({ "type": "revoke", "revoke": { "original_message_id": original } }),
            ))
        }
        "forward" => {
            let body = needed(rest, "/forward Is this true?")?;
            Ok(raw(
                json!({ "type": "text", "text": { "body": body }, "context": { "forwarded": true } }),
            ))
        }
        "ad" => {
            let body = needed(rest, "/ad I saw your offer")?;
            let referral = json!({ "source_type": "ad", "source_id": "120000000000001",
                "source_url": "https://ads.example/offer", "headline": "Our offer" });
            Ok(raw(
                json!({ "type": "text", "text": { "body": body }, "referral": referral }),
            ))
        }
        "raw" => match serde_json::from_str(needed(rest, r#"/raw {"type":"request_welcome"}"#)?) {
            Ok(Value::Object(message)) => Ok(raw(Value::Object(message))),
            Ok(_) => {
                Err("a message is a JSON object: /raw {\"type\":\"request_welcome\"}".to_owned())
            }
            Err(error) => Err(format!("that is no JSON: {error}")),
        },
        _ => match MediaKind::parse(command) {
            Some(kind) => media(kind, rest),
            None => Err(unknown(command)),
        },
    }
}

fn text(body: &str) -> Typed {
    Typed::Say("text", json!(body))
}

fn raw(message: Value) -> Typed {
    Typed::Say("message", message)
}

fn tap(number: usize, taps: &[Tap]) -> Result<Typed, String> {
    let tapped = number.checked_sub(1).and_then(|place| taps.get(place));
    match (tapped, taps.len()) {
        (Some(tap), _) => {
            let on = match tap.on {
                TapOrigin::Button => "button",
                TapOrigin::Menu => "menu",
                TapOrigin::Template => "template",
            };
            Ok(Typed::Say(
                "tap",
                json!({ "id": tap.id, "title": tap.title, "on": on }),
            ))
        }
        (None, 0) => Err(format!(
            "there is nothing to tap as /{number}: no message had buttons or a menu yet"
        )),
        (None, 1) => Err(format!("there is no /{number} to tap: /1 is all there is")),
        (None, many) => Err(format!("there is no /{number} to tap: write /1 to /{many}")),
    }
}

fn media(kind: MediaKind, words: &str) -> Result<Typed, String> {
    let mut file = Map::from_iter([("kind".to_owned(), json!(kind.word()))]);
    match kind {
        MediaKind::Image | MediaKind::Video if !words.is_empty() => {
            file.insert("caption".to_owned(), json!(words));
        }
        MediaKind::Document => {
            let name = if words.is_empty() {
                "document.pdf"
            } else {
                words
            };
            file.insert("filename".to_owned(), json!(name));
        }
        MediaKind::Audio | MediaKind::Voice | MediaKind::Sticker if !words.is_empty() => {
            return Err(format!(
                "there are no words beneath it: write /{0} alone",
                kind.word()
            ));
        }
        _ => {}
    }
    Ok(Typed::Say("media", Value::Object(file)))
}

fn location(rest: &str) -> Result<Typed, String> {
    let (first, name) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let degrees = |text: &str, most: f64| {
        text.trim()
            .parse::<f64>()
            .ok()
            .filter(|degrees| (-most..=most).contains(degrees))
    };
    let (latitude, longitude, name) = match first.split_once(',') {
        Some((latitude, longitude)) => match (degrees(latitude, 90.0), degrees(longitude, 180.0)) {
            (Some(latitude), Some(longitude)) => (latitude, longitude, name.trim()),
            _ => {
                return Err(format!(
                    "{first:?} is no place: degrees north, a comma, degrees east, like /location -23.55,-46.63"
                ));
            }
        },
        None if rest.is_empty() => (-23.550_52, -46.633_31, "Praça da Sé"),
        None => (-23.550_52, -46.633_31, rest),
    };
    let mut place = json!({ "latitude": latitude, "longitude": longitude });
    if let (false, Some(place)) = (name.is_empty(), place.as_object_mut()) {
        place.insert("name".to_owned(), json!(name));
    }
    Ok(Typed::Say("location", place))
}

fn contact(rest: &str) -> Result<Typed, String> {
    let (name, phone) = match rest.find('+') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let name = needed(name.trim(), "/contact Bo +1 555 010 0002")?;
    let phones: Vec<&str> = Some(phone)
        .filter(|phone| !phone.is_empty())
        .into_iter()
        .collect();
    Ok(Typed::Say(
        "contacts",
        json!([{ "name": name, "phones": phones }]),
    ))
}

fn form(rest: &str) -> Result<Typed, String> {
    let example = "/form day=monday, people=2";
    let mut answers = Map::new();
    for answer in needed(rest, example)?.split(',') {
        match answer.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => {
                answers.insert(key.trim().to_owned(), json!(value.trim()));
            }
            _ => return Err(format!("{:?} is no answer: write {example}", answer.trim())),
        }
    }
    Ok(Typed::Say("flow", json!({ "answers": answers })))
}

fn order(rest: &str) -> Result<Typed, String> {
    let example = "/order sku-1 2, sku-2";
    let item = |line: &str| {
        let mut words = line.split_whitespace();
        let parts = (words.next(), words.next(), words.next());
        let quantity = match parts {
            (Some(_), None, None) => Some(1),
            (Some(_), Some(quantity), None) => quantity
                .parse::<u32>()
                .ok()
                .filter(|quantity| (1..=1_000_000).contains(quantity)),
            _ => None,
        };
        match (parts.0, quantity) {
            (Some(product), Some(quantity)) => {
                Ok(json!({ "product": product, "quantity": quantity }))
            }
            _ => Err(format!(
                "{:?} is no product and how many: write {example}",
                line.trim()
            )),
        }
    };
    let items: Vec<Value> = needed(rest, example)?
        .split(',')
        .map(item)
        .collect::<Result<_, _>>()?;
    Ok(Typed::Say("order", json!({ "items": items })))
}

fn reaction(emoji: &str, reply: Option<&str>) -> Result<Typed, String> {
    let on = reply.ok_or("the bot wrote nothing yet that you could react to")?;
    // Which characters are emoji changes every year, and some are letters in circles; words are told from them all the same.
    let is_words = |c: char| c.is_whitespace() || (c.is_alphabetic() && c < '\u{2000}');
    if (!emoji.is_empty() && emoji.is_ascii()) || emoji.chars().any(is_words) {
        return Err(format!("{emoji:?} is no emoji: write /reaction 👍"));
    }
    let reaction = if emoji.is_empty() {
        json!({ "message": on })
    } else {
        json!({ "message": on, "emoji": emoji })
    };
    Ok(Typed::Say("reaction", reaction))
}

fn own<'a>(before: &Before<'a>) -> Result<&'a str, String> {
    before
        .said
        .ok_or_else(|| "you wrote nothing yet".to_owned())
}

fn needed<'a>(words: &'a str, example: &str) -> Result<&'a str, String> {
    if words.is_empty() {
        Err(format!("something is missing: write it like {example}"))
    } else {
        Ok(words)
    }
}

fn unknown(command: &str) -> String {
    let likeness = |known: &str| strsim::jaro_winkler(&command.to_lowercase(), known);
    let near = COMMANDS
        .into_iter()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
        .filter(|known| likeness(known) > 0.8);
    let guess = near.map_or_else(String::new, |known| format!(" Did you mean /{known}?"));
    format!("there is no command /{command}.{guess} /help lists them; //{command} says it as text")
}

#[cfg(test)]
mod tests;
