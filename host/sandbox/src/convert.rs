//! Between the nouns of the model and those of the contract.

mod answers;
mod outgoing;
mod turn;

use model::{
    Known, NumberId, Outcome, Phone, Problem, Quota, Recipient, Refusal, Unanswered, ValuePresence,
};

use crate::contract::types as wit;

pub(crate) use answers::{
    answer, entry, looked_up, lookup, lookup_bytes, question, question_bytes,
};
pub(crate) use outgoing::{outgoing, outgoing_bytes};
pub(crate) use turn::{Bytes, turn};

/// What settings may refer to, with the bytes of its strings.
pub(crate) fn known(known: &Known) -> (wit::Known, Bytes) {
    let mut bytes = Bytes::default();
    let value = |(name, presence): (&String, &ValuePresence)| wit::KnownValue {
        name: bytes.text(name),
        always: *presence == ValuePresence::Always,
    };
    let values = known.values.iter().map(value).collect();
    let languages = known.languages.iter();
    let known = wit::Known {
        values,
        languages: languages
            .map(|language| bytes.text(language.as_str()))
            .collect(),
        desks: bytes.texts(&known.desks),
        hours: bytes.texts(&known.hours),
        knowledge: bytes.texts(&known.knowledge),
        endpoints: bytes.texts(&known.endpoints),
    };
    (known, bytes)
}

/// A refusal as the plugin sees it.
pub(crate) fn refusal(refusal: &Refusal) -> wit::Refusal {
    match refusal {
        Refusal::NotGranted { what } => wit::Refusal::NotGranted(what.clone()),
        Refusal::NotAllowlisted => wit::Refusal::NotAllowlisted,
        Refusal::Stopped => wit::Refusal::Stopped,
        Refusal::Invalid { what } => wit::Refusal::Invalid(what.clone()),
        Refusal::OptedOut => wit::Refusal::OptedOut,
        Refusal::NotOptedIn => wit::Refusal::NotOptedIn,
        Refusal::Paused { until } => wit::Refusal::Paused(until.0),
        Refusal::WindowClosed {
            template_would_pass,
        } => wit::Refusal::WindowClosed(*template_would_pass),
        Refusal::LoopSuspected => wit::Refusal::LoopSuspected,
        Refusal::QuotaExceeded { which } => wit::Refusal::QuotaExceeded(match which {
            Quota::Run => wit::Quota::Run,
            Quota::Decision => wit::Quota::Decision,
            Quota::ContactHour => wit::Quota::ContactHour,
            Quota::Plugin => wit::Quota::Plugin,
            Quota::Tier => wit::Quota::Tier,
            Quota::Memory => wit::Quota::Memory,
        }),
        // No plugin is told so: it is found on leaving alone.
        Refusal::TooLate => wit::Refusal::Stopped,
        Refusal::RateLimited { retry_at } => wit::Refusal::RateLimited(retry_at.0),
    }
}

/// A recipient, if its phone is one.
pub(crate) fn recipient(to: wit::Recipient) -> Result<Recipient, String> {
    match to {
        wit::Recipient::Contact => Ok(Recipient::Contact),
        wit::Recipient::Phone(phone) => Phone::new(phone)
            .map(Recipient::Phone)
            .map_err(|error| error.to_string()),
    }
}

/// A sending number, if it is one.
pub(crate) fn number(from: Option<String>) -> Result<Option<NumberId>, String> {
    from.map(NumberId::new)
        .transpose()
        .map_err(|error| error.to_string())
}

/// How a plugin ended.
pub(crate) fn outcome(outcome: wit::Outcome) -> Outcome {
    match outcome {
        wit::Outcome::Handled => Outcome::Handled,
        wit::Outcome::Passed => Outcome::Passed,
        wit::Outcome::Unanswered(why) => Outcome::Unanswered(match why {
            wit::Unanswered::NoAnswer => Unanswered::NoAnswer,
            wit::Unanswered::Blocked => Unanswered::Blocked,
            wit::Unanswered::Slow => Unanswered::Slow,
            wit::Unanswered::Refused => Unanswered::Refused,
        }),
    }
}

/// A problem with settings.
pub(crate) fn problem(problem: wit::Problem) -> Problem {
    Problem {
        path: problem.path,
        message: problem.message,
        help: problem.help,
    }
}
