//! The host of a native test.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use super::record::Did;
use crate::{
    Entry, Failure, Moment, Outcome, Outgoing, Plugin, Recipient, Refusal, Turn, knowledge, lookup,
    settings,
};

/// A host that answers a plugin under test and writes down what it did.
///
/// Proposals are admitted, knowledge bases know nothing and endpoints answer 404 unless the test says otherwise. Memory is
/// as long as the host: give one host several turns to try a conversation. It is kept if a turn succeeds, as it really is.
#[derive(Debug, Default)]
pub struct Host {
    now: Moment,
    memory: Memory,
    shared_memory: Memory,
    verdicts: VecDeque<Result<(), Refusal>>,
    knowledge: VecDeque<Result<knowledge::Answer, Refusal>>,
    lookups: VecDeque<Result<lookup::Answer, Refusal>>,
    did: Vec<Did>,
}

type Memory = BTreeMap<String, Entry>;

thread_local! {
    /// Whose turn it is on this thread.
    static HOST: RefCell<Option<Host>> = const { RefCell::new(None) };
}

impl Host {
    /// A host that admits everything and knows nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Refuses the next proposal; called again, the one after that.
    #[must_use]
    pub fn refusing(mut self, refusal: Refusal) -> Self {
        self.verdicts.push_back(Err(refusal));
        self
    }

    /// Admits the next proposal: for a refusal further on.
    #[must_use]
    pub fn admitting(mut self) -> Self {
        self.verdicts.push_back(Ok(()));
        self
    }

    /// Answers the next question to a knowledge base.
    #[must_use]
    pub fn knowing(mut self, answer: knowledge::Answer) -> Self {
        self.knowledge.push_back(Ok(answer));
        self
    }

    /// Answers the next request to an endpoint with a status and a body.
    #[must_use]
    pub fn answering(self, status: u16, body: &str) -> Self {
        self.looking_up(lookup::Answer::Answered(lookup::Response {
            status,
            body: body.to_owned(),
        }))
    }

    /// Answers the next request to an endpoint.
    #[must_use]
    pub fn looking_up(mut self, answer: lookup::Answer) -> Self {
        self.lookups.push_back(Ok(answer));
        self
    }

    /// Gives a plugin one turn, with its settings as JSON. What it did so far is forgotten; what it remembers is not.
    pub fn run<P: Plugin>(&mut self, turn: &Turn, settings: &str) -> Result<Outcome, Failure> {
        let (settings, problems) = settings::parse::<P::Settings>(settings);
        let Some(settings) = settings else {
            return Err(Failure::new(format!("its settings do not fit: {problems}")));
        };
        self.run_with::<P>(turn, &settings)
    }

    /// As [`Host::run`], with settings that are read already.
    pub fn run_with<P: Plugin>(
        &mut self,
        turn: &Turn,
        settings: &P::Settings,
    ) -> Result<Outcome, Failure> {
        self.now = turn.now;
        self.did.clear();
        let before = (self.memory.clone(), self.shared_memory.clone());
        HOST.set(Some(std::mem::take(self)));
        let result = P::handle(turn, settings);
        *self = HOST.take().unwrap_or_default();
        if !matches!(result, Ok(Outcome::Handled | Outcome::Unanswered(_))) {
            (self.memory, self.shared_memory) = before;
        }
        result
    }

    /// What the plugin did in its last turn, in order.
    #[must_use]
    pub fn did(&self) -> &[Did] {
        &self.did
    }

    /// The messages to the turn's contact that were proposed in the last turn, refused ones included.
    #[must_use]
    pub fn sent(&self) -> Vec<&Outgoing> {
        let sent = self.did.iter().filter_map(|did| match did {
            Did::Send {
                to: Recipient::Contact,
                message,
                ..
            } => Some(message),
            _ => None,
        });
        sent.collect()
    }

    /// Their words; for a template its name, for a reaction its emoji.
    #[must_use]
    pub fn said(&self) -> Vec<&str> {
        self.sent().into_iter().map(words).collect()
    }

    /// What the plugin keeps of the contact under a key.
    #[must_use]
    pub fn remembers(&self, key: &str) -> Option<&str> {
        self.memory.get(key).map(|entry| entry.value.as_str())
    }

