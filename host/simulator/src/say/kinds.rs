//! What a person can say in a few words, and the message that Meta's webhook bears for it.

use serde_json::{Value, json};

use crate::fields::{Fields, object, some_of};
use crate::message::is_id;

/// The keys of `say` that are a kind of message each, beside `text` and `message`. A filled-in form is called by WhatsApp's own
/// word: `form` is how people mistype `from`.
pub(super) const KINDS: [&str; 7] = [
    "tap", "media", "location", "contacts", "flow", "reaction", "order",
];

/// The message that a key and its value stand for.
pub(super) fn message(kind: &str, value: &Value) -> Result<Value, String> {
    match kind {
        "tap" => tap(&Fields::of(kind, value, &["id", "title", "on"])?),
        "media" => media(&Fields::of(
            kind,
            value,
            &["kind", "id", "caption", "filename", "mime_type"],
        )?),
        "location" => location(&Fields::of(
            kind,
            value,
            &["latitude", "longitude", "name", "address"],
        )?),
        "contacts" => contacts(value),
        "flow" => flow(&Fields::of(kind, value, &["name", "body", "answers"])?),
        "reaction" => reaction(&Fields::of(kind, value, &["message", "emoji"])?),
        "order" => order(&Fields::of(kind, value, &["catalog", "text", "items"])?),
        _ => Err(format!("{kind} is no kind of message")),
    }
}

fn tap(fields: &Fields<'_>) -> Result<Value, String> {
    let (id, title) = (fields.needed("id")?, fields.needed("title")?);
    let reply = json!({ "id": id, "title": title });
    match fields.words("on")?.unwrap_or("button") {
        "button" => Ok(
            json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": reply } }),
        ),
        "menu" => Ok(
            json!({ "type": "interactive", "interactive": { "type": "list_reply", "list_reply": reply } }),
        ),
        "template" => Ok(json!({ "type": "button", "button": { "payload": id, "text": title } })),
        on => Err(format!(
            "tap.on is \"button\", \"menu\" or \"template\", not {on:?}"
        )),
    }
}

fn media(fields: &Fields<'_>) -> Result<Value, String> {
    let kind = fields.needed("kind")?;
    let (name, mime_type) = match kind {
        "image" => ("image", "image/jpeg"),
        "video" => ("video", "video/mp4"),
        "audio" => ("audio", "audio/mpeg"),
        "voice" => ("audio", "audio/ogg; codecs=opus"),
        "document" => ("document", "application/pdf"),
        "sticker" => ("sticker", "image/webp"),
        _ => {
            return Err(format!(
                "media.kind is image, video, audio, voice, document or sticker, not {kind:?}"
            ));
        }
    };
    let voice = (name == "audio").then(|| json!(kind == "voice"));
    let file = object([
        (
            "id",
            Some(json!(fields.words("id")?.unwrap_or("1000000000000001"))),
        ),
        (
            "mime_type",
            Some(json!(fields.words("mime_type")?.unwrap_or(mime_type))),
        ),
        // Of nothing: there is no file behind it.
        (
            "sha256",
            Some(json!("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")),
        ),
        ("caption", fields.value("caption")?),
        ("filename", fields.value("filename")?),
        ("voice", voice),
    ]);
    Ok(json!({ "type": name, name: file }))
}

fn location(fields: &Fields<'_>) -> Result<Value, String> {
    let degrees = |key: &str, most: f64| {
        let value = fields.map.get(key).and_then(Value::as_f64);
        value
            .filter(|value| (-most..=most).contains(value))
            .ok_or_else(|| format!("location.{key} is a number from -{most} to {most}"))
    };
    let place = object([
        ("latitude", Some(json!(degrees("latitude", 90.0)?))),
        ("longitude", Some(json!(degrees("longitude", 180.0)?))),
        ("name", fields.value("name")?),
        ("address", fields.value("address")?),
    ]);
    Ok(json!({ "type": "location", "location": place }))
}

