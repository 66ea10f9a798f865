//! A queue and a ledger that do what a script says, and a journal of all that happened.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use model::{Moment, Notice, NoticeBody, NumberId, Span, TenantId};
use serde_json::json;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Duration, sleep};

use super::super::*;
use crate::{Accept, NotAccepted, Numbers, Owner, Tally, Voucher};

pub(super) const VISIBILITY: Span = Span::from_seconds(30);

/// All that happened, in order, as lines.
#[derive(Default)]
pub(super) struct Journal {
    lines: Mutex<Vec<String>>,
    grew: Notify,
}

impl Journal {
    pub(super) fn write(&self, line: String) {
        self.lines.lock().unwrap().push(line);
        self.grew.notify_waiters();
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    pub(super) fn count(&self, line: &str) -> usize {
        self.lines().iter().filter(|known| *known == line).count()
    }

    /// Returns when a line has been written so often.
    pub(super) async fn has(&self, line: &str, times: usize) {
        let waiting = async {
            loop {
                let grown = self.grew.notified();
                if self.count(line) >= times {
                    return;
                }
                grown.await;
            }
        };
        let limit = Duration::from_secs(24 * 3600);
        if tokio::time::timeout(limit, waiting).await.is_err() {
            let mut lines = self.lines();
            lines.retain(|line| line != "receive nothing");
            panic!("{line:?} never came: {lines:#?}");
        }
    }
}

/// What the queue answers next.
pub(super) enum Say {
    Deliveries(Vec<(&'static str, String)>),
    Trouble(&'static str),
}

pub(super) struct Queue {
    pub(super) journal: Arc<Journal>,
    pub(super) script: Mutex<VecDeque<Say>>,
    /// How many deletes answer that they could not.
    pub(super) deletes_failing: Mutex<u32>,
    pub(super) holds_are_denied: AtomicBool,
}

#[async_trait]
impl Inbox for Queue {
    fn visibility(&self) -> Span {
        VISIBILITY
    }

    async fn receive(&self, most: usize, wait: Span) -> Result<Vec<Delivery>, InboxError> {
        let next = self.script.lock().unwrap().pop_front();
        match next {
            Some(Say::Deliveries(bodies)) => {
                assert!(bodies.len() <= most, "asked for {most}");
                let names: Vec<&str> = bodies.iter().map(|(name, _)| *name).collect();
                self.journal.write(format!("receive {}", names.join(" ")));
                let deliveries = bodies.into_iter().map(|(name, body)| Delivery {
                    receipt: Receipt(name.to_owned()),
                    id: name.to_owned(),
                    body,
                    receives: 1,
                });
                Ok(deliveries.collect())
            }
            Some(Say::Trouble(code)) => {
                self.journal.write(format!("receive: {code}"));
                Err(trouble(code))
            }
            None => {
                sleep(wait.duration()).await;
                self.journal.write("receive nothing".to_owned());
                Ok(Vec::new())
            }
        }
    }

    async fn delete(&self, receipts: &[Receipt]) -> Result<Undone, InboxError> {
        self.journal.write(format!("delete {}", names(receipts)));
        let mut failing = self.deletes_failing.lock().unwrap();
        let again = match *failing {
            0 => Vec::new(),
            _ => receipts.to_vec(),
        };
        *failing = failing.saturating_sub(1);
        Ok(Undone {
            again,
            never: Vec::new(),
        })
    }

    async fn hold(&self, receipts: &[Receipt], span: Span) -> Result<Undone, InboxError> {
        let names = names(receipts);
        match span == Span::default() {
            true => self.journal.write(format!("give back {names}")),
            false => self.journal.write(format!("hold {names} for {span}")),
        }
        match self.holds_are_denied.load(Ordering::Relaxed) {
            true => Err(trouble("denied")),
            false => Ok(Undone::default()),
        }
    }
}

pub(super) fn names(receipts: &[Receipt]) -> String {
    let names: Vec<&str> = receipts.iter().map(|receipt| receipt.0.as_str()).collect();
    names.join(" ")
}

pub(super) fn trouble(code: &str) -> InboxError {
    InboxError {
        code: code.to_owned(),
        cause: format!("{code}, said the queue"),
    }
}

/// What an accept does.
#[derive(Clone)]
pub(super) enum Do {
    Take,
    Refuse(NotAccepted),
    /// Takes so long.
    After(Duration),
}

pub(super) struct Ledger {
    pub(super) journal: Arc<Journal>,
    pub(super) script: Mutex<VecDeque<Do>>,
    /// One that bears this text can never be stored.
    pub(super) never: Option<&'static str>,
    pub(super) notices: Mutex<Vec<Notice>>,
    pub(super) has_room: watch::Sender<bool>,
}

#[async_trait]
impl Accept for Ledger {
    async fn accept(&self, notices: Vec<Notice>) -> Result<(), NotAccepted> {
        let texts: Vec<String> = notices.iter().map(text).collect();
        let texts = texts.join(" ");
        let next = self.script.lock().unwrap().pop_front();
        match next.unwrap_or(Do::Take) {
            Do::Take => {}
            Do::Refuse(refusal) => {
                self.journal.write(format!("refuse {texts}"));
                return Err(refusal);
            }
            Do::After(wait) => {
                self.journal.write(format!("accept slowly {texts}"));
                sleep(wait).await;
            }
        }
        if self.never.is_some_and(|never| texts.contains(never)) {
            self.journal.write(format!("refuse {texts}"));
            return Err(broken());
        }
        self.journal.write(format!("accept {texts}"));
        self.notices.lock().unwrap().extend(notices);
        Ok(())
    }

    async fn room(&self) {
        let mut has_room = self.has_room.subscribe();
        has_room.wait_for(|has_room| *has_room).await.unwrap();
    }

    fn now(&self) -> Moment {
        Moment::from_seconds(1_700_000_000)
    }
}

pub(super) fn text(notice: &Notice) -> String {
    match &notice.body {
        NoticeBody::Message(message) => message.id.as_str().trim_start_matches("wamid.").to_owned(),
        other => other.word().to_owned(),
    }
}

pub(super) fn broken() -> NotAccepted {
    NotAccepted::Ledger {
        cause: "the disk is full".to_owned(),
    }
}

pub(super) fn full() -> NotAccepted {
    NotAccepted::Full {
        retry_after: Span::from_seconds(5),
    }
}

/// A body with one message each on these numbers.
pub(super) fn body(messages: &[(&str, &str)]) -> String {
    let change = |(number, name): &(&str, &str)| {
        json!({"field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "15550100000", "phone_number_id": number},
            "messages": [{"from": "15550100001", "id": format!("wamid.{name}"), "timestamp": "1700000000",
                "type": "text", "text": {"body": "hello"}}],
        }})
    };
    let changes: Vec<_> = messages.iter().map(change).collect();
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": changes}]})
        .to_string()
}

pub(super) fn deliver(names: &[&'static str]) -> Say {
    let bodies = names.iter().map(|name| (*name, body(&[("100", name)])));
    Say::Deliveries(bodies.collect())
}

/// A pump between a scripted queue and a scripted ledger.
pub(super) struct House {
    pub(super) journal: Arc<Journal>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) tally: Arc<Tally>,
    pub(super) stop: watch::Sender<bool>,
    pub(super) trouble: watch::Receiver<Option<String>>,
    pub(super) running: JoinHandle<Drained>,
}

impl House {
    pub(super) fn new(queue: Vec<Say>, ledger: Vec<Do>) -> Self {
        Self::with(queue, ledger, |_, _| {})
    }

    pub(super) fn with(
        queue: Vec<Say>,
        ledger: Vec<Do>,
        change: impl FnOnce(&mut Queue, &mut Ledger),
    ) -> Self {
        let journal = Arc::<Journal>::default();
        let mut queue = Queue {
            journal: Arc::clone(&journal),
            script: Mutex::new(queue.into()),
            deletes_failing: Mutex::new(0),
            holds_are_denied: AtomicBool::new(false),
        };
        let mut ledger = Ledger {
            journal: Arc::clone(&journal),
            script: Mutex::new(ledger.into()),
            never: None,
            notices: Mutex::default(),
            has_room: watch::Sender::new(true),
        };
        change(&mut queue, &mut ledger);
        let ledger = Arc::new(ledger);
        let (stop, stopping) = watch::channel(false);
        let (shown, trouble) = watch::channel(None);
        let tally = Arc::<Tally>::default();
        let pump = Pump {
            queue: "orders".to_owned(),
            inbox: Arc::new(queue),
            numbers: Arc::new(numbers()),
            accept: Arc::clone(&ledger) as Arc<dyn Accept>,
            tally: Arc::clone(&tally),
            trouble: shown,
            stopping,
        };
        Self {
            journal,
            ledger,
            tally,
            stop,
            trouble,
            running: tokio::spawn(pump.run()),
        }
    }

    /// Stops the pump; all that happened, without empty receives.
    pub(super) async fn end(self) -> (Vec<String>, Drained) {
        self.stop.send_replace(true);
        let drained = self.running.await.unwrap();
        let mut lines = self.journal.lines();
        lines.retain(|line| line != "receive nothing");
        (lines, drained)
    }
}

/// 100 is this queue's, 200 another's; 300 is nobody's.
pub(super) fn numbers() -> Numbers {
    let owner = |tenant: &str, queue: &str| Owner {
        tenant: TenantId::new(tenant).unwrap(),
        vouchers: BTreeSet::from([Voucher::Queue(queue.to_owned())]),
    };
    let number = |id: &str| NumberId::new(id).unwrap();
    Numbers::new(
        BTreeMap::from([
            (number("100"), owner("shop", "orders")),
            (number("200"), owner("rival", "elsewhere")),
        ]),
        TenantId::new("_unclaimed").unwrap(),
        number("-"),
    )
}

pub(super) const NOTHING: Drained = Drained {
    given_back: 0,
    left: 0,
};
