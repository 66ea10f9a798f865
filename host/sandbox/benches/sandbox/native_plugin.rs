//! The plugin's own code in Rust without a sandbox, settings read in every turn: what the sandbox is judged against.
//!
//! The host is the sdk's for tests, the only one there is natively. It keeps a copy of what was proposed, as the host of
//! the other ways does. The turn is lent, not handed over: the plugin gets it for nothing here, copied in the sandbox.

use auto_reply::AutoReply;
use sdk::testing::Host;
use sdk::{Contact, Message, Number, Outcome, Turn, Value};

use crate::stage::{self, SETTINGS};
use crate::workers::Fault;

pub(crate) fn handle(turn: &Turn) -> Result<Host, Fault> {
    let mut host = Host::new();
    match host.run::<AutoReply>(turn, SETTINGS) {
        Ok(Outcome::Handled) => Ok(host),
        other => Err(format!("the plugin ended natively as {other:?}").into()),
    }
}

/// [`stage::turn`], as the sandbox hands it over.
pub(crate) fn turn() -> Result<Turn, Fault> {
    let turn = stage::turn()?;
    let plain = sdk::testing::turn(turn.language.as_str(), "oi, tudo bem?");
    Ok(Turn {
        message: Message {
            id: turn.message.id.as_str().to_owned(),
            ..plain.message
        },
        contact: Contact {
            id: turn.contact.id.to_string(),
            name: turn.contact.name,
            tags: turn.contact.tags.into_iter().collect(),
            ..plain.contact
        },
        number: Number {
            id: turn.number.as_str().to_owned(),
            name: turn.number_name,
        },
        rule: turn.rule.as_str().to_owned(),
        languages: turn
            .languages
            .iter()
            .map(|language| language.as_str().to_owned())
            .collect(),
        values: turn
            .values
            .into_iter()
            .map(|(name, text)| Value { name, text })
            .collect(),
        seed: turn.seed.to_vec(),
        ..plain
    })
}
