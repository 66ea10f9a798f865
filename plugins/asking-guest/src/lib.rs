//! A plugin that remembers, asks and notes on request: its settings say what. The engine is tested with it; the product does not
//! carry it.

use std::time::Duration;

use sdk::knowledge::Answer;
use sdk::{
    Description, Entry, Failure, Known, Outcome, Plugin, Problems, Refusal, Turn, Unanswered,
};
use serde::Deserialize;

/// The plugin.
pub struct AskingGuest;

/// Its settings.
#[derive(Debug, Deserialize)]
pub struct Settings {
    act: Act,
    /// Which knowledge base or endpoint, or how many keys.
    #[serde(default)]
    of: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Act {
    /// Counts the contact's turns, and says the count.
    CountOwn,
    /// Counts everybody's turns, and says the count; asks the knowledge base `of` between reading and writing, if there is one.
    CountShared,
    /// Says what it remembers of both.
    Recall,
    /// Forgets both.
    Forget,
    /// Writes both, twice, and says what it then finds.
    WriteTwice,
    /// Keeps and notes, asks, and then fails.
    KeepThenFail,
    /// Keeps and notes, and then passes.
    KeepThenPass,
    /// Keeps `of` keys of 4096 bytes, and says how many were admitted.
    Fill,
    /// Asks the knowledge base `of` what the contact asks, and says the answer.
    Ask,
    /// Asks it the same twice in one turn.
    AskTwice,
    /// Asks it something far too long.
    AskTooMuch,
    /// Gets `orders/1` from the endpoint `of`, and says what it answered.
    LookUp,
    /// Leaves a note with the contact.
    Note,
}

const DAY: Duration = Duration::from_hours(24);

impl Plugin for AskingGuest {
    type Settings = Settings;