    #[cfg_attr(
        target_arch = "wasm32",
        allow(dead_code, reason = "a component has its imports")
    )]
    fn propose(&mut self, did: Did) -> Result<(), Refusal> {
        self.did.push(did);
        self.verdicts.pop_front().unwrap_or(Ok(()))
    }
}

fn words(message: &Outgoing) -> &str {
    match message {
        Outgoing::Text(body) => body,
        Outgoing::Buttons(buttons) => &buttons.body,
        Outgoing::Menu(menu) => &menu.body,
        Outgoing::Link(link) => &link.body,
        Outgoing::Media(media) => media.caption.as_deref().unwrap_or_default(),
        Outgoing::Template(template) => &template.name,
        Outgoing::Location(place) => place.name.as_deref().unwrap_or_default(),
        Outgoing::Contacts(cards) => cards.first().map_or("", |card| &card.name),
        Outgoing::Reaction(reaction) => reaction.emoji.as_deref().unwrap_or_default(),
    }
}

/// What a component imports, for a plugin that runs natively.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod imports {
    use super::{Did, HOST, Host};

    /// The host whose turn it is.
    #[allow(
        clippy::panic,
        reason = "a test that calls the host without one is wrong"
    )]
    fn with<T>(call: impl FnOnce(&mut Host) -> T) -> T {
        HOST.with_borrow_mut(|host| match host {
            Some(host) => call(host),
            None => {
                panic!("there is no host here: give the plugin its turn through sdk::testing::Host")
            }
        })
    }

    pub(crate) mod gate {
        use super::{Did, with};
        use crate::gate::SendOptions;
        use crate::{Outgoing, Recipient, Refusal};

        pub(crate) fn send(
            to: &Recipient,
            message: &Outgoing,
            options: &SendOptions,
        ) -> Result<(), Refusal> {
            let did = Did::Send {
                to: to.clone(),
                message: message.clone(),
                quoting: options.quoting,
            };
            with(|host| host.propose(did))
        }
    }

    pub(crate) mod consent {
        use super::{Did, with};
        use crate::Refusal;
        use crate::consent::{Direction, Scope};

        pub(crate) fn change(scope: Scope, direction: Direction) -> Result<(), Refusal> {
            with(|host| host.propose(Did::Consent(scope, direction)))
        }
    }

    pub(crate) mod desk {
        use super::{Did, with};
        use crate::Refusal;

        pub(crate) fn hand_over(desk: &str, note: &str) -> Result<(), Refusal> {
            with(|host| host.propose(Did::HandOver(desk.to_owned(), note.to_owned())))
        }

        pub(crate) fn pause(span_ms: u64) -> Result<(), Refusal> {
            with(|host| host.propose(Did::Pause(span_ms)))
        }

        pub(crate) fn resume() -> Result<(), Refusal> {
            with(|host| host.propose(Did::Resume))
        }

        pub(crate) fn note(text: &str) -> Result<(), Refusal> {
            with(|host| host.propose(Did::Note(text.to_owned())))
        }

        pub(crate) fn tag(tag: &str) -> Result<(), Refusal> {
            with(|host| host.propose(Did::Tag(tag.to_owned())))
        }

        pub(crate) fn untag(tag: &str) -> Result<(), Refusal> {
            with(|host| host.propose(Did::Untag(tag.to_owned())))
        }
    }

    /// Both memories: they differ in where they lie.
    macro_rules! memory {
        ($which:ident) => {
            pub(crate) mod $which {
                use super::with;
                use crate::{Entry, Refusal};

                pub(crate) fn get(key: &str) -> Result<Option<Entry>, Refusal> {
                    with(|host| {
                        let entry = host.$which.get(key);
                        Ok(entry.filter(|entry| entry.until > host.now).cloned())
                    })
                }

                pub(crate) fn set(key: &str, value: &str, span_ms: u64) -> Result<(), Refusal> {
                    with(|host| {
                        let span_ms = i64::try_from(span_ms).unwrap_or(i64::MAX);
                        let entry = Entry {
                            value: value.to_owned(),
                            until: host.now.saturating_add(span_ms),
                        };
                        host.$which.insert(key.to_owned(), entry);
                        Ok(())
                    })
                }

                pub(crate) fn delete(key: &str) -> Result<(), Refusal> {
                    with(|host| {
                        host.$which.remove(key);
                        Ok(())
                    })
                }
            }
        };
    }

    memory!(memory);
    memory!(shared_memory);

    pub(crate) mod knowledge {
        use super::{Did, with};
        use crate::Refusal;
        use crate::knowledge::{Answer, Question};

        pub(crate) fn ask(question: &Question) -> Result<Answer, Refusal> {
            with(|host| {
                host.did.push(Did::Ask(question.clone()));
                host.knowledge.pop_front().unwrap_or(Ok(Answer::NoAnswer))
            })
        }
    }

    pub(crate) mod lookup {
        use super::{Did, with};
        use crate::Refusal;
        use crate::lookup::{Answer, Request, Response};

        pub(crate) fn ask(request: &Request) -> Result<Answer, Refusal> {
            with(|host| {
                host.did.push(Did::LookUp(request.clone()));
                let nothing = Answer::Answered(Response {
                    status: 404,
                    body: String::new(),
                });
                host.lookups.pop_front().unwrap_or(Ok(nothing))
            })
        }
    }

    pub(crate) mod log {
        use super::{Did, HOST};
        use crate::log::Level;

        pub(crate) fn line(level: Level, text: &str) {
            HOST.with_borrow_mut(|host| {
                if let Some(host) = host {
                    host.did.push(Did::Log(level, text.to_owned()));
                }
            });
        }

        pub(crate) fn last_words(text: &str) {
            line(Level::Error, text);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{later, turn};
    use super::*;
    use crate::{Description, Known, Problems, memory};

    struct Counter;

    impl Plugin for Counter {
        type Settings = BTreeMap<String, String>;

        fn describe() -> Description {
            Description::new("counter", "1.0.0", "{}")
        }

        fn check(_: &Self::Settings, _: &Known, _: &mut Problems) {}

        fn handle(turn: &Turn, _: &Self::Settings) -> Result<Outcome, Failure> {
            let refused = |refusal: Refusal| Failure::new(format!("{refusal:?}"));
            let count = memory::recall("count").map_err(refused)?.unwrap_or(0) + 1;
            memory::keep("count", &count, Duration::from_mins(5)).map_err(refused)?;
            match turn.text() {
                Some("pass") => Ok(Outcome::Passed),
                Some("fail") => Err(Failure::new("asked to")),
                _ => Ok(crate::answer(count.to_string())),
            }
        }
    }

    #[test]
    fn memory_lasts_from_turn_to_turn_until_its_time_is_over() {
        let mut host = Host::new();
        let first = turn("en", "hi");
        assert_eq!(host.run::<Counter>(&first, "{}"), Ok(Outcome::Handled));
        let second = later(first, Duration::from_mins(4));
        host.run::<Counter>(&second, "{}").unwrap();
        assert_eq!(host.said(), ["2"]);
        let third = later(second, Duration::from_mins(5));
        host.run::<Counter>(&third, "{}").unwrap();
        assert_eq!(host.said(), ["1"]);
    }

    #[test]
    fn what_a_turn_without_effect_wrote_is_gone() {
        let mut host = Host::new();
        host.run::<Counter>(&turn("en", "hi"), "{}").unwrap();
        assert_eq!(
            host.run::<Counter>(&turn("en", "pass"), "{}"),
            Ok(Outcome::Passed)
        );
        host.run::<Counter>(&turn("en", "fail"), "{}").unwrap_err();
        assert_eq!(host.remembers("count"), Some("1"));
    }

    #[test]
    fn a_refusal_is_given_to_the_plugin() {
        let mut host = Host::new().refusing(Refusal::OptedOut);
        let refused = Ok(Outcome::Unanswered(crate::Unanswered::Refused));
        assert_eq!(host.run::<Counter>(&turn("en", "hi"), "{}"), refused);
        assert_eq!(
            host.run::<Counter>(&turn("en", "hi"), "{}"),
            Ok(Outcome::Handled)
        );
    }
}
