//! A sandbox, a turn to give, and a host that writes everything down.

use std::collections::{BTreeMap, VecDeque};

use async_trait::async_trait;
use model::{
    Consent, Contact, ContactId, ContactKey, Content, Grants, Interface, Known, Language, Message,
    Moment, NumberId, Phone, PluginName, Proposal, RuleName, TenantId, Turn, ValuePresence,
    Verdict, Wamid,
};
use sandbox::{Host, LoadError, Plugin, Report, RunLimits, Sandbox};

/// Writes proposals down and answers from a list, then with yes.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    pub(crate) proposals: Vec<Proposal>,
    pub(crate) verdicts: VecDeque<Verdict>,
}

#[async_trait]
impl Host for Recorder {
    async fn propose(&mut self, proposal: Proposal) -> Verdict {
        self.proposals.push(proposal);
        self.verdicts.pop_front().unwrap_or(Verdict::Admitted)
    }
}

impl Recorder {
    pub(crate) fn answering(verdicts: impl IntoIterator<Item = Verdict>) -> Self {
        Self {
            proposals: Vec::new(),
            verdicts: verdicts.into_iter().collect(),
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
        recipients: Default::default(),
    }
}

pub(crate) fn everything() -> Grants {
    grants(&Interface::ALL)
}

pub(crate) fn test_guest(limits: RunLimits) -> Plugin {
    load("test-guest", shipped::TEST_GUEST, &everything(), limits).unwrap()
}

pub(crate) fn load(
    plugin: &str,
    component: &[u8],
    grants: &Grants,
    limits: RunLimits,
) -> Result<Plugin, LoadError> {
    Sandbox::new(limits)
        .unwrap()
        .load(&name(plugin), component, grants)
}

/// The test guest does as told in one turn.
pub(crate) async fn act(plugin: &Plugin, settings: &str) -> (Report, Recorder) {
    plugin.run(&turn("oi"), settings, Recorder::default()).await
}

pub(crate) fn turn(words: &str) -> Turn {
    let phone = Phone::new("5511900000001").unwrap();
    let language = |code| Language::new(code).unwrap();
    Turn {
        message: Message {
            id: Wamid::new("wamid.HBgNTEST").unwrap(),
            from: ContactKey::Phone(phone.clone()),
            name: Some("Ana".to_owned()),
            sent_at: Moment(1_795_000_000_000),
            content: Content::Text {
                body: words.to_owned(),
            },
            quoting: None,
        },
        contact: Contact {
            tenant: TenantId::new("shop").unwrap(),
            id: ContactId(7),
            key: ContactKey::Phone(phone),
            name: Some("Ana".to_owned()),
            language: None,
            tags: ["new".to_owned()].into(),
            consent: Consent::default(),
            stop_pending: false,
            pause: None,
            first_seen: Moment(1_794_000_000_000),
            last_inbound: BTreeMap::new(),
            previous_inbound: None,
            fired: BTreeMap::new(),
            version: 3,
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
    }
}
