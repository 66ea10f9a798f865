//! What concerns one person: what the business wrote to them elsewhere, what they want, calls, another user id.

use serde_json::{Value, json};

use super::{Scene, Told};
use crate::delivery::{Content, Sight};
use crate::fields::{Fields, object};
use crate::network::Seen;
use crate::say;
use crate::webhook::{Change, DISPLAY_NUMBER, Sender};

/// The least that a browser offers for a call: a session without media.
const NO_MEDIA: &str = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

/// The business wrote from its phone, or changed or took back what it had written.
pub(super) fn echo(value: &Value, scene: &Scene<'_>) -> Result<Told, String> {
    const WHAT: [&str; 4] = ["text", "edit", "revoke", "message"];
    let known = ["to", "user_id", "text", "edit", "revoke", "message"];
    let fields = Fields::of("echo", value, &known)?;
    let (to, user_id) = (fields.phone("to")?, fields.id("user_id")?);
    let who = to
        .or(user_id)
        .ok_or("echo.to is missing: the phone number written to, digits without +")?;
    let given: Vec<_> = WHAT
        .into_iter()
        .filter_map(|key| Some((key, fields.map.get(key)?)))
        .collect();
    let message = match given.as_slice() {
        [("text", text)] => say::text_message("echo.text", text)?,
        [("edit", edit)] => say::edit("echo.edit", edit)?,
        [("revoke", id)] => say::revoke("echo.revoke", id)?,
        [("message", message)] => (*message).clone(),
        _ => return Err(format!("echo has one of {}", WHAT.join(", "))),
    };
    let Value::Object(mut message) = message else {
        return Err("echo.message is an object, as Meta sends it".to_owned());
    };
    let new_id = scene.network.new_id();
    let now = scene.now.to_string();
    for (key, value) in [
        ("from", Some(DISPLAY_NUMBER)),
        ("to", to),
        ("to_user_id", user_id),
        ("timestamp", Some(now.as_str())),
        ("id", Some(new_id.as_str())),
    ] {
        if let Some(value) = value {
            message.entry(key).or_insert_with(|| json!(value));
        }
    }
    let id = message.get("id").and_then(Value::as_str);
    let id = id.ok_or("echo.message.id is a string")?.to_owned();
    let message = Value::Object(message);
    let change = Change::on_number(
        "smb_message_echoes",
        scene.number,
        json!({ "message_echoes": [message] }),
    );
    let number = scene.number.to_owned();
    let sight = Sight {
        id,
        phones: vec![who.to_owned()],
        what: Some(Seen::Echoed { number, message }),
    };
    Ok(Told {
        content: Content::Change(change),
        sight,
    })
}

/// A person wants marketing messages no more, or again.
pub(super) fn preference(value: &Value, scene: &Scene<'_>) -> Result<Told, String> {
    let fields = Fields::of(
        "preference",
        value,
        &["from", "user_id", "name", "marketing"],
    )?;
    let person = Person::of(&fields)?;
    let (value, words) = match fields.words("marketing")? {
        Some("stop") => ("stop", "Stopped marketing messages"),
        Some("resume") => ("resume", "Wants marketing messages again"),
        _ => return Err("preference.marketing is \"stop\" or \"resume\"".to_owned()),
    };
    let preference = object([
        ("wa_id", person.phone.map(|phone| json!(phone))),
        ("user_id", person.user_id.map(|user_id| json!(user_id))),
        (
            "detail",
            Some(json!(format!(
                "User requested to {value} marketing messages"
            ))),
        ),
        ("category", Some(json!("marketing_messages"))),
        ("value", Some(json!(value))),
        // A number here, where everything else has a string.
        ("timestamp", Some(json!(scene.now))),
    ]);
    let content =
        json!({ "contacts": [person.sender().contact()], "user_preferences": [preference] });
    let change = Change::on_number("user_preferences", scene.number, content);
    Ok(person.told(change, None, words, scene))
}

