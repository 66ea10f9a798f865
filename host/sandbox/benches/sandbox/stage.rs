//! The work: one message, settings with one placeholder in two languages, a host that says yes.

use std::collections::BTreeMap;
use std::error::Error;

use async_trait::async_trait;
use model::{
    Answer, Consent, Contact, ContactId, ContactKey, Content, Entry, Grants, Interface, Language,
    Lookup, LookupAnswer, MemoryScope, Message, Moment, NumberId, Phone, PluginName, Proposal,
    Question, Refusal, RuleName, TenantId, Turn, Verdict, Wamid,
};
use sandbox::{Host, Limits, Plugin, Sandbox, Source};

/// What a rule's `with` table is handed over as.
pub(crate) const SETTINGS: &str = r#"{"reply":{"en":"Hi {contact.name|there}! How can we help?","pt":"Oi {contact.name|você}! Como podemos ajudar?"}}"#;

/// What the contact is answered with.
pub(crate) const ANSWER: &str = "Oi Ana! Como podemos ajudar?";

/// Admits everything and keeps what was said last.
#[derive(Debug, Default)]
pub(crate) struct Yes {
    pub(crate) proposed: Option<Proposal>,
}

impl Yes {
    /// Whether the contact was answered, in the right words.
    pub(crate) fn answered(&self) -> bool {
        matches!(&self.proposed, Some(Proposal::Send { message, .. }) if message.body() == ANSWER)
    }
}

#[async_trait]
impl Host for Yes {
    async fn propose(&mut self, proposal: Proposal) -> Verdict {
        self.proposed = Some(proposal);
        Verdict::Admitted
    }

    async fn recall(&mut self, _: MemoryScope, _: &str) -> Result<Option<Entry>, Refusal> {
        Ok(None)
    }

    async fn ask(&mut self, _: Question) -> Result<Answer, Refusal> {
        Err(Refusal::Stopped)
    }

    async fn look_up(&mut self, _: Lookup) -> Result<LookupAnswer, Refusal> {
        Err(Refusal::Stopped)
    }
}

/// A plugin with what auto-reply is granted, and as much else as it imports.
pub(crate) fn load(
    sandbox: &Sandbox,
    name: &str,
    component: &[u8],
) -> Result<Plugin, Box<dyn Error + Send + Sync>> {
    let grants = Grants {
        interfaces: [Interface::Gate, Interface::Consent].into(),
        ..Grants::default()
    };
    Ok(sandbox.load(Source {
        name: &PluginName::new(name)?,
        component,
        grants: &grants,
        limits: &Limits::default(),
        symbols: None,
    })?)
}

/// A turn as the engine makes it: every value that a rule file with one table of hours has.
pub(crate) fn turn() -> Result<Turn, Box<dyn Error + Send + Sync>> {
    let phone = Phone::new("5511900000001")?;
    let number = NumberId::new("100000000000001")?;
    let values = [
        ("contact.first_name", "Ana"),
        ("contact.name", "Ana"),
        ("contact.phone", "5511900000001"),
        ("hours.shop.closes_at", "18:00"),
        ("hours.shop.open", "yes"),
        ("hours.shop.opens_next", "9:00"),
        ("message.text", "oi, tudo bem?"),
        ("now", "14:05"),
        ("number.name", "A shop"),
        ("today", "2026-11-18"),
    ];
    Ok(Turn {
        message: Message {
            name: Some("Ana".to_owned()),
            ..Message::new(
                Wamid::new("wamid.HBgNNTUxMTkwMDAwMDAwMRUCABIYFDNBMDAwMDAwMDAwMDAwMDAwMDAwAA==")?,
                ContactKey::Phone(phone.clone()),
                Moment(1_795_000_000_000),
                Content::Text {
                    body: "oi, tudo bem?".to_owned(),
                },
            )
        },
        contact: Contact {
            name: Some("Ana".to_owned()),
            tags: ["new".to_owned()].into(),
            last_inbound: BTreeMap::from([(number.clone(), Moment(1_795_000_000_000))]),
            previous_inbound: Some(Moment(1_794_900_000_000)),
            version: 3,
            ..Contact::new(
                TenantId::new("shop")?,
                ContactId(7),
                ContactKey::Phone(phone),
                Moment(1_794_000_000_000),
            )
        },
        number,
        number_name: "A shop".to_owned(),
        rule: RuleName::new("greeting")?,
        language: Language::new("pt_BR")?,
        languages: vec![Language::new("pt")?, Language::new("en")?],
        now: Moment(1_795_000_000_500),
        values: values
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into(),
        seed: [7; 32],
    })
}
