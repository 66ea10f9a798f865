//! People who write: signed webhooks at a steady rate, each brought again until the host answers 200, some of them twice.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::Semaphore;
use tokio::time::MissedTickBehavior;

use super::book::{Acked, Book, Conversation, words};
use super::dice::Dice;
use super::judge::Life;
use super::now_ms;
use super::record::Record;
use super::signer::Signer;
use super::town::{SECRET, Town};

/// How often new conversations begin.
const TICK: Duration = Duration::from_millis(10);
/// Conversations under way at once; past it the load waits for the host.
const CONVERSATIONS: usize = 2000;
/// Posts under way at once: a quarter of the connections that a host grants one source.
const POSTS_AT_ONCE: usize = 256;
/// A post that has no answer by then is made again.
const POST_WAIT: Duration = Duration::from_secs(10);
/// Pauses before a webhook is brought again, the first and the longest.
const AGAIN: [Duration; 2] = [Duration::from_millis(40), Duration::from_millis(400)];
/// A webhook that was never answered 200 for so long is given up, which is a finding.
const GIVE_UP: Duration = Duration::from_secs(120);
/// Webhooks of late that may come once more.
const RECENT: usize = 4096;

/// A webhook, ready to be posted as often as need be.
#[derive(Clone)]
struct Webhook {
    body: axum::body::Bytes,
    signature: String,
}

#[derive(Default)]
pub struct Tally {
    /// Webhooks posted, whatever became of them.
    pub posts: AtomicU64,
    /// Posted again because there was no 200.
    pub redelivered: AtomicU64,
    /// Posted twice on purpose.
    pub doubled: AtomicU64,
}

/// What the load and the one who kills share.
pub struct Load {
    pub book: Mutex<Book>,
    pub lives: Mutex<Vec<Life>>,
    pub tally: Tally,
    recent: Mutex<VecDeque<Webhook>>,
    client: reqwest::Client,
    signer: Signer,
    url: String,
    posts: Semaphore,
    conversations: Arc<Semaphore>,
}

