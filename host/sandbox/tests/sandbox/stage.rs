//! A sandbox, a turn to give, and a host that writes everything down.

use std::collections::{BTreeMap, VecDeque};
use std::sync::LazyLock;

use async_trait::async_trait;
use model::{
    Answer, Citation, Contact, ContactId, ContactKey, Content, Entry, Failure, Grants, Interface,
    Known, Language, Lookup, LookupAnswer, MemoryScope, Message, Moment, NumberId, Phone,
    PluginName, Proposal, Question, Refusal, RuleName, TenantId, Turn, ValuePresence, Verdict,
    Wamid,
};
use sandbox::{Host, Limits, LoadError, Plugin, Report, RunLimits, Sandbox, Settings, Source};

/// Writes down what it is asked and answers from a list, then with yes. It keeps what is to be remembered.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    pub(crate) proposals: Vec<Proposal>,
    pub(crate) verdicts: VecDeque<Verdict>,
    pub(crate) questions: Vec<Question>,
    pub(crate) lookups: Vec<Lookup>,
    /// What every question and every lookup is answered with, if not with little.
    pub(crate) answer: Option<String>,
    pub(crate) memory: BTreeMap<(MemoryScope, String), Entry>,
}

#[async_trait]
impl Host for Recorder {
    async fn propose(&mut self, proposal: Proposal) -> Verdict {
        match proposal.clone() {
            Proposal::Remember {
                scope,
                key,
                value,
                until,
            } => drop(self.memory.insert((scope, key), Entry { value, until })),
            Proposal::Forget { scope, key } => drop(self.memory.remove(&(scope, key))),
            _ => {}
        }
        self.proposals.push(proposal);
        self.verdicts.pop_front().unwrap_or(Verdict::Admitted)
    }

    async fn recall(&mut self, scope: MemoryScope, key: &str) -> Result<Option<Entry>, Refusal> {
        Ok(self.memory.get(&(scope, key.to_owned())).cloned())
    }

    async fn ask(&mut self, question: Question) -> Result<Answer, Refusal> {
        self.questions.push(question);
        Ok(Answer::Found {
            text: self.answer.clone().unwrap_or_else(|| "known".to_owned()),
            citations: vec![Citation {
                source: "faq.md".to_owned(),
                title: None,
                url: None,
                passage: "a passage".to_owned(),
                score: Some(900),
            }],
            session: None,
        })
    }

    async fn look_up(&mut self, request: Lookup) -> Result<LookupAnswer, Refusal> {
        self.lookups.push(request);
        Ok(LookupAnswer::Answered {
            status: 200,
            body: self.answer.clone().unwrap_or_else(|| "{}".to_owned()),
        })
    }
}

impl Recorder {
    pub(crate) fn answering(verdicts: impl IntoIterator<Item = Verdict>) -> Self {
        Self {
            verdicts: verdicts.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The words of every send to the contact.
    pub(crate) fn sent(&self) -> Vec<&str> {
        let sends = self.proposals.iter().filter_map(|proposal| match proposal {
            Proposal::Send { message, .. } => Some(message.body()),
            _ => None,
        });
        sends.collect()
    }
}

pub(crate) fn name(text: &str) -> PluginName {
    PluginName::new(text).unwrap()
}

pub(crate) fn grants(interfaces: &[Interface]) -> Grants {
    Grants {
        interfaces: interfaces.iter().copied().collect(),
        ..Grants::default()
    }
}

pub(crate) fn everything() -> Grants {
    grants(&Interface::ALL)
}

pub(crate) fn test_guest(limits: RunLimits) -> Plugin {
    load("test-guest", stripped_test_guest(), &everything(), limits).unwrap()
}

/// As plugins ship: without names.
pub(crate) fn stripped_test_guest() -> &'static [u8] {
    static STRIPPED: LazyLock<Vec<u8>> =
        LazyLock::new(|| sandbox::symbols::stripped(shipped::TEST_GUEST).unwrap());
    &STRIPPED
}

pub(crate) fn load(
    plugin: &str,
    component: &[u8],
    grants: &Grants,
    limits: RunLimits,
) -> Result<Plugin, LoadError> {
    let sandbox = Sandbox::new(Settings::default()).unwrap();
    load_into(&sandbox, plugin, component, grants, limits)
}

pub(crate) fn load_into(
    sandbox: &Sandbox,
    plugin: &str,
    component: &[u8],
    grants: &Grants,
    limits: RunLimits,
) -> Result<Plugin, LoadError> {
    let limits = Limits {
        run: limits,
        ..Limits::default()
    };
    sandbox.load(Source {
        name: &name(plugin),
        component,
        grants,
        limits: &limits,
        symbols: None,
    })
}

/// The test guest does as told in one turn.
pub(crate) async fn act(plugin: &Plugin, settings: &str) -> (Report, Recorder) {
    plugin.run(&turn("oi"), settings, Recorder::default()).await
}

#[track_caller]
pub(crate) fn assert_limit(failure: &Failure, expected: &str, expected_allowed: u64) {
    let Failure::Limit {
        which,
        used,
        allowed,
    } = failure
    else {
        panic!("{expected}: {failure:?}")
    };
    assert_eq!((which.as_str(), *allowed), (expected, expected_allowed));
    assert!(used > allowed, "{failure:?}");
}

pub(crate) fn turn(words: &str) -> Turn {
    let phone = Phone::new("5511900000001").unwrap();
    let language = |code| Language::new(code).unwrap();
    Turn {
        message: Message {
            name: Some("Ana".to_owned()),
            ..Message::new(
                Wamid::new("wamid.HBgNTEST").unwrap(),
                ContactKey::Phone(phone.clone()),
                Moment(1_795_000_000_000),
                Content::Text {
                    body: words.to_owned(),
                },
            )
        },
        contact: Contact {
            name: Some("Ana".to_owned()),
            tags: ["new".to_owned()].into(),
            version: 3,
            ..Contact::new(
                TenantId::new("shop").unwrap(),
                ContactId(7),
                ContactKey::Phone(phone),
                Moment(1_794_000_000_000),
            )
        },
        number: NumberId::new("100000000000001").unwrap(),
        number_name: "A shop".to_owned(),
        rule: RuleName::new("greeting").unwrap(),
        language: language("pt"),
        languages: vec![language("pt"), language("en")],
        now: Moment(1_795_000_000_500),
        values: [
            ("contact.name".to_owned(), "Ana".to_owned()),
            ("message.text".to_owned(), words.to_owned()),
        ]
        .into(),
        seed: [7; 32],
    }
}

pub(crate) fn known() -> Known {
    Known {
        values: [
            ("contact.name".to_owned(), ValuePresence::Sometimes),
            ("message.text".to_owned(), ValuePresence::Always),
        ]
        .into(),
        languages: vec![Language::new("pt").unwrap(), Language::new("en").unwrap()],
        desks: vec!["support".to_owned()],
        ..Known::default()
    }
}
