//! The reader as the oracle of the schema: what it takes, the schema takes, wherever the reader takes it.

use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use rulebook::{Described, Severity, described, read};

use super::toml_as_json::Parsed;
use super::{SEEN, UNSEEN, refusals, source, validator};
use crate::scaffold::{file, names};

static KEYS: LazyLock<Vec<Described>> = LazyLock::new(|| {
    let mut keys = described();
    keys.retain(|key| key.example.is_some());
    keys
});
static SCHEMA: LazyLock<Validator> = LazyLock::new(validator);

/// Values that may stand behind a key, right or wrong: those of all examples, and some that people write.
static VALUES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let odd = [
        "true",
        "false",
        "0",
        "7",
        "-1",
        "2.5",
        "\"\"",
        "\" \"",
        "[]",
        "{}",
        "\"yes\"",
        "\"12h\"",
        "\"1h 30m\"",
        "\"12 hours\"",
        "[\"a\", \"a\"]",
        "[1]",
        "[[\"parking\"]]",
        "\"2026-11-20\"",
        "2026-11-20",
        "\"Sun 09:30\"",
        "\"Tue 09:30\"",
        "[{ name = \"a\", text = \"x\", more = 1 }]",
        "{ orders = { status = 99 } }",
        "{ orders = \"never\" }",
        "\"pt_BR\"",
        "\"PT\"",
        "[\"en\", \"pt\"]",
        "\"canary 2.5%\"",
        "\"shadow\"",
        "\"3 per week per contact\"",
        "\"none\"",
        "{ en = \"x\" }",
        "{ en = [\"x\"] }",
        "\"22:00-02:00\"",
        "\"closed\"",
        "\"BR\"",
        "\"UK\"",
        "{ text = \"x\" }",
        "\"UTC\"",
        "[\"parking\", { wait = \"1h\" }, { option = \"hours\" }]",
        "\"Ünïcödé 予約\"",
    ];
    let values = KEYS.iter().filter_map(|key| {
        let (name, value) = key.example.as_ref()?.split_once(" = ")?;
        (!name.contains(".en")).then(|| value.to_owned())
    });
    let mut values: Vec<_> = values.chain(odd.map(str::to_owned)).collect();
    values.sort();
    values.dedup();
    values
});

fn line(key: &Described, value: &str) -> String {
    let prefix = match key.table {
        "`when`" => "when.",
        "`given`" => "given.",
        "`expect`" => "expect.",
        _ => "",
    };
    format!("{prefix}{} = {value}", key.key)
}

/// Reads a file and asks the schema: whether there was a draft, or in what the two differ.
fn agree(text: &str) -> Result<bool, String> {
    let Ok(parsed) = Parsed::new(text) else {
        return Ok(false);
    };
    let reading = read(&source(text), &names());
    if reading.draft.is_some() {
        return match refusals(&SCHEMA, &parsed.json).as_slice() {
            [] => Ok(true),
            refusals => Err(format!(
                "this is read, and the schema refuses {}",
                refusals.join("; ")
            )),
        };
    }
    let seen = reading.diagnostics.iter().filter(|found| {
        found.severity == Severity::Error
            && SEEN.contains(&found.code)
            && !UNSEEN
                .iter()
                .any(|(code, words)| found.code == *code && found.message.contains(words))
    });
    let lines = parsed.lines_of_errors(&SCHEMA);
    for error in seen {
        if !lines.contains(&error.line) {
            return Err(format!("the schema does not see {}", error.render(false)));
        }
    }
    Ok(false)
}

/// All of them take a quarter of a minute: at 1 they do, for whoever changes the language. A prime, so that each value has its turn.
const EVERY: usize = 11;

#[test]
fn the_schema_agrees_with_the_reader_about_every_value_under_every_key() {
    let (mut drafts, mut all) = (0, 0);
    let mut differing = Vec::new();
    for (number, key) in KEYS.iter().enumerate() {
        for value in VALUES.iter().skip(number % EVERY).step_by(EVERY) {
            all += 1;
            let line = line(key, value);
            match agree(&file(key.table, key.key, &line)) {
                Ok(is_draft) => drafts += usize::from(is_draft),
                Err(difference) => differing.push(format!("{}: {line}\n{difference}", key.table)),
            }
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n\n"));
    assert!(
        drafts * 20 > all,
        "only {drafts} of {all} were read: this says nothing"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Several examples in one rule, in any company: what is read of it is accepted.
    #[test]
    fn what_the_rulebook_reads_the_schema_accepts(
        chosen in proptest::collection::vec((any::<prop::sample::Index>(), prop::option::weighted(0.1, any::<prop::sample::Index>())), 1..6),
    ) {
        let rule: Vec<_> = KEYS.iter().filter(|key| matches!(key.table, "a rule" | "`when`") && !matches!(key.key, "name" | "use" | "with" | "when")).collect();
        let mut lines = vec!["name = \"tried\"".to_owned()];
        let mut used = vec!["reply"];
        for (index, odd) in chosen {
            let key = index.get(&rule);
            if !used.contains(&key.key) {
                used.push(key.key);
                lines.push(odd.map_or_else(|| key.example.clone().unwrap(), |odd| line(key, &VALUES[odd.index(VALUES.len())])));
            }
        }
        let text = file("a rule", "name", &lines.join("\n"));
        prop_assert!(agree(&text).is_ok(), "{text}\n{:?}", agree(&text));
    }
}
