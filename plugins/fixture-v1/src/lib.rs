//! A plugin as somebody built it for version 1.0.0 of the contract and never touched again.
//!
//! It knows neither the sdk nor `wit/v1`: it is generated from `wit/` beside it, which is the contract as it was released.
//! The sandbox loads and runs it on every build, so that a host which no longer serves such plugins is noticed. Nothing
//! in here is ever changed; a later version of the contract gets a fixture of its own.
#![cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "its exports exist in the component alone")
)]

mod bindings {
    #![allow(
        missing_docs,
        unreachable_pub,
        unsafe_code,
        clippy::all,
        clippy::allow_attributes,
        clippy::needless_pass_by_value,
        clippy::semicolon_if_nothing_returned,
        clippy::uninlined_format_args,
        reason = "generated code"
    )]
    wit_bindgen::generate!({ path: "wit", world: "plugin" });
}

use bindings::tollgate::plugin::types::{
    Content, Description, Failure, Known, Outcome, Outgoing, Problem, Recipient, Refusal, Turn,
    Unanswered, Want,
};
use bindings::tollgate::plugin::{
    consent, desk, gate, knowledge, log, lookup, memory, shared_memory,
};

struct Fixture;

impl bindings::Guest for Fixture {
    fn describe() -> Description {
        let want = |interface: &str| Want {
            interface: interface.to_owned(),
            reason: "it was built for version 1".to_owned(),
        };
        let wants = [
            "gate",
            "consent",
            "memory",
            "shared-memory",
            "knowledge",
            "lookup",
            "desk",
        ];
        Description {
            name: "fixture".to_owned(),
            version: "1.0.0".to_owned(),
            wants: wants.map(want).into(),
            settings_schema: "{}".to_owned(),
        }
    }

    fn check(settings: String, known: Known) -> Vec<Problem> {
        let values = known
            .values
            .iter()
            .map(|value| format!("{}={}", value.name, value.always));
        vec![Problem {
            path: "a.0".to_owned(),
            message: format!(
                "{settings} {} {:?}",
                values.collect::<Vec<_>>().join(","),
                known.desks
            ),
            help: Some("none".to_owned()),
        }]
    }

    fn handle(turn: Turn, settings: String) -> Result<Outcome, Failure> {
        match settings.as_str() {
            "everything" => everything(&turn)?,
            "fail" => {
                return Err(Failure {
                    message: format!("failed on {}", turn.rule),
                });
            }
            "pass" => return Ok(Outcome::Passed),
            _ => return Ok(Outcome::Unanswered(Unanswered::NoAnswer)),
        }
        Ok(Outcome::Handled)
    }
}

/// One call of every function that version 1.0.0 has.
fn everything(turn: &Turn) -> Result<(), Failure> {
    log::line(
        log::Level::Info,
        &format!("seed {:?} at {}", turn.seed, turn.now),
    );
    let words = match &turn.message.content {
        Content::Text(words) => words.as_str(),
        _ => "no words",
    };

    refused(memory::set("last", words, 60_000))?;
    let kept = refused(memory::get("last"))?.map_or_else(String::new, |entry| entry.value);
    refused(memory::delete("last"))?;
    refused(shared_memory::set("count", "1", 60_000))?;
    let shared =
        refused(shared_memory::get("count"))?.map_or_else(String::new, |entry| entry.value);
    refused(shared_memory::delete("count"))?;

    let question = knowledge::Question {
        base: "help".to_owned(),
        text: words.to_owned(),
        language: turn.language.clone(),
        filters: vec![knowledge::Filter {
            key: "kind".to_owned(),
            value: "faq".to_owned(),
        }],
        session: None,
        passages: 3,
    };
    let known = match refused(knowledge::ask(&question))? {
        knowledge::Answer::Found(found) => found.text,
        knowledge::Answer::NoAnswer => "no answer".to_owned(),
        knowledge::Answer::Blocked => "blocked".to_owned(),
        knowledge::Answer::Slow => "slow".to_owned(),
    };
    let request = lookup::Request {
        endpoint: "shop".to_owned(),
        method: lookup::Method::Get,
        path: "/orders".to_owned(),
        query: vec![lookup::Parameter {
            name: "id".to_owned(),
            value: "4711".to_owned(),
        }],
        body: None,
    };
    let looked_up = match refused(lookup::ask(&request))? {
        lookup::Answer::Answered(response) => format!("{} {}", response.status, response.body),
        lookup::Answer::Slow => "slow".to_owned(),
        lookup::Answer::Unreachable(cause) => cause,
    };

    let text = Outgoing::Text(format!("{kept}|{shared}|{known}|{looked_up}"));
    let options = gate::SendOptions {
        from: None,
        quoting: true,
    };
    refused(gate::send(&Recipient::Contact, &text, &options))?;
    refused(consent::change(
        consent::Scope::Marketing,
        consent::Direction::OptOut,
    ))?;
    refused(desk::tag("vip"))?;
    refused(desk::untag("new"))?;
    refused(desk::note("seen"))?;
    refused(desk::pause(60_000))?;
    refused(desk::resume())?;
    refused(desk::hand_over("support", "please"))
}

fn refused<T>(answer: Result<T, Refusal>) -> Result<T, Failure> {
    answer.map_err(|refusal| Failure {
        message: format!("refused: {refusal:?}"),
    })
}

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "exports are C functions by nature")]
const _: () = {
    bindings::export!(Fixture with_types_in bindings);
};
