//! A person sends: through the same gate as plugins, and once, however often the request is repeated.

use gate::{Admitted, Scene};
use ledger::{LedgerError, SendRecord};
use model::{
    Check, Contact, ContactId, ContactKey, DecisionId, Grants, Interface, Moment, NumberId,
    Outgoing, Proposal, Purpose, Recipient, Refusal, SendToken, TenantId, Wamid,
};

use crate::stage::token_of;
use crate::{Core, Engine, Tenant};

/// Stands in for somebody of whom nothing is known yet, while a message to them is judged. The ledger counts from 1.
const NOBODY: ContactId = ContactId(0);

/// What an operator wants sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Sending {
    /// To whom.
    pub to: Addressee,
    /// From which of the tenant's numbers, by alias or id; may be left out if it has one.
    pub from: Option<String>,
    /// What.
    pub message: Outgoing,
    /// Names this send: whoever repeats the request repeats it, and nothing is sent twice.
    pub key: String,
    /// Who sends it.
    pub by: Option<String>,
}

/// To whom an operator sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addressee {
    /// A contact, by its id.
    Contact(ContactId),
    /// Whoever is known by this, known to the tenant or not.
    Known(ContactKey),
}

/// What the gate admitted, as the outbox has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// The send as it stands.
    pub record: SendRecord,
    /// The request was made before: this is what came of it then.
    pub is_repeated: bool,
}

/// What the gate said no to, with what it looked at until then.
#[derive(Debug, Clone, PartialEq)]
pub struct NotAdmitted {
    /// Why.
    pub refusal: Refusal,
    /// Every check that it made; the last is the one that refused.
    pub checks: Vec<Check>,
}

/// Why an operator's send is not in the outbox.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotSent {
    /// There is no such tenant.
    #[error("there is no such tenant")]
    NoTenant,
    /// The tenant has no such contact.
    #[error("the tenant has no such contact")]
    NoContact,
    /// The tenant has no such number.
    #[error("the tenant has no such number: it has {aliases}")]
    NoNumber {
        /// What its numbers are called.
        aliases: String,
    },
    /// The tenant has several, and none was named.
    #[error("the tenant has several numbers: name one of {aliases}")]
    WhichNumber {
        /// What they are called.
        aliases: String,
    },
    /// The key named another send before.
    #[error("this key named another send before: take a new key for a new message")]
    OtherSend,
    /// The gate refused it. Nothing has changed.
    #[error("{}", .0.refusal)]
    Refused(Box<NotAdmitted>),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Engine {
    /// Sends what an operator wrote, if the gate admits it; on leaving it is judged once more (I6). A request that is repeated with its
    /// key gets the first one's outcome.
    pub async fn send(&self, tenant: &TenantId, sending: Sending) -> Result<Sent, NotSent> {
        let core = &self.core;
        let settings = core.plan.tenants.get(tenant).ok_or(NotSent::NoTenant)?;
        let number = sending.number(settings)?;
        let token = token_of(
            &core.secret,
            &format!("operator\0{tenant}\0{}", sending.key),
        );
        let id = DecisionId {
            tenant: tenant.clone(),
            number,
            message: cause(&token),
        };
        let contact = addressed(core, tenant, &sending.to).await?;
        if let Some(record) = first(core, &id).await? {
            return same(core, record, &sending, contact.as_ref()).await;
        }
        let now = core.clock.now();
        let contact = match contact {
            Some(contact) => contact,
            // Nobody becomes a contact by being refused.
            None => {
                let key = sending.to.key().ok_or(NotSent::NoContact)?;
                let nobody = Contact::new(tenant.clone(), NOBODY, key.clone(), now);
                sending
                    .judged(core, settings, &nobody, &id, &token, now)
                    .await?;
                let met = core.ledger.meet(tenant, key, now).await?;
                let met = core.ledger.contact(tenant, met).await?;
                met.ok_or(NotSent::NoContact)?
            }
        };
        let admitted = sending
            .judged(core, settings, &contact, &id, &token, now)
            .await?;
        let is_new = core.ledger.send(admitted, now).await?;
        let Some(record) = first(core, &id).await? else {
            // They may have been erased since; else another number's send bears the key.
            let is_there = core.ledger.contact(tenant, contact.id).await?.is_some();
            return Err(if is_there {
                NotSent::OtherSend
            } else {
                NotSent::NoContact
            });
        };
        if !is_new {
            return same(core, record, &sending, Some(&contact)).await;
        }
        tracing::info!(%tenant, contact = %contact.id, %token, kind = sending.message.kind(), by = sending.by, "a person sends");
        core.outbox.wake();
        core.tell();
        Ok(Sent {
            record,
            is_repeated: false,
        })
    }
}

impl Sending {
    fn number(&self, settings: &Tenant) -> Result<NumberId, NotSent> {
        let aliases = || settings.aliases();
        match &self.from {
            Some(name) => settings
                .number_called(name)
                .cloned()
                .ok_or_else(|| NotSent::NoNumber { aliases: aliases() }),
            None => {
                let mut numbers = settings.lines.keys();
                match (numbers.next(), numbers.next()) {
                    (Some(only), None) => Ok(only.clone()),
                    _ => Err(NotSent::WhichNumber { aliases: aliases() }),
                }
            }
        }
    }