fn contacts(value: &Value) -> Result<Value, String> {
    let cards = some_of("contacts", value)?;
    let card = |(place, card): (usize, &Value)| -> Result<Value, String> {
        let known = ["name", "phones", "emails", "organization"];
        let fields = Fields::of(&format!("contacts.{place}"), card, &known)?;
        let each = |list: &str, key: &str| match fields.map.get(list) {
            None => Ok(None),
            Some(Value::Array(found)) if found.iter().all(Value::is_string) => {
                let found: Vec<Value> = found.iter().map(|text| json!({ key: text })).collect();
                Ok(Some(json!(found)))
            }
            Some(_) => Err(format!("{}.{list} is a list of strings", fields.what)),
        };
        let name = fields.needed("name")?;
        Ok(object([
            (
                "name",
                Some(json!({ "formatted_name": name, "first_name": name })),
            ),
            ("phones", each("phones", "phone")?),
            ("emails", each("emails", "email")?),
            (
                "org",
                fields
                    .words("organization")?
                    .map(|company| json!({ "company": company })),
            ),
        ]))
    };
    let cards = cards
        .iter()
        .enumerate()
        .map(card)
        .collect::<Result<Vec<_>, _>>()?;
    Ok(json!({ "type": "contacts", "contacts": cards }))
}

fn flow(fields: &Fields<'_>) -> Result<Value, String> {
    let answers = fields
        .map
        .get("answers")
        .filter(|answers| answers.is_object())
        .ok_or("flow.answers is an object")?;
    let reply = json!({
        "name": fields.words("name")?.unwrap_or("flow"),
        "body": fields.words("body")?.unwrap_or("Sent"),
        "response_json": answers.to_string(),
    });
    Ok(json!({ "type": "interactive", "interactive": { "type": "nfm_reply", "nfm_reply": reply } }))
}

fn reaction(fields: &Fields<'_>) -> Result<Value, String> {
    let message = fields.needed("message")?;
    if !is_id(message) {
        return Err("reaction.message is the id of a message".to_owned());
    }
    // Without an emoji, it is taken away.
    let reaction = object([
        ("message_id", Some(json!(message))),
        ("emoji", fields.value("emoji")?),
    ]);
    Ok(json!({ "type": "reaction", "reaction": reaction }))
}

