//! Whole webhooks, of everything that can be said and told: `golden/NAME.json` holds what was asked and what came of it.
//! `UPDATE=1` writes what comes.

use std::path::Path;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::host::both;

#[tokio::test]
async fn each_webhook_is_as_it_stands_in_its_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/over_the_wire/golden");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 40, "{files:?}");
    let bless = std::env::var_os("UPDATE").is_some_and(|update| update == "1");
    for file in files {
        let kept: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let come = what_comes_of(&kept).await;
        if bless {
            let text = serde_json::to_string_pretty(&come).unwrap();
            std::fs::write(&file, text + "\n").unwrap();
        } else {
            assert_eq!(come, kept, "{}", file.display());
        }
    }
}

/// Each case has a host of its own: nothing was said before.
async fn what_comes_of(case: &Value) -> Value {
    let (host, simulator) = both().await;
    let (verb, asked) = case
        .as_object()
        .unwrap()
        .iter()
        .find(|(key, _)| *key == "say" || *key == "tell")
        .unwrap();
    let answer = match verb.as_str() {
        "say" => simulator.say(asked.clone()).await,
        _ => simulator.tell(asked.clone()).await,
    };
    if asked.get("wrap").is_some() {
        assert!(host.all().is_empty(), "what is wrapped is not delivered");
        return json!({ verb: asked, "answer": plain(&answer) });
    }
    assert_eq!(answer["status"], 200);
    let webhooks = host.all();
    assert_eq!(webhooks.len(), 1);
    json!({ verb: asked, "answer": plain(&answer), "webhook": plain(&webhooks[0]) })
}

/// The same, with what is new each time in words.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key.clone(), plain(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::String(text) => json!(plain_text(text)),
        Value::Number(number) => number
            .as_i64()
            .and_then(moment)
            .map_or_else(|| value.clone(), |when| json!(format!("{when}, a number"))),
        _ => value.clone(),
    }
}

fn plain_text(text: &str) -> Value {
    if text.starts_with('{') {
        return json!({ "a string of": plain(&serde_json::from_str(text).unwrap()) });
    }
    for kind in ["wamid", "wacid"] {
        if text.len() > 20 && text.starts_with(kind) {
            return json!(format!("{kind}.NEW"));
        }
    }
    let text = text.strip_prefix("m_").unwrap_or(text);
    if text.len() == 36 && text.matches('-').count() == 4 {
        return json!("a new UUID");
    }
    if let Some(when) = text.parse().ok().and_then(moment) {
        return json!(when);
    }
    if let (Ok(at), Some((_, fraction))) = (text.parse::<Timestamp>(), text.split_once('.')) {
        let when = moment(at.as_second()).unwrap();
        return json!(format!("{when}, {} digits", fraction.len() - 1));
    }
    json!(text)
}

/// A time of this month, told from now.
fn moment(seconds: i64) -> Option<String> {
    let now = Timestamp::now().as_second();
    if (seconds / 1000 - now).abs() < 10 {
        return Some("now, in ms".to_owned());
    }
    // A test on a busy machine takes some seconds.
    let tens = (seconds - now + 9).div_euclid(10) * 10;
    match tens {
        0 => Some("now".to_owned()),
        _ if tens.abs() < 30 * 24 * 60 * 60 => Some(format!("now{tens:+}")),
        _ => None,
    }
}
