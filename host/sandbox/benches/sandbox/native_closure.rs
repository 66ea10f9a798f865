//! The same outcome by hand, as frugally as it can be had: no contract, no message but a text, nothing checked.
//!
//! It does less than the plugin: what it is told for is how little this one answer could cost, sandbox or not.

use std::collections::BTreeMap;

use model::{Outgoing, Proposal, Recipient, Turn, Verdict};
use sandbox::Host;
use serde::Deserialize;

#[derive(Deserialize)]
struct Settings {
    reply: BTreeMap<String, String>,
}

/// Answers the turn, or says why not.
pub(crate) async fn handle(
    turn: &Turn,
    settings: &str,
    host: &mut dyn Host,
) -> Result<Verdict, String> {
    let settings: Settings = serde_json::from_str(settings).map_err(|error| error.to_string())?;
    let text = choose(&settings.reply, turn).ok_or("there is nothing to say")?;
    let proposal = Proposal::Send {
        to: Recipient::Contact,
        from: None,
        message: Outgoing::Text {
            body: render(text, turn),
        },
        quoting: false,
    };
    Ok(host.propose(proposal).await)
}

fn choose<'a>(texts: &'a BTreeMap<String, String>, turn: &Turn) -> Option<&'a str> {
    let language = turn.language.as_str();
    let base = language.split('_').next().unwrap_or(language);
    let listed = turn.languages.iter().map(|language| language.as_str());
    [language, base]
        .into_iter()
        .chain(listed)
        .filter_map(|language| texts.get(language))
        .chain(texts.values())
        .map(String::as_str)
        .find(|text| !text.trim().is_empty())
}

fn render(template: &str, turn: &Turn) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((words, after)) = rest.split_once('{') {
        text.push_str(words);
        let Some((inside, after)) = after.split_once('}') else {
            rest = after;
            break;
        };
        let (name, default) = inside.split_once('|').unwrap_or((inside, ""));
        let value = turn.values.get(name.trim()).map(String::as_str);
        text.push_str(
            value
                .filter(|value| !value.trim().is_empty())
                .unwrap_or(default),
        );
        rest = after;
    }
    text.push_str(rest);
    text
}