    async fn judged(
        &self,
        core: &Core,
        settings: &Tenant,
        contact: &Contact,
        id: &DecisionId,
        token: &SendToken,
        now: Moment,
    ) -> Result<Admitted, NotSent> {
        let personal = Personal {
            contact,
            number: &id.number,
            cause: &id.message,
            message: self.message.clone(),
            quoting: false,
            token: token.clone(),
        };
        admit(core, settings, personal, now).await?.map_err(|refused| {
            tracing::info!(tenant = %id.tenant, contact = %contact.id, refusal = refused.refusal.word(), by = self.by, "what a person wanted to send was refused");
            NotSent::Refused(Box::new(refused))
        })
    }
}

impl Addressee {
    fn key(&self) -> Option<&ContactKey> {
        match self {
            Self::Contact(_) => None,
            Self::Known(key) => Some(key),
        }
    }
}

/// What a person sends to a contact, as the gate is shown it.
pub(crate) struct Personal<'a> {
    pub(crate) contact: &'a Contact,
    pub(crate) number: &'a NumberId,
    /// The message that it answers, or the send's own token if it answers none.
    pub(crate) cause: &'a Wamid,
    pub(crate) message: Outgoing,
    pub(crate) quoting: bool,
    pub(crate) token: SendToken,
}

/// I5, I6: the one way by which what people send comes past the gate. A person needs no grant, and the pause is theirs.
pub(crate) async fn admit(
    core: &Core,
    settings: &Tenant,
    personal: Personal<'_>,
    now: Moment,
) -> Result<Result<Admitted, NotAdmitted>, LedgerError> {
    let Personal {
        contact,
        number,
        cause,
        message,
        quoting,
        token,
    } = personal;
    let reach = match message {
        Outgoing::Template(_) => core.ledger.reach(&contact.tenant, contact.id, now).await?,
        _ => gate::Reach::default(),
    };
    let proposal = Proposal::Send {
        to: Recipient::Contact,
        from: None,
        message,
        quoting,
    };
    let stops = core.switches.of(&contact.tenant);
    let grants = Grants {
        interfaces: [Interface::Gate].into(),
        ..Grants::default()
    };
    let judgement = {
        let rates = core.rates();
        let scene = Scene {
            now,
            policy: &settings.policy,
            grants: &grants,
            contact,
            number,
            message: cause,
            purpose: Purpose::Person,
            sends_in_run: 0,
            effects_in_decision: 0,
            memory: gate::memory::Held::default(),
            stops: &stops,
            reach,
            plugin_sends: 0,
            rates: &rates,
            token,
        };
        gate::judge(&proposal, &scene)
    };
    let checks = judgement.checks;
    Ok(match judgement.verdict {
        Ok(Some(admitted)) => Ok(admitted),
        Ok(None) => Err(NotAdmitted {
            refusal: Refusal::Invalid {
                what: "it is no send".into(),
            },
            checks,
        }),
        Err(refusal) => Err(NotAdmitted { refusal, checks }),
    })
}

/// The contact that is meant; none if somebody is meant whom the tenant does not know.
async fn addressed(
    core: &Core,
    tenant: &TenantId,
    to: &Addressee,
) -> Result<Option<Contact>, NotSent> {
    let found = match to {
        Addressee::Contact(id) => {
            let found = core.ledger.contact(tenant, *id).await?;
            return found.map(Some).ok_or(NotSent::NoContact);
        }
        Addressee::Known(ContactKey::Phone(phone)) => core.ledger.contact_of(tenant, phone).await?,
        // A user id leads to its contact through `meet` alone.
        Addressee::Known(key) => {
            let id = core.ledger.meet(tenant, key, core.clock.now()).await?;
            core.ledger.contact(tenant, id).await?
        }
    };
    Ok(found)
}

/// What is in the outbox for this request already.
async fn first(core: &Core, id: &DecisionId) -> Result<Option<SendRecord>, LedgerError> {
    Ok(core.ledger.sends(id).await?.into_iter().next())
}

/// The first outcome, if the request is the same.
async fn same(
    core: &Core,
    record: SendRecord,
    sending: &Sending,
    contact: Option<&Contact>,
) -> Result<Sent, NotSent> {
    let outbound = &record.outbound;
    // Either may have been joined to the other since.
    let went_to = core
        .ledger
        .contact(&outbound.tenant, outbound.contact)
        .await?;
    let is_theirs = contact.map(|contact| contact.id) == went_to.map(|contact| contact.id);
    if !is_theirs || outbound.message != sending.message {
        return Err(NotSent::OtherSend);
    }
    Ok(Sent {
        record,
        is_repeated: true,
    })
}

/// No message caused it: it is its own cause.
fn cause(token: &SendToken) -> Wamid {
    #[expect(
        clippy::expect_used,
        reason = "a token of ours is 34 letters and digits, which any message id may be"
    )]
    Wamid::new(token.as_str()).expect("a message id within its limit")
}
