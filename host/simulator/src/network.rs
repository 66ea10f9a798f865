//! The network itself: what was said and sent, and what becomes of it.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::faults::{Answer, Fate, Faults, StatusFate, Statuses};
use crate::journal::Journal;
use crate::message::{Checked, ReadMark};
use crate::postman::Postman;
use crate::status::{self, Step};
use crate::stop::Stop;
use crate::webhook::{Change, Signer};
use crate::{SimulatorError, limits};

/// The member that a business sends and every status echoes.
pub(crate) const TOKEN: &str = "biz_opaque_callback_data";

/// One call of the send operation, as the record shows it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Sent {
    seq: u64,
    at_ms: u64,
    number: String,
    to: Option<String>,
    message: Value,
    token: Option<String>,
    outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    wamid: Option<String>,
    via: Via,
    /// Why it was not taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<String>,
    /// Meta's code in the `failed` status that follows: taken, and never delivered.
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<u64>,
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Taken, and said so. The message was delivered, unless a `failed` status follows.
    Accepted,
    /// Taken, and the connection closed without a reply. The message WAS delivered, likewise.
    DroppedReply,
    /// Lost on its way: not taken, and the connection closed without a reply.
    Lost,
    /// Told to come more slowly.
    Throttled,
    /// Told that something went wrong on this side.
    Failed,
    /// Malformed.
    Refused,
    /// Without a token.
    Unauthorized,
    /// Too many webhooks wait for the host.
    Overloaded,
}

/// By which face a call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Via {
    Graph,
    Aws,
}

/// A read mark, as `GET /_sim/marks` shows it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Mark {
    seq: u64,
    at_ms: u64,
    number: String,
    message_id: String,
    typing: bool,
    via: Via,
}

/// What a phone saw, as `GET /_sim/talk` shows it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Talk {
    seq: u64,
    at_ms: u64,
    /// Whose phone: digits, or a user id.
    pub(crate) phone: String,
    /// The message it is about.
    pub(crate) id: String,
    #[serde(flatten)]
    what: Seen,
}

/// What happened on a phone.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Seen {
    /// The person wrote.
    Said {
        number: String,
        name: Option<String>,
        message: Value,
    },
    /// The business wrote.
    Sent { number: String, message: Value },
    /// The business wrote, from a phone of its own.
    Echoed { number: String, message: Value },
    /// Something that is no message, in a few words.
    Noted { number: String, words: String },
    /// The host answered the webhook of what the person wrote with 200.
    Delivered,
    /// It did not, yet: what it answered instead, nothing if it could not be reached.
    Undelivered {
        host_status: Option<u16>,
        /// It is not asked again.
        given_up: bool,
    },
    /// The business saw what the person wrote.
    Read,
    /// The business is writing an answer.
    Typing,
}

/// What a caller of the send operation is told, after `late`.
pub(crate) struct Reply {
    pub(crate) outcome: Outcome,
    pub(crate) wamid: Option<String>,
    pub(crate) late: Duration,
}

pub(crate) struct Network {
    /// The number people write to when they do not say which.
    pub(crate) number: String,
    /// AWS's ids of numbers, without what an ARN puts before them, and Meta's.
    pub(crate) numbers: BTreeMap<String, String>,
    pub(crate) signer: Signer,
    pub(crate) postman: Postman,
    pub(crate) record: Journal<Sent>,
    pub(crate) talk: Journal<Talk>,
    pub(crate) marks: Journal<Mark>,
    pub(crate) stop: Stop,
    course: Mutex<Course>,
    statuses_at_once: Arc<Semaphore>,
    id_prefix: u64,
    id_count: AtomicU64,
}

/// The faults in force and how many sends they have befallen.
#[derive(Default)]
struct Course {
    faults: Faults,
    sends: u64,
}

impl Network {
    pub(crate) fn new(
        options: &crate::Options,
        postman: Postman,
        stop: Stop,
    ) -> Result<Arc<Self>, SimulatorError> {
        Ok(Arc::new(Self {
            number: options.number.clone(),
            numbers: options
                .numbers
                .iter()
                .map(|(aws, meta)| (bare(aws).to_owned(), meta.clone()))
                .collect(),
            signer: Signer::new(&options.app_secret).ok_or(SimulatorError::NoSecret)?,
            postman,
            record: Journal::new(limits::RECORD_ENTRIES, limits::RECORD_BYTES),
            talk: Journal::new(limits::TALK_ENTRIES, limits::TALK_BYTES),
            marks: Journal::new(limits::MARK_ENTRIES, limits::MARK_BYTES),
            stop,
            course: Mutex::default(),
            statuses_at_once: Arc::new(Semaphore::new(limits::STATUSES_AT_ONCE)),
            // The host remembers ids for two weeks: a simulator started anew must not give one out again.
            id_prefix: RandomState::new().build_hasher().finish(),
            id_count: AtomicU64::new(0),
        }))
    }

