//! What came in and what was answered, counted since this process began.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::Notice;

use crate::answer::{Answer, Door};
use crate::limits;

/// The counters, shared by all doors. Counting a delivery is one lock, held for some look-ups.
#[derive(Debug, Default)]
pub struct Tally {
    notices: Mutex<Notices>,
    deliveries: [[AtomicU64; Answer::ALL.len()]; Door::ALL.len()],
    unclaimed: [AtomicU64; Door::ALL.len()],
    foreign: [AtomicU64; Door::ALL.len()],
}

/// Counters of one name, as monitoring takes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// Its name, by Prometheus's custom.
    pub name: &'static str,
    /// What is counted.
    pub help: &'static str,
    /// The counters.
    pub rows: Vec<Row>,
}

/// One counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Names and values of its labels. The values are letters, digits, `_`, `-`, `.` and `:` alone: nothing needs escaping.
    pub labels: Vec<(&'static str, String)>,
    /// How many.
    pub value: u64,
}

impl Tally {
    /// One delivery was answered.
    pub fn answered(&self, door: Door, answer: Answer) {
        if let Some(counter) = self
            .deliveries
            .get(door as usize)
            .and_then(|answers| answers.get(answer as usize))
        {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How often something was answered.
    #[must_use]
    pub fn answers(&self, door: Door, answer: Answer) -> u64 {
        let answers = self.deliveries.get(door as usize);
        answers
            .and_then(|answers| answers.get(answer as usize))
            .map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    /// Notices were accepted.
    pub(crate) fn accepted(&self, kinds: Kinds) {
        let mut notices = self.notices();
        for (kind, count) in kinds.0 {
            notices.add(&kind, count);
        }
    }

    /// Notices were accepted that are for no tenant's number.
    pub(crate) fn unclaimed(&self, door: Door, count: usize) {
        add(&self.unclaimed, door, count);
    }

    /// Notices were dropped that somebody else should have vouched for.
    pub(crate) fn foreign(&self, door: Door, count: usize) {
        add(&self.foreign, door, count);
    }

    /// All counters that are not zero.
    #[must_use]
    pub fn families(&self) -> Vec<Family> {
        let notices = self.notices().rows();
        let mut deliveries = Vec::new();
        for door in Door::ALL {
            for answer in Answer::ALL {
                let labels = vec![
                    ("door", door.word().to_owned()),
                    ("answer", answer.word().to_owned()),
                    ("status", answer.status().to_string()),
                ];
                let value = self.answers(door, answer);
                deliveries.push(Row { labels, value });
            }
        }
        deliveries.retain(|row| row.value > 0);
        let replays = Door::ALL.map(|door| self.answers(door, Answer::Replayed));
        vec![
            Family {
                name: "tollgate_notices_total",
                help: "Notices accepted, by channel, notice and kind.",
                rows: notices,
            },
            Family {
                name: "tollgate_deliveries_total",
                help: "Deliveries, by door and answer.",
                rows: deliveries,
            },
            Family {
                name: "tollgate_notices_unclaimed_total",
                help: "Notices for numbers that no tenant owns: kept under _unclaimed.",
                rows: by_door(read(&self.unclaimed)),
            },
            Family {
                name: "tollgate_notices_foreign_total",
                help: "Notices dropped: their number is not bound to who delivered them.",
                rows: by_door(read(&self.foreign)),
            },
            Family {
                name: "tollgate_replays_total",
                help: "Deliveries that had been accepted before.",
                rows: by_door(replays),
            },
        ]
    }

    fn notices(&self) -> MutexGuard<'_, Notices> {
        // A counter that a panic interrupted is still a counter.
        self.notices.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn add(counters: &[AtomicU64; Door::ALL.len()], door: Door, count: usize) {
    if let Some(counter) = counters.get(door as usize) {
        counter.fetch_add(count as u64, Ordering::Relaxed);
    }
}

fn read(counters: &[AtomicU64; Door::ALL.len()]) -> [u64; Door::ALL.len()] {
    counters
        .each_ref()
        .map(|counter| counter.load(Ordering::Relaxed))
}

fn by_door(counts: [u64; Door::ALL.len()]) -> Vec<Row> {
    let rows = Door::ALL.into_iter().zip(counts).map(|(door, value)| Row {
        labels: vec![("door", door.word().to_owned())],
        value,
    });
    rows.filter(|row| row.value > 0).collect()
}

/// How many notices of which kind one delivery brings, found out before they are given away.
#[derive(Debug)]
pub(crate) struct Kinds(Vec<(Kind, u64)>);

#[derive(Debug)]
struct Kind {
    channel: Box<str>,
    word: &'static str,
    kind: Box<str>,
}

impl Kinds {
    pub(crate) fn of(notices: &[Notice]) -> Self {
        let mut kinds = Self(Vec::new());
        for notice in notices {
            let (channel, word) = (safe(notice.channel.name()), notice.body.word());
            let kind = safe(notice.body.kind());
            // A hostile batch of four thousand kinds must not cost their square: past the limit the kind is `other`, and only where there
            // are too many channels, too, the channel with it.
            let rows = kinds.0.len();
            let _ = kinds.add(&channel, word, &kind, rows < limits::KINDS)
                || kinds.add(
                    &channel,
                    word,
                    OTHER,
                    rows < limits::KINDS + limits::CHANNELS,
                )
                || kinds.add(OTHER, word, OTHER, true);
        }
        kinds
    }

    /// Counts one in its row, or in a new one if there may be a new one; says whether it was counted.
    fn add(&mut self, channel: &str, word: &'static str, kind: &str, may_be_new: bool) -> bool {
        let found = self.0.iter_mut().find(|(known, _)| {
            known.word == word && &*known.kind == kind && &*known.channel == channel
        });
        match found {
            Some((_, count)) => *count += 1,
            None if may_be_new => {
                let (channel, kind) = (channel.into(), kind.into());
                self.0.push((
                    Kind {
                        channel,
                        word,
                        kind,
                    },
                    1,
                ));
            }
            None => return false,
        }
        true
    }
}

/// What stands for all that is too much to be counted one by one.
const OTHER: &str = "other";

/// Of one channel: by notice and kind.
type Words = BTreeMap<&'static str, BTreeMap<Box<str>, u64>>;

/// By channel, notice and kind.
#[derive(Debug, Default)]
struct Notices {
    channels: BTreeMap<Box<str>, Words>,
    kinds: usize,
}

impl Notices {
    fn add(&mut self, kind: &Kind, count: u64) {
        let known = self
            .channels
            .get_mut(&kind.channel)
            .and_then(|words| words.get_mut(kind.word))
            .and_then(|kinds| kinds.get_mut(&kind.kind));
        if let Some(counter) = known {
            *counter += count;
            return;
        }
        let is_new_channel = !self.channels.contains_key(&kind.channel);
        let channel = match is_new_channel && self.channels.len() >= limits::CHANNELS {
            true => OTHER.into(),
            false => kind.channel.clone(),
        };
        let name = match self.kinds >= limits::KINDS {
            true => OTHER.into(),
            false => kind.kind.clone(),
        };
        let kinds = self
            .channels
            .entry(channel)
            .or_default()
            .entry(kind.word)
            .or_default();
        self.kinds += usize::from(!kinds.contains_key(&name));
        *kinds.entry(name).or_default() += count;
    }

    fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (channel, words) in &self.channels {
            for (word, kinds) in words {
                for (kind, value) in kinds {
                    let labels = vec![
                        ("channel", channel.to_string()),
                        ("notice", (*word).to_owned()),
                        ("kind", kind.to_string()),
                    ];
                    rows.push(Row {
                        labels,
                        value: *value,
                    });
                }
            }
        }
        rows
    }
}

/// A word that others chose, as a label. What holds as many digits as a phone number is no kind (I12).
fn safe(word: &str) -> Cow<'_, str> {
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "_-.:".contains(char);
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    if digits >= 7 {
        return Cow::Borrowed(OTHER);
    }
    if word.is_empty() {
        return Cow::Borrowed("none");
    }
    if word.len() <= limits::KIND_CHARS && word.chars().all(is_plain) {
        return Cow::Borrowed(word);
    }
    let replaced = |char| if is_plain(char) { char } else { '_' };
    Cow::Owned(
        word.chars()
            .take(limits::KIND_CHARS)
            .map(replaced)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use model::{Channel, Detail, NoticeBody, NoticeKey, NumberId, TenantId, Unreadable, Update};
    use serde_json::Value;

    use super::*;

    fn update(channel: Channel, name: &str) -> Notice {
        Notice {
            tenant: TenantId::new("shop").unwrap(),
            number: NumberId::new("1").unwrap(),
            channel,
            key: NoticeKey::digest(name),
            body: NoticeBody::Update(Update {
                name: name.to_owned(),
                detail: Detail::Other,
                raw: Value::Null,
            }),
        }
    }

    fn rows(tally: &Tally, name: &str) -> Vec<(Vec<String>, u64)> {
        let families = tally.families();
        let family = families.iter().find(|family| family.name == name).unwrap();
        let row = |row: &Row| {
            let labels = row.labels.iter().map(|(_, value)| value.clone());
            (labels.collect(), row.value)
        };
        family.rows.iter().map(row).collect()
    }

    #[test]
    fn notices_are_counted_by_channel_notice_and_kind() {
        let tally = Tally::default();
        let mut broken = update(Channel::WhatsApp, "");
        broken.body = NoticeBody::Unreadable(Unreadable {
            what: "message".into(),
            cause: "no id".into(),
            raw: Value::Null,
        });
        let batch = [
            update(Channel::WhatsApp, "calls"),
            update(Channel::Other("page".into()), "page"),
            update(Channel::WhatsApp, "calls"),
            broken,
        ];
        tally.accepted(Kinds::of(&batch));
        tally.accepted(Kinds::of(&batch[..1]));
        let expected = [
            (["page", "update", "page"], 1),
            (["whatsapp", "unreadable", "message"], 1),
            (["whatsapp", "update", "calls"], 3),
        ];
        let expected: Vec<_> = expected
            .map(|(labels, value)| (labels.map(str::to_owned).to_vec(), value))
            .into();
        assert_eq!(rows(&tally, "tollgate_notices_total"), expected);
    }

    #[test]
    fn i14_kinds_and_channels_that_others_invent_are_bounded_and_none_is_lost() {
        let tally = Tally::default();
        let kinds: Vec<_> = (0..limits::NOTICES_PER_BODY)
            .map(|n| update(Channel::WhatsApp, &format!("kind-{n}")))
            .collect();
        tally.accepted(Kinds::of(&kinds));
        tally.accepted(Kinds::of(&kinds[1000..]));
        for n in 0..100 {
            let channel = Channel::Other(format!("channel-{n}").into());
            tally.accepted(Kinds::of(&[update(channel, "x")]));
        }
        let rows = rows(&tally, "tollgate_notices_total");
        assert!(rows.len() <= limits::KINDS + limits::CHANNELS + 1);
        let all = kinds.len() + kinds.len() - 1000 + 100;
        assert_eq!(rows.iter().map(|row| row.1).sum::<u64>(), all as u64);
    }

    #[test]
    fn past_the_limit_of_kinds_the_channel_and_the_notice_are_still_told() {
        let tally = Tally::default();
        let kinds: Vec<_> = (0..limits::KINDS + 100)
            .map(|n| update(Channel::WhatsApp, &format!("kind-{n}")))
            .collect();
        tally.accepted(Kinds::of(&kinds));
        let rows = rows(&tally, "tollgate_notices_total");
        assert!(
            rows.iter()
                .all(|(labels, _)| labels[0] == "whatsapp" && labels[1] == "update")
        );
        let other = rows.iter().find(|(labels, _)| labels[2] == "other");
        assert_eq!(other.unwrap().1, 100);
    }

    #[test]
    fn i14_one_batch_of_many_channels_and_kinds_has_few_rows() {
        let many: Vec<_> = (0..limits::NOTICES_PER_BODY)
            .map(|n| {
                let channel = Channel::Other(format!("channel-{n}").into());
                update(channel, &format!("kind-{n}"))
            })
            .collect();
        let kinds = Kinds::of(&many);
        assert_eq!(kinds.0.len(), limits::KINDS + limits::CHANNELS + 1);
        let all: u64 = kinds.0.iter().map(|(_, count)| count).sum();
        assert_eq!(all, many.len() as u64);
    }

    #[test]
    fn i12_a_label_is_plain_short_and_no_phone_number() {
        let long = "k".repeat(1000);
        for (word, expected) in [
            ("nfm_reply", "nfm_reply"),
            ("", "none"),
            ("a\"b}\nc é", "a_b__c__"),
            ("15550100001", "other"),
            ("+1 555 010 0001", "other"),
            (&long, &long[..limits::KIND_CHARS]),
        ] {
            assert_eq!(safe(word), expected, "{word:?}");
        }
    }

    #[test]
    fn deliveries_are_counted_by_door_and_answer() {
        let tally = Tally::default();
        tally.answered(Door::Meta, Answer::Accepted);
        tally.answered(Door::Sns, Answer::Replayed);
        tally.unclaimed(Door::Sqs, 2);
        let plain = |rows: Vec<(Vec<String>, u64)>| -> Vec<(String, u64)> {
            let plain = |(labels, value): (Vec<String>, u64)| (labels.join(" "), value);
            rows.into_iter().map(plain).collect()
        };
        assert_eq!(
            plain(rows(&tally, "tollgate_deliveries_total")),
            [
                ("meta accepted 200".into(), 1),
                ("sns replayed 200".into(), 1)
            ]
        );
        assert_eq!(
            plain(rows(&tally, "tollgate_replays_total")),
            [("sns".into(), 1)]
        );
        assert_eq!(
            plain(rows(&tally, "tollgate_notices_unclaimed_total")),
            [("sqs".into(), 2)]
        );
        assert_eq!(plain(rows(&tally, "tollgate_notices_foreign_total")), []);
    }
}