    fn describe() -> Description {
        Description::new("asking-guest", "1.0.0", r#"{"type": "object"}"#)
            .wants("gate", "it says what it found")
            .wants("memory", "it counts")
            .wants("shared-memory", "it counts everybody")
            .wants("knowledge", "it asks")
            .wants("lookup", "it asks")
            .wants("desk", "it notes")
    }

    fn check(_: &Settings, _: &Known, _: &mut Problems) {}

    fn handle(turn: &Turn, settings: &Settings) -> Result<Outcome, Failure> {
        let done = match settings.act {
            Act::CountOwn => count_own(),
            Act::CountShared => count_shared(turn, &settings.of),
            Act::Recall => recall(),
            Act::Forget => forget(),
            Act::WriteTwice => write_twice(),
            Act::KeepThenFail => {
                drop(keep(turn, &settings.of));
                return Err(Failure::new("asked to fail"));
            }
            Act::KeepThenPass => {
                drop(keep(turn, &settings.of));
                return Ok(Outcome::Passed);
            }
            Act::Fill => fill(settings.of.parse().unwrap_or(0)),
            Act::Ask => return ask(turn, &settings.of),
            Act::AskTwice => ask_twice(turn, &settings.of),
            Act::AskTooMuch => ask_too_much(turn, &settings.of),
            Act::LookUp => look_up(&settings.of),
            Act::Note => note(turn),
        };
        Ok(match done {
            Ok(words) => sdk::answer(words),
            Err(refusal) => sdk::answer(format!("refused: {refusal:?}")),
        })
    }
}

sdk::export_plugin!(AskingGuest);

fn number(entry: Option<Entry>) -> u32 {
    entry
        .and_then(|entry| entry.value.parse().ok())
        .unwrap_or(0)
}

fn day() -> u64 {
    u64::try_from(DAY.as_millis()).unwrap_or(u64::MAX)
}

fn count_own() -> Result<String, Refusal> {
    let count = number(sdk::memory::get("n")?) + 1;
    sdk::memory::set("n", &count.to_string(), day())?;
    Ok(format!("own {count}"))
}

fn count_shared(turn: &Turn, base: &str) -> Result<String, Refusal> {
    let count = number(sdk::shared_memory::get("n")?) + 1;
    let heard = if base.is_empty() {
        String::new()
    } else {
        format!(" {}", asked(turn, base)?)
    };
    sdk::shared_memory::set("n", &count.to_string(), day())?;
    Ok(format!("shared {count}{heard}"))
}

fn recall() -> Result<String, Refusal> {
    let own = sdk::memory::get("n")?.map(|entry| entry.value);
    let shared = sdk::shared_memory::get("n")?.map(|entry| entry.value);
    Ok(format!("own {own:?} shared {shared:?}"))
}

fn forget() -> Result<String, Refusal> {
    sdk::memory::delete("n")?;
    sdk::shared_memory::delete("n")?;
    recall()
}

fn write_twice() -> Result<String, Refusal> {
    for value in ["1", "2"] {
        sdk::memory::set("n", value, day())?;
        sdk::shared_memory::set("n", value, day())?;
    }
    recall()
}

fn keep(turn: &Turn, base: &str) -> Result<(), Refusal> {
    sdk::memory::set("n", "kept", day())?;
    sdk::shared_memory::set("n", "kept", day())?;
    sdk::desk::note("kept")?;
    sdk::reply("it must never leave")?;
    if !base.is_empty() {
        asked(turn, base)?;
    }
    Ok(())
}

fn fill(keys: usize) -> Result<String, Refusal> {
    let value = "x".repeat(4096);
    let mut admitted = 0;
    let mut refused = String::new();
    for key in 0..keys {
        match sdk::memory::set(&format!("key-{key}"), &value, day()) {
            Ok(()) => admitted += 1,
            Err(refusal) => refused = format!(", {refusal:?}"),
        }
    }
    Ok(format!("kept {admitted}{refused}"))
}

fn asked(turn: &Turn, base: &str) -> Result<String, Refusal> {
    let words = turn.text().unwrap_or_default();
    let question = sdk::knowledge::question(base, words, &turn.language);
    Ok(match sdk::knowledge::ask(&question)? {
        Answer::Found(found) => found.text,
        Answer::NoAnswer => "no answer".to_owned(),
        Answer::Blocked => "blocked".to_owned(),
        Answer::Slow => "slow".to_owned(),
    })
}

fn ask(turn: &Turn, base: &str) -> Result<Outcome, Failure> {
    let words = turn.text().unwrap_or_default();
    let question = sdk::knowledge::question(base, words, &turn.language);
    Ok(match sdk::knowledge::ask(&question) {
        Ok(Answer::Found(found)) => sdk::answer(found.text),
        Ok(Answer::NoAnswer) => {
            // What it learnt stays, although it has no answer.
            drop(sdk::memory::set("n", "unanswered", day()));
            Outcome::Unanswered(Unanswered::NoAnswer)
        }
        Ok(Answer::Blocked) => Outcome::Unanswered(Unanswered::Blocked),
        Ok(Answer::Slow) => Outcome::Unanswered(Unanswered::Slow),
        Err(refusal) => sdk::answer(format!("refused: {refusal:?}")),
    })
}

fn ask_twice(turn: &Turn, base: &str) -> Result<String, Refusal> {
    Ok(format!("{}, {}", asked(turn, base)?, asked(turn, base)?))
}

fn ask_too_much(turn: &Turn, base: &str) -> Result<String, Refusal> {
    let mut question = sdk::knowledge::question(base, "", &turn.language);
    question.text = "why ".repeat(251);
    sdk::knowledge::ask(&question).map(|_| "answered".to_owned())
}

fn look_up(endpoint: &str) -> Result<String, Refusal> {
    use sdk::lookup::{Answer, ask, get};
    Ok(match ask(&get(endpoint, "orders/1"))? {
        Answer::Answered(response) => format!("{} {}", response.status, response.body),
        Answer::Slow => "slow".to_owned(),
        Answer::Unreachable(cause) => format!("unreachable: {cause}"),
    })
}

fn note(turn: &Turn) -> Result<String, Refusal> {
    sdk::desk::note(turn.text().unwrap_or_default())?;
    Ok("noted".to_owned())
}