impl Load {
    pub fn new(host_url: &str, numbers: usize, name: u64) -> Arc<Self> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(POST_WAIT)
            .build()
            .unwrap();
        Arc::new(Self {
            book: Mutex::new(Book::new(numbers, name)),
            lives: Mutex::default(),
            tally: Tally::default(),
            recent: Mutex::default(),
            client,
            signer: Signer::new(SECRET),
            url: format!("{host_url}/webhooks/whatsapp"),
            posts: Semaphore::new(POSTS_AT_ONCE),
            conversations: Arc::new(Semaphore::new(CONVERSATIONS)),
        })
    }

    /// Begins conversations at the rate, until it is dropped. People who are not answered write no more: what waits stays below what a
    /// second brings, however slow a busy machine makes the host, or the network's statuses would come too late to prove anything.
    pub async fn keep_up(self: Arc<Self>, rate: u32, record: Arc<Mutex<Record>>, mut dice: Dice) {
        let mut due = 0.0;
        let mut seen = 0;
        let mut answered = 0;
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tick.tick().await;
            let waiting = {
                let (book, record) = (self.book.lock().unwrap(), record.lock().unwrap());
                answered += book.expected(&record.answers[seen..]);
                seen = record.answers.len();
                book.questions.saturating_sub(answered)
            };
            let room = waiting < rate as usize;
            due += if room {
                TICK.as_secs_f64() * f64::from(rate)
            } else {
                0.0
            };
            while due > 0.0 {
                let place = Arc::clone(&self.conversations).acquire_owned().await;
                let conversation = self.book.lock().unwrap().begin(&mut dice);
                due -= conversation.messages() as f64;
                let (load, dice) = (Arc::clone(&self), dice.split());
                tokio::spawn(async move {
                    load.talk(conversation, dice).await;
                    drop(place);
                });
            }
        }
    }

    /// Returns when everything that was begun has been said.
    pub async fn all_said(&self) {
        let all = u32::try_from(CONVERSATIONS).unwrap();
        drop(self.conversations.acquire_many(all).await);
    }

    /// One message to each number: its status is evidence for what has none (I11).
    pub async fn ask_each_number(self: &Arc<Self>, numbers: usize, dice: &mut Dice) {
        let mut asked = tokio::task::JoinSet::new();
        for number in 0..numbers {
            let conversation = self.book.lock().unwrap().ask(number);
            let (load, dice) = (Arc::clone(self), dice.split());
            asked.spawn(async move { load.talk(conversation, dice).await });
        }
        asked.join_all().await;
    }

    /// The network brings some of what was acknowledged before once more.
    pub fn bring_again(self: &Arc<Self>, most: usize, dice: &mut Dice) {
        let recent = self.recent.lock().unwrap();
        if recent.is_empty() {
            return;
        }
        for _ in 0..most {
            let place = usize::try_from(dice.within(0..recent.len() as u64)).unwrap();
            let (load, webhook) = (Arc::clone(self), recent[place].clone());
            tokio::spawn(async move {
                load.tally.doubled.fetch_add(1, Ordering::Relaxed);
                load.post(&webhook).await;
            });
        }
    }

    async fn talk(&self, conversation: Conversation, mut dice: Dice) {
        for messages in &conversation.posts {
            let webhook = self.webhook(conversation.contact, messages);
            if !self.deliver(&webhook, &mut dice).await {
                return;
            }
            let life = self.lives.lock().unwrap().len().saturating_sub(1);
            let acked = Acked {
                at_ms: now_ms(),
                life,
            };
            self.book.lock().unwrap().acknowledge(messages, acked);
            self.remember(&webhook);
            if dice.percent(5) {
                self.tally.doubled.fetch_add(1, Ordering::Relaxed);
                self.post(&webhook).await;
            }
            tokio::time::sleep(Duration::from_millis(dice.within(0..40))).await;
        }
        self.book.lock().unwrap().end(conversation.contact);
    }

    /// Brings it until the host answers 200, now and then both copies at once.
    async fn deliver(&self, webhook: &Webhook, dice: &mut Dice) -> bool {
        let began = Instant::now();
        let [mut pause, longest] = AGAIN;
        while began.elapsed() < GIVE_UP {
            let taken = if dice.percent(8) {
                self.tally.doubled.fetch_add(1, Ordering::Relaxed);
                let (one, other) = tokio::join!(self.post(webhook), self.post(webhook));
                one || other
            } else {
                self.post(webhook).await
            };
            if taken {
                return true;
            }
            self.tally.redelivered.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
        false
    }

    /// True for a 200, and for nothing else.
    async fn post(&self, webhook: &Webhook) -> bool {
        let _place = self.posts.acquire().await;
        self.tally.posts.fetch_add(1, Ordering::Relaxed);
        let answer = self
            .client
            .post(&self.url)
            .header("content-type", "application/json")
            .header("x-hub-signature-256", &webhook.signature)
            .body(webhook.body.clone())
            .send()
            .await;
        answer.is_ok_and(|answer| answer.status().as_u16() == 200)
    }

    fn remember(&self, webhook: &Webhook) {
        let mut recent = self.recent.lock().unwrap();
        if recent.len() == RECENT {
            recent.pop_front();
        }
        recent.push_back(webhook.clone());
    }

    fn webhook(&self, contact: usize, messages: &[usize]) -> Webhook {
        let book = self.book.lock().unwrap();
        let known = &book.contacts[contact];
        let seconds = now_ms() / 1000;
        let said: Vec<_> = messages
            .iter()
            .map(|message| {
                json!({
                    "from": known.phone, "id": book.wamid(*message), "timestamp": seconds.to_string(), "type": "text",
                    "text": {"body": words(*message, book.messages[*message].kind)},
                })
            })
            .collect();
        let body = json!({
            "object": "whatsapp_business_account",
            "entry": [{"id": "100000000000077", "changes": [{"field": "messages", "value": {
                "messaging_product": "whatsapp",
                "metadata": {"display_phone_number": "15550100000", "phone_number_id": Town::number(known.number)},
                "contacts": [{"profile": {"name": format!("Customer {contact}")}, "wa_id": known.phone}],
                "messages": said,
            }}]}],
        })
        .to_string();
        let signature = self.signer.sign(body.as_bytes());
        Webhook {
            body: body.into(),
            signature,
        }
    }
}