/// A person calls, or hangs up.
pub(super) fn call(value: &Value, scene: &Scene<'_>) -> Result<Told, String> {
    let known = [
        "from", "user_id", "name", "event", "id", "status", "seconds",
    ];
    let fields = Fields::of("call", value, &known)?;
    let person = Person::of(&fields)?;
    let id = fields.id("id")?;
    let id = id.map_or_else(|| scene.network.new_call_id(), str::to_owned);
    let (event, words) = match fields.words("event")? {
        Some("connect") => ("connect", "Called"),
        Some("terminate") => ("terminate", "The call is over"),
        _ => return Err("call.event is \"connect\" or \"terminate\"".to_owned()),
    };
    let seconds = fields.count("seconds")?;
    let status = fields.words("status")?;
    let over = event == "terminate";
    if !over && (seconds.is_some() || status.is_some()) {
        return Err("call.status and call.seconds go with the event \"terminate\"".to_owned());
    }
    if status.is_some_and(|status| !matches!(status, "COMPLETED" | "FAILED")) {
        return Err("call.status is \"COMPLETED\" or \"FAILED\"".to_owned());
    }
    let seconds = seconds.unwrap_or(30);
    let started = scene.now.saturating_sub(seconds);
    let call = object([
        ("id", Some(json!(id))),
        ("to", Some(json!(DISPLAY_NUMBER))),
        ("from", person.phone.map(|phone| json!(phone))),
        ("from_user_id", person.user_id.map(|user_id| json!(user_id))),
        ("event", Some(json!(event))),
        ("direction", Some(json!("USER_INITIATED"))),
        ("timestamp", Some(json!(scene.now.to_string()))),
        (
            "session",
            (!over).then(|| json!({ "sdp_type": "offer", "sdp": NO_MEDIA })),
        ),
        ("status", over.then(|| json!(status.unwrap_or("COMPLETED")))),
        ("start_time", over.then(|| json!(started.to_string()))),
        ("end_time", over.then(|| json!(scene.now.to_string()))),
        ("duration", over.then(|| json!(seconds))),
    ]);
    let content = json!({ "contacts": [person.sender().contact()], "calls": [call] });
    let change = Change::on_number("calls", scene.number, content);
    Ok(person.told(change, Some(id), words, scene))
}

/// A person has another user id now.
pub(super) fn user_id(value: &Value, scene: &Scene<'_>) -> Result<Told, String> {
    let fields = Fields::of("user_id", value, &["from", "name", "was", "is"])?;
    let (phone, name) = (fields.phone("from")?, fields.words("name")?);
    fields.needed("was")?;
    fields.needed("is")?;
    let (was, is) = (fields.id("was")?, fields.id("is")?);
    if was == is {
        return Err("user_id.is is what user_id.was is".to_owned());
    }
    // The webhook names the new id in the update alone.
    let person = Person {
        phone,
        user_id: None,
        name,
    };
    let update = object([
        ("wa_id", phone.map(|phone| json!(phone))),
        (
            "detail",
            Some(json!(format!(
                "User id for {} has been updated.",
                name.or(phone).or(was).unwrap_or_default()
            ))),
        ),
        ("user_id", Some(json!({ "previous": was, "current": is }))),
        ("timestamp", Some(json!(scene.now.to_string()))),
    ]);
    let content = json!({ "contacts": [person.sender().contact()], "user_id_update": [update] });
    let change = Change::on_number("user_id_update", scene.number, content);
    let seen_by = Person {
        user_id: was,
        ..person
    };
    Ok(seen_by.told(change, None, "Has another user id", scene))
}

/// Who it is about.
struct Person<'a> {
    phone: Option<&'a str>,
    user_id: Option<&'a str>,
    name: Option<&'a str>,
}

impl<'a> Person<'a> {
    fn of(fields: &Fields<'a>) -> Result<Self, String> {
        let (phone, user_id) = (fields.phone("from")?, fields.id("user_id")?);
        if phone.is_none() && user_id.is_none() {
            return Err(format!(
                "{}.from is missing: the phone number of the person, digits without +",
                fields.what
            ));
        }
        let name = fields.words("name")?;
        Ok(Self {
            phone,
            user_id,
            name,
        })
    }

    fn sender(&self) -> Sender<'a> {
        Sender {
            phone: self.phone,
            user_id: self.user_id,
            name: self.name,
        }
    }

    /// Told, with a line on the person's phone.
    fn told(&self, change: Change, id: Option<String>, words: &str, scene: &Scene<'_>) -> Told {
        let sight = Sight {
            id: id.unwrap_or_default(),
            phones: self
                .phone
                .or(self.user_id)
                .map(str::to_owned)
                .into_iter()
                .collect(),
            what: Some(Seen::Noted {
                number: scene.number.to_owned(),
                words: words.to_owned(),
            }),
        };
        Told {
            content: Content::Change(change),
            sight,
        }
    }
}