fn order(fields: &Fields<'_>) -> Result<Value, String> {
    let item = |(place, item): (usize, &Value)| -> Result<Value, String> {
        let known = ["product", "quantity", "price", "currency"];
        let fields = Fields::of(&format!("order.items.{place}"), item, &known)?;
        let quantity = match fields.map.get("quantity") {
            None => 1,
            Some(quantity) => quantity
                .as_u64()
                .filter(|quantity| (1..=1_000_000).contains(quantity))
                .ok_or_else(|| format!("{}.quantity is a whole number, 1 or more", fields.what))?,
        };
        let price = match fields.map.get("price") {
            None => json!("1.00"),
            Some(price @ (Value::Number(_) | Value::String(_))) => price.clone(),
            Some(_) => return Err(format!("{}.price is a number or a string", fields.what)),
        };
        Ok(json!({
            "product_retailer_id": fields.needed("product")?,
            "quantity": quantity,
            "item_price": price,
            "currency": fields.words("currency")?.unwrap_or("EUR"),
        }))
    };
    let items = fields.map.get("items").unwrap_or(&Value::Null);
    let items = some_of("order.items", items)?
        .iter()
        .enumerate()
        .map(item)
        .collect::<Result<Vec<_>, _>>()?;
    let basket = object([
        (
            "catalog_id",
            Some(json!(fields.words("catalog")?.unwrap_or("1"))),
        ),
        ("text", fields.value("text")?),
        ("product_items", Some(json!(items))),
    ]);
    Ok(json!({ "type": "order", "order": basket }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_becomes_what_metas_webhook_bears() {
        let cases = [
            (
                "tap",
                json!({ "id": "a", "title": "A" }),
                json!({ "type": "interactive", "interactive": { "type": "button_reply", "button_reply": { "id": "a", "title": "A" } } }),
            ),
            (
                "tap",
                json!({ "id": "a", "title": "A", "on": "menu" }),
                json!({ "type": "interactive", "interactive": { "type": "list_reply", "list_reply": { "id": "a", "title": "A" } } }),
            ),
            (
                "tap",
                json!({ "id": "STOP", "title": "Unsubscribe", "on": "template" }),
                json!({ "type": "button", "button": { "payload": "STOP", "text": "Unsubscribe" } }),
            ),
            (
                "location",
                json!({ "latitude": -23.55, "longitude": -46, "name": "Here" }),
                json!({ "type": "location", "location": { "latitude": -23.55, "longitude": -46.0, "name": "Here" } }),
            ),
            (
                "contacts",
                json!([{ "name": "Bo", "phones": ["+1 555"], "emails": ["bo@shop.example"], "organization": "The shop" }]),
                json!({ "type": "contacts", "contacts": [{ "name": { "formatted_name": "Bo", "first_name": "Bo" },
                    "phones": [{ "phone": "+1 555" }], "emails": [{ "email": "bo@shop.example" }], "org": { "company": "The shop" } }] }),
            ),
            (
                "flow",
                json!({ "name": "booking", "answers": { "day": "mon" } }),
                json!({ "type": "interactive", "interactive": { "type": "nfm_reply",
                    "nfm_reply": { "name": "booking", "body": "Sent", "response_json": "{\"day\":\"mon\"}" } } }),
            ),
            (
                "reaction",
                json!({ "message": "wamid.A", "emoji": "👍" }),
                json!({ "type": "reaction", "reaction": { "message_id": "wamid.A", "emoji": "👍" } }),
            ),
            (
                "reaction",
                json!({ "message": "wamid.A" }),
                json!({ "type": "reaction", "reaction": { "message_id": "wamid.A" } }),
            ),
            (
                "order",
                json!({ "catalog": "900", "items": [{ "product": "sku-1", "quantity": 2, "price": 9.9, "currency": "BRL" }] }),
                json!({ "type": "order", "order": { "catalog_id": "900", "product_items": [
                    { "product_retailer_id": "sku-1", "quantity": 2, "item_price": 9.9, "currency": "BRL" }] } }),
            ),
        ];
        for (kind, short, expected) in cases {
            assert_eq!(message(kind, &short), Ok(expected), "{kind}: {short}");
        }
        for (kind, name, voice) in [
            ("image", "image", None),
            ("audio", "audio", Some(false)),
            ("voice", "audio", Some(true)),
        ] {
            let said = message("media", &json!({ "kind": kind, "caption": "look" })).unwrap();
            assert_eq!(
                (
                    &said["type"],
                    &said[name]["caption"],
                    said[name].get("voice")
                ),
                (
                    &json!(name),
                    &json!("look"),
                    voice.map(|v| json!(v)).as_ref()
                )
            );
        }
    }

    #[test]
    fn what_cannot_be_said_is_refused_with_the_reason() {
        for (kind, short, expected) in [
            ("tap", json!("yes"), "tap is an object with id, title, on"),
            ("tap", json!({ "id": "a" }), "tap.title is missing"),
            (
                "tap",
                json!({ "id": "a", "title": "A", "on": "list" }),
                "not \"list\"",
            ),
            ("media", json!({}), "media.kind is missing"),
            ("media", json!({ "kind": "gif" }), "not \"gif\""),
            (
                "media",
                json!({ "kind": "image", "captoin": "x" }),
                "did you mean \"caption\"?",
            ),
            (
                "media",
                json!({ "kind": "image", "caption": 7 }),
                "media.caption is a string, not 7",
            ),
            (
                "location",
                json!({ "latitude": 91, "longitude": 0 }),
                "from -90 to 90",
            ),
            (
                "location",
                json!({ "latitude": 0, "longitude": "0" }),
                "longitude is a number",
            ),
            ("contacts", json!([]), "contacts is a list of one or more"),
            (
                "contacts",
                json!([{ "phones": ["1"] }]),
                "contacts.0.name is missing",
            ),
            (
                "contacts",
                json!([{ "name": "Bo", "phones": [1] }]),
                "a list of strings",
            ),
            (
                "contacts",
                json!([{ "name": "Bo" }, "Ana"]),
                "contacts.1 is an object with name",
            ),
            (
                "flow",
                json!({ "answers": "{}" }),
                "flow.answers is an object",
            ),
            (
                "reaction",
                json!({ "emoji": "👍" }),
                "reaction.message is missing",
            ),
            (
                "reaction",
                json!({ "message": "a b" }),
                "the id of a message",
            ),
            ("order", json!({}), "order.items is a list"),
            (
                "order",
                json!({ "items": [{ "product": "a", "quantity": 0 }] }),
                "1 or more",
            ),
            (
                "order",
                json!({ "items": [{ "product": "a", "price": [] }] }),
                "a number or a string",
            ),
        ] {
            let problem = message(kind, &short).unwrap_err();
            assert!(problem.contains(expected), "{kind} {short}: {problem}");
        }
    }
}