    /// A message id, unlike any other.
    pub(crate) fn new_id(&self) -> String {
        format!("wamid.{}", URL_SAFE_NO_PAD.encode(self.new_bytes()))
    }

    /// A call's.
    pub(crate) fn new_call_id(&self) -> String {
        format!("wacid.{}", URL_SAFE_NO_PAD.encode(self.new_bytes()))
    }

    /// AWS's, and SNS's.
    pub(crate) fn new_uuid(&self) -> String {
        let digits = hex::encode(self.new_bytes());
        let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
        [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)]
            .map(|(from, to)| part(from, to))
            .join("-")
    }

    fn new_bytes(&self) -> Vec<u8> {
        let count = self.id_count.fetch_add(1, Ordering::Relaxed);
        [self.id_prefix.to_be_bytes(), count.to_be_bytes()].concat()
    }

    /// Whose message it was: the person's who said it, if one did.
    pub(crate) fn who_said(&self, id: &str) -> Option<String> {
        self.talk.newest(|talk| {
            (talk.id == id && matches!(talk.what, Seen::Said { .. })).then(|| talk.phone.clone())
        })
    }

    pub(crate) fn faults(&self) -> Faults {
        self.course().faults.clone()
    }

    /// The course of events begins anew, so that the same seed meets the same sends.
    pub(crate) fn put_faults(&self, faults: Faults) {
        *self.course() = Course { faults, sends: 0 };
    }

    /// Takes a well-formed send, or not. Nothing is awaited: a caller who hangs up cannot leave it half taken.
    pub(crate) fn take(
        self: &Arc<Self>,
        number: &str,
        message: Value,
        checked: &Checked,
        via: Via,
    ) -> Reply {
        let fate = {
            let mut course = self.course();
            let fate = course.faults.fate(course.sends);
            course.sends += 1;
            fate
        };
        let late = Duration::from_millis(fate.late_ms);
        let refused = |outcome, message| {
            self.note(
                number,
                Some(checked.to.clone()),
                message,
                outcome,
                None,
                via,
                None,
                None,
            );
            Reply {
                outcome,
                wamid: None,
                late,
            }
        };
        let outcome = match fate.answer {
            Answer::Throttle => return refused(Outcome::Throttled, message),
            Answer::Error => return refused(Outcome::Failed, message),
            Answer::Lost => return refused(Outcome::Lost, message),
            Answer::Accept => Outcome::Accepted,
            Answer::AcceptInSilence => Outcome::DroppedReply,
        };
        let wamid = self.new_id();
        if !self.send_statuses(number, &wamid, checked, &message, &fate) {
            return refused(Outcome::Overloaded, message);
        }
        let failed = fate.failed();
        if failed.is_none() {
            self.saw(
                &checked.to,
                &wamid,
                Seen::Sent {
                    number: number.to_owned(),
                    message: message.clone(),
                },
            );
        }
        self.note(
            number,
            Some(checked.to.clone()),
            message,
            outcome,
            Some(wamid.clone()),
            via,
            None,
            failed,
        );
        Reply {
            outcome,
            wamid: Some(wamid),
            late,
        }
    }

    /// Records a call that was refused before it was looked at as a send.
    pub(crate) fn refuse(
        &self,
        number: &str,
        message: Value,
        outcome: Outcome,
        via: Via,
        cause: &str,
    ) {
        let to = ["to", "recipient"]
            .iter()
            .find_map(|key| message.get(key))
            .and_then(Value::as_str);
        let to = to.map(|to| to.trim_start_matches('+').to_owned());
        self.note(
            number,
            to,
            message,
            outcome,
            None,
            via,
            Some(cause.to_owned()),
            None,
        );
    }

    /// Records a read mark, and shows it on the phone that wrote the message.
    pub(crate) fn mark(&self, number: &str, mark: ReadMark, via: Via) {
        if let Some(phone) = self.who_said(&mark.message_id) {
            self.saw(&phone, &mark.message_id, Seen::Read);
            if mark.typing {
                self.saw(&phone, &mark.message_id, Seen::Typing);
            }
        }
        let ReadMark { message_id, typing } = mark;
        let number = number.to_owned();
        let bytes = message_id.len() + number.len();
        self.marks.push(bytes, |seq| Mark {
            seq,
            at_ms: now_ms(),
            number,
            message_id,
            typing,
            via,
        });
    }

    pub(crate) fn saw(&self, phone: &str, id: &str, what: Seen) {
        let (phone, id) = (phone.to_owned(), id.to_owned());
        let bytes = phone.len()
            + id.len()
            + match &what {
                Seen::Said { message, .. }
                | Seen::Sent { message, .. }
                | Seen::Echoed { message, .. } => message.to_string().len(),
                Seen::Noted { words, .. } => words.len(),
                Seen::Delivered | Seen::Undelivered { .. } | Seen::Read | Seen::Typing => 0,
            };
        self.talk.push(bytes, |seq| Talk {
            seq,
            at_ms: now_ms(),
            phone,
            id,
            what,
        });
    }

    #[allow(
        clippy::too_many_arguments,
        reason = "one for each column of the record"
    )]
    fn note(
        &self,
        number: &str,
        to: Option<String>,
        message: Value,
        outcome: Outcome,
        wamid: Option<String>,
        via: Via,
        cause: Option<String>,
        failed: Option<u64>,
    ) {
        let token = message
            .get(TOKEN)
            .and_then(Value::as_str)
            .map(str::to_owned);
        let number = number.to_owned();
        let bytes = message.to_string().len();
        self.record.push(bytes, |seq| Sent {
            seq,
            at_ms: now_ms(),
            number,
            to,
            message,
            token,
            outcome,
            wamid,
            via,
            cause,
            failed,
        });
    }

    /// Sets the statuses of a send on their way, or none if there is no room for all of them.
    fn send_statuses(
        self: &Arc<Self>,
        number: &str,
        wamid: &str,
        checked: &Checked,
        message: &Value,
        fate: &Fate,
    ) -> bool {
        let steps: Vec<(Step, StatusFate)> = match &fate.statuses {
            Statuses::None => return true,
            Statuses::Delivered(fates) => [Step::Sent, Step::Delivered, Step::Read]
                .into_iter()
                .zip(fates.iter().copied())
                .collect(),
            Statuses::Failed(code, fate) => vec![(Step::Failed(*code), *fate)],
        };
        let webhooks = steps
            .iter()
            .map(|(_, status)| 1 + usize::from(status.twice))
            .sum();
        let Some(mut places) = self.postman.places(webhooks) else {
            return false;
        };
        let mut in_order = Vec::new();
        for (step, StatusFate { at_ms, twice }) in steps {
            let status = status::of_send(step, wamid, checked, message);
            let webhook = self.signer.change(&Change::status(number, &status));
            let copies = (0..=usize::from(twice))
                .filter_map(|_| places.split(1))
                .map(|place| (webhook.clone(), place));
            match at_ms {
                None => in_order.extend(copies),
                Some(at_ms) => {
                    let wait = Duration::from_millis(fate.late_status_ms + at_ms);
                    for (webhook, place) in copies {
                        let network = Arc::clone(self);
                        self.postman.later(async move {
                            tokio::time::sleep(wait).await;
                            network
                                .postman
                                .insist(&webhook, Some(&network.statuses_at_once))
                                .await;
                            drop(place);
                        });
                    }
                }
            }
        }
        if !in_order.is_empty() {
            let network = Arc::clone(self);
            let late = Duration::from_millis(fate.late_status_ms);
            self.postman.later(async move {
                tokio::time::sleep(late).await;
                for (webhook, place) in in_order {
                    tokio::time::sleep(limits::STATUS_GAP).await;
                    network
                        .postman
                        .insist(&webhook, Some(&network.statuses_at_once))
                        .await;
                    drop(place);
                }
            });
        }
        true
    }

    fn course(&self) -> MutexGuard<'_, Course> {
        self.course.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An AWS number id without what an ARN puts before it.
pub(crate) fn bare(id: &str) -> &str {
    let id = id.rsplit_once('/').map_or(id, |(_, last)| last);
    id.strip_prefix("phone-number-id-").unwrap_or(id)
}

pub(crate) fn now_ms() -> u64 {
    // A clock before 1970 is nobody's.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        })
}
