//! Why a rule does not answer: `GET /v1/why-not`, and the names to ask for: `GET /v1/rules`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use engine::why_not::{Asked, Explanation, NotExplained};
use model::{ContactKey, DecisionId, NumberId, RuleName, TenantId, Wamid};
use rulebook::RulePlace;
use serde::Serialize;

use crate::Console;
use crate::parameters::{Parameters, only_number, parse, several_numbers};
use crate::problem::Problem;
use crate::who::{SOMEBODY, Who};

#[derive(Serialize)]
pub(crate) struct Rules {
    rules: Vec<RulePlace>,
}

/// `GET /v1/rules`: the rules of a tenant by name, in order, with their places; those that are off as well.
pub(crate) async fn rules(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Rules>, Problem> {
    let parameters = parameters.only(&["tenant"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let edition = console.engine.edition();
    let rules = edition.rulebook(&tenant).map(rulebook::Draft::places);
    Ok(Json(Rules {
        rules: rules.unwrap_or_default(),
    }))
}

/// `GET /v1/why-not`: why a rule does not answer, and the smallest change after which it would. Of a stored message (`message`,
/// `number`), or the newest of a `contact`: at its own time, with the contact as they stand now. Of a text that nobody wrote
/// (`contact`, `text`): now.
pub(crate) async fn why_not(
    State(console): State<Arc<Console>>,
    parameters: Parameters,
) -> Result<Json<Explanation>, Problem> {
    let parameters =
        parameters.only(&["tenant", "rule", "message", "number", "contact", "text"])?;
    let tenant = parameters.tenant(&console.engine)?;
    let rule: RuleName = parameters.required("rule", "a rule's name, as /v1/rules lists them")?;
    let asked = asked(&console, &tenant, &parameters)?;
    console
        .engine
        .why_not(&tenant, &rule, asked)
        .await
        .map(Json)
        .map_err(problem)
}

fn asked(console: &Console, tenant: &TenantId, parameters: &Parameters) -> Result<Asked, Problem> {
    let number = parameters.parsed::<NumberId>("number", "the id of a business number")?;
    match (parameters.text("message"), parameters.text("contact")) {
        (Some(_), Some(_)) => Err(Problem::parameter(
            "contact",
            "a stored message has its contact: leave out `message` or `contact`",
        )),
        (Some(_), None) => {
            if parameters.text("text").is_some() {
                return Err(Problem::parameter(
                    "text",
                    "a stored message has its words: leave out `message` or `text`",
                ));
            }
            let message: Wamid = parameters.required("message", "WhatsApp's id of a message")?;
            let number = match number {
                Some(number) => number,
                None => only_number(&console.engine, tenant)?,
            };
            Ok(Asked::Message(DecisionId {
                tenant: tenant.clone(),
                number,
                message,
            }))
        }
        (None, Some(contact)) => {
            let text = parameters.text("text").map(str::to_owned);
            match parse("contact", contact, SOMEBODY)? {
                Who::Contact(contact) => Ok(Asked::Contact {
                    contact,
                    text,
                    number,
                }),
                Who::Known(ContactKey::Phone(phone)) => Ok(Asked::Phone {
                    phone,
                    text,
                    number,
                }),
                Who::Known(_) => Err(Problem::parameter(
                    "contact",
                    "a user id is not looked up here: give the contact's id, which /v1/contacts shows",
                )),
            }
        }
        (None, None) => Err(Problem::parameter(
            "message",
            "it is missing: give the id of a stored message, or a `contact`, with the `text` that they might write",
        )),
    }
}

fn problem(error: NotExplained) -> Problem {
    match error {
        NotExplained::NoTenant => {
            Problem::not_found("there is no such tenant: /v1/status lists them")
        }
        NotExplained::NoRule { nearest } => Problem::not_found(match nearest {
            Some(name) => format!("there is no rule of that name: did you mean `{name}`?"),
            None => "there is no rule of that name: /v1/rules lists them".to_owned(),
        }),
        NotExplained::NoDecision => Problem::not_found(
            "no decision on that message: it never arrived on that number, or its turn has not come",
        ),
        NotExplained::NoContact => Problem::not_found("the tenant has no such contact"),
        NotExplained::NoNumber => several_numbers(),
        NotExplained::Ledger(error) => error.into(),
    }
}
