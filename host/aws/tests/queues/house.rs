//! A pump with a real ledger behind it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use intake::inbox::{Drained, Inbox, Pump};
use intake::{Accept, NotAccepted, Numbers, Owner, Tally, Voucher};
use ledger::sqlite::SqliteLedger;
use ledger::{Acceptance, Arrival, Ledger};
use model::{Moment, Notice, NoticeBody, NumberId, TenantId};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub(crate) const NUMBER: &str = "100200300";

/// One notice that the ledger took.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Kept {
    pub(crate) tenant: String,
    /// The end of a message's id; the word for anything else.
    pub(crate) name: String,
    /// The ledger had it already (I2).
    pub(crate) is_known: bool,
}

/// An accept over a ledger in memory, whose door can be shut.
pub(crate) struct Books {
    ledger: SqliteLedger,
    kept: watch::Sender<Vec<Kept>>,
    is_open: watch::Sender<bool>,
    waiting: watch::Sender<usize>,
    pub(crate) bodies: Mutex<Vec<NoticeBody>>,
}

impl Books {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            ledger: SqliteLedger::in_memory().unwrap(),
            kept: watch::Sender::default(),
            is_open: watch::Sender::new(true),
            waiting: watch::Sender::new(0),
            bodies: Mutex::default(),
        })
    }

    /// From now on an accept waits, until the door is opened.
    pub(crate) fn shut(&self) {
        self.is_open.send_replace(false);
    }

    pub(crate) fn open(&self) {
        self.is_open.send_replace(true);
    }

    /// Returns when an accept waits at the door.
    pub(crate) async fn somebody_waits(&self) {
        let mut waiting = self.waiting.subscribe();
        waiting.wait_for(|waiting| *waiting > 0).await.unwrap();
    }

    /// All that was kept, once it is so many.
    pub(crate) async fn kept(&self, count: usize) -> Vec<Kept> {
        let mut kept = self.kept.subscribe();
        kept.wait_for(|kept| kept.len() >= count)
            .await
            .unwrap()
            .clone()
    }
}

#[async_trait]
impl Accept for Books {
    async fn accept(&self, notices: Vec<Notice>) -> Result<(), NotAccepted> {
        self.waiting.send_modify(|waiting| *waiting += 1);
        self.is_open
            .subscribe()
            .wait_for(|open| *open)
            .await
            .unwrap();
        self.bodies
            .lock()
            .unwrap()
            .extend(notices.iter().map(|notice| notice.body.clone()));
        let named: Vec<_> = notices
            .iter()
            .map(|notice| (notice.tenant.to_string(), name(&notice.body)))
            .collect();
        let arrival = |notice| Arrival {
            notice,
            is_stop: false,
            silent_until: None,
        };
        let arrivals = notices.into_iter().map(arrival).collect();
        let accepted = self.ledger.accept(arrivals, self.now()).await.unwrap();
        let kept = named
            .into_iter()
            .zip(accepted)
            .map(|((tenant, name), acceptance)| Kept {
                tenant,
                name,
                is_known: matches!(acceptance, Acceptance::Known),
            });
        self.kept.send_modify(|all| all.extend(kept));
        Ok(())
    }

    async fn room(&self) {}

    fn now(&self) -> Moment {
        Moment::from_seconds(1_700_000_100)
    }
}

fn name(body: &NoticeBody) -> String {
    match body {
        NoticeBody::Message(message) => message.id.as_str().trim_start_matches("wamid.").to_owned(),
        other => other.word().to_owned(),
    }
}

/// A pump at work.
pub(crate) struct Pumping {
    stop: watch::Sender<bool>,
    pub(crate) running: JoinHandle<Drained>,
}

pub(crate) fn pump(inbox: Arc<dyn Inbox>, books: &Arc<Books>) -> Pumping {
    let (stop, stopping) = watch::channel(false);
    let pump = Pump {
        queue: "orders".to_owned(),
        inbox,
        numbers: Arc::new(numbers()),
        accept: Arc::clone(books) as Arc<dyn Accept>,
        tally: Arc::<Tally>::default(),
        trouble: watch::Sender::default(),
        stopping,
    };
    Pumping {
        stop,
        running: tokio::spawn(pump.run()),
    }
}

impl Pumping {
    /// Stops it and waits for its end: what it accepted is deleted then.
    pub(crate) async fn end(self) -> Drained {
        self.stop.send_replace(true);
        self.running.await.unwrap()
    }
}

fn numbers() -> Numbers {
    let owner = Owner {
        tenant: TenantId::new("shop").unwrap(),
        vouchers: BTreeSet::from([Voucher::Queue("orders".to_owned())]),
    };
    Numbers::new(
        BTreeMap::from([(NumberId::new(NUMBER).unwrap(), owner)]),
        TenantId::new("_unclaimed").unwrap(),
        NumberId::new("-").unwrap(),
    )
}

/// Meta's body with one message.
pub(crate) fn body(name: &str) -> String {
    json!({"object": "whatsapp_business_account", "entry": [entry(name)]}).to_string()
}

fn entry(name: &str) -> Value {
    json!({"id": "1", "changes": [{"field": "messages", "value": {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100000", "phone_number_id": NUMBER},
        "contacts": [{"wa_id": "15550100001", "profile": {"name": "Ana"}}],
        "messages": [{"from": "15550100001", "id": format!("wamid.{name}"), "timestamp": "1700000000",
            "type": "text", "text": {"body": "is it “open” – já?"}}],
    }}]})
}

/// AWS's event around one message.
pub(crate) fn event(name: &str) -> String {
    json!({
        "context": {
            "MetaWabaIds": [{"wabaId": "1", "arn": "arn:aws:social-messaging:us-east-1:000000000000:waba/1"}],
            "MetaPhoneNumberIds": [{"metaPhoneNumberId": NUMBER, "arn": "arn:aws:social-messaging:us-east-1:000000000000:phone-number-id/1"}],
        },
        "whatsAppWebhookEntry": entry(name).to_string(),
        "aws_account_id": "000000000000",
        "message_timestamp": "2023-11-14T22:13:20.000000000Z",
    })
    .to_string()
}

/// SNS's wrapper around a message.
pub(crate) fn wrapped(message: &str) -> String {
    json!({
        "Type": "Notification",
        "MessageId": "00000000-0000-0000-0000-000000000001",
        "TopicArn": "arn:aws:sns:us-east-1:000000000000:orders",
        "Message": message,
        "Timestamp": "2023-11-14T22:13:20.000Z",
    })
    .to_string()
}
