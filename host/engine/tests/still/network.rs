//! WhatsApp as far as it matters here: it takes what it is given and writes down when, or answers as it is told to.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;
use carrier::{Carrier, Report};
use gate::Pass;
use model::{NumberId, Outbound, SendToken, Wamid};
use tokio::time::Instant;

#[derive(Default)]
pub struct Network {
    /// What was carried, and when.
    sends: Mutex<Vec<(Instant, Outbound)>>,
    /// Answers to the next sends; after them each is accepted.
    pub answers: Mutex<VecDeque<Report>>,
    /// Typing marks, and when.
    marks: Mutex<Vec<(Instant, NumberId, Wamid)>>,
    pub marking: Mutex<Marking>,
}

/// What becomes of typing marks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Marking {
    #[default]
    Arrives,
    NeverEnds,
    Panics,
}

impl Network {
    pub fn sends(&self) -> Vec<(Instant, Outbound)> {
        self.sends.lock().unwrap().clone()
    }

    /// What left from this number, in order.
    pub fn texts(&self, number: &NumberId) -> Vec<String> {
        let sends = self.sends();
        let theirs = sends.iter().filter(|(_, send)| send.number == *number);
        theirs
            .map(|(_, send)| send.message.body().to_owned())
            .collect()
    }

    /// When the send with this token was carried, each time.
    pub fn times(&self, token: &SendToken) -> Vec<Instant> {
        let sends = self.sends();
        let theirs = sends.iter().filter(|(_, send)| send.token == *token);
        theirs.map(|(at, _)| *at).collect()
    }

    pub fn marks(&self) -> Vec<(Instant, NumberId, Wamid)> {
        self.marks.lock().unwrap().clone()
    }

    pub fn answers(&self, report: Report) {
        self.answers.lock().unwrap().push_back(report);
    }

    /// Nobody learns what became of the next send.
    pub fn loses_the_reply(&self) {
        self.answers(Report::Unknown {
            cause: "no reply came".into(),
        });
    }
}

#[async_trait]
impl Carrier for Network {
    async fn deliver(&self, pass: Pass) -> Report {
        let mut sends = self.sends.lock().unwrap();
        sends.push((Instant::now(), pass.outbound().clone()));
        let answer = self.answers.lock().unwrap().pop_front();
        answer.unwrap_or_else(|| {
            let wamid = format!("wamid.OUT{}", sends.len());
            Report::Accepted(Some(Wamid::new(wamid).unwrap()))
        })
    }

    async fn mark_read(&self, number: &NumberId, message: &Wamid) {
        let mark = (Instant::now(), number.clone(), message.clone());
        self.marks.lock().unwrap().push(mark);
        let marking = *self.marking.lock().unwrap();
        match marking {
            Marking::Arrives => {}
            Marking::NeverEnds => std::future::pending().await,
            Marking::Panics => panic!("a typing mark went wrong"),
        }
    }
}
