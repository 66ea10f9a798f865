//! What people wrote and what they were answered: the judge of it all. One thread has it.

use std::cell::{Cell, RefCell};
use std::fmt::Write;
use std::time::{Duration, Instant};

use super::shop::{self, NUMBERS};

/// People who write, in turn.
pub const CONTACTS: u64 = 40_000;
/// So many messages in a row are of one number, and may come in one webhook.
pub const OF_A_NUMBER: u64 = 10;
/// What is wrong is named so often.
const NAMED: usize = 5;

/// One message.
struct Message {
    due: Instant,
    answers: u8,
}

#[derive(Default)]
pub struct Book {
    messages: RefCell<Vec<Message>>,
    answered: Cell<u64>,
    double: Cell<u64>,
    wrong: Cell<u64>,
    named: RefCell<Vec<String>>,
    waits: RefCell<Vec<Duration>>,
}

impl Book {
    /// Somebody writes; `due` is when they meant to.
    pub fn write(&self, due: Instant) -> u64 {
        let mut messages = self.messages.borrow_mut();
        messages.push(Message { due, answers: 0 });
        messages.len() as u64 - 1
    }

    pub fn written(&self) -> u64 {
        self.messages.borrow().len() as u64
    }

    /// Messages with an answer.
    pub fn answered(&self) -> u64 {
        self.answered.get()
    }

    /// Messages without one.
    pub fn waiting(&self) -> u64 {
        self.written() - self.answered()
    }

    pub fn double(&self) -> u64 {
        self.double.get()
    }

    pub fn wrong(&self) -> u64 {
        self.wrong.get()
    }

    /// The first of what was wrong.
    pub fn named(&self) -> Vec<String> {
        self.named.borrow().clone()
    }

    /// How long answers took since this was last asked, from when their messages were due.
    pub fn waits(&self) -> Vec<Duration> {
        std::mem::take(&mut self.waits.borrow_mut())
    }

    /// An answer has come: gives the message that it is for, if it is as it must be and the first.
    pub fn hear(&self, number: &str, to: &str, words: &str) -> Option<u64> {
        let which = words
            .rsplit_once("(#")
            .and_then(|(_, rest)| rest.split_once(')')?.0.parse().ok())
            .filter(|which| *which < self.written());
        let Some(which) = which else {
            self.find(&self.wrong, format!("an answer to nothing: {words}"));
            return None;
        };
        if number != self::number(which)
            || to.strip_prefix('+') != Some(&phone(which))
            || words != answer(which)
        {
            self.find(
                &self.wrong,
                format!("message {which}: {number} wrote {words:?}"),
            );
            return None;
        }
        let mut messages = self.messages.borrow_mut();
        let message = &mut messages[usize::try_from(which).unwrap()];
        message.answers = message.answers.saturating_add(1);
        if message.answers > 1 {
            self.find(&self.double, format!("message {which} was answered twice"));
            return None;
        }
        self.answered.set(self.answered.get() + 1);
        self.waits.borrow_mut().push(message.due.elapsed());
        Some(which)
    }

    fn find(&self, count: &Cell<u64>, what: String) {
        count.set(count.get() + 1);
        let mut named = self.named.borrow_mut();
        if named.len() < NAMED {
            named.push(what);
        }
    }
}

/// Where a message was written to.
fn number(which: u64) -> String {
    shop::number(which % CONTACTS / OF_A_NUMBER % NUMBERS)
}

/// Who wrote a message.
pub fn phone(which: u64) -> String {
    format!("1555010{:05}", which % CONTACTS)
}

fn name(which: u64) -> String {
    format!("Customer {}", which % CONTACTS)
}

fn words(which: u64) -> String {
    format!(
        "Could you tell me where my parcel is? I wrote to you before and nobody came back to me. (#{which})"
    )
}

/// As the rule has it.
fn answer(which: u64) -> String {
    format!(
        "Hello {}, we look into it and write to you today: {}",
        name(which),
        words(which)
    )
}

/// The body of a webhook with these messages of one number, as Meta writes it.
pub fn delivery(messages: &[u64]) -> String {
    let mut body = String::with_capacity(512 + 400 * messages.len());
    begin(&mut body, messages[0]);
    body.push_str("\"contacts\":[");
    for (place, which) in messages.iter().enumerate() {
        let comma = if place > 0 { "," } else { "" };
        let (name, phone) = (name(*which), phone(*which));
        write!(
            body,
            r#"{comma}{{"profile":{{"name":"{name}"}},"wa_id":"{phone}"}}"#
        )
        .unwrap();
    }
    body.push_str("],\"messages\":[");
    let now = shop::seconds();
    for (place, which) in messages.iter().enumerate() {
        let comma = if place > 0 { "," } else { "" };
        let (phone, words) = (phone(*which), words(*which));
        write!(
            body,
            r#"{comma}{{"from":"{phone}","id":"wamid.HBgNASKED{which:026}","timestamp":"{now}","text":{{"body":"{words}"}},"type":"text"}}"#
        )
        .unwrap();
    }
    body.push_str("]},\"field\":\"messages\"}]}]}");
    body
}

/// The id that WhatsApp gives to the answer to a message.
pub fn answer_id(which: u64) -> String {
    format!("wamid.HBgNANSWERED{which:023}")
}

/// The body of a webhook that tells how an answer fared.
pub fn status(which: u64, status: &str, token: &str) -> String {
    let mut body = String::with_capacity(768);
    begin(&mut body, which);
    let (id, phone, now) = (answer_id(which), phone(which), shop::seconds());
    write!(
        body,
        r#""statuses":[{{"id":"{id}","status":"{status}","timestamp":"{now}","recipient_id":"{phone}","biz_opaque_callback_data":"{token}","pricing":{{"billable":false,"pricing_model":"PMP","category":"service","type":"free_customer_service"}}}}]}},"field":"messages"}}]}}]}}"#
    )
    .unwrap();
    body
}

fn begin(body: &mut String, which: u64) {
    let number = number(which);
    write!(
        body,
        r#"{{"object":"whatsapp_business_account","entry":[{{"id":"100000000000077","changes":[{{"value":{{"messaging_product":"whatsapp","metadata":{{"display_phone_number":"15550100000","phone_number_id":"{number}"}},"#
    )
    .unwrap();
}
