//! The checks that are made both when a send is proposed and when it leaves.

use model::{
    Check, Contact, Moment, NumberId, Outgoing, Purpose, Refusal, TemplateCategory, Wamid,
};

use crate::{OptIn, Policy, limits};

/// The checks made so far, in order.
#[derive(Default)]
pub(crate) struct Checks(pub(crate) Vec<Check>);

impl Checks {
    /// A check that cannot refuse.
    pub(crate) fn note(&mut self, name: &str, saw: &str) {
        self.0.push(Check {
            name: name.into(),
            saw: saw.into(),
            passed: true,
        });
    }

    /// A check that refuses if there is a refusal.
    pub(crate) fn pass_unless(
        &mut self,
        name: &str,
        saw: &str,
        refusal: Option<Refusal>,
    ) -> Result<(), Refusal> {
        self.0.push(Check {
            name: name.into(),
            saw: saw.into(),
            passed: refusal.is_none(),
        });
        refusal.map_or(Ok(()), Err)
    }

    /// The sending number is the tenant's.
    pub(crate) fn number(&mut self, number: &NumberId, policy: &Policy) -> Result<(), Refusal> {
        let listed = policy.numbers.contains(number);
        self.pass_unless(
            "allowlist",
            number.as_str(),
            (!listed).then_some(Refusal::NotAllowlisted),
        )
    }

    /// The contact did not say stop, and said yes where that is demanded. The confirmation of a stop passes.
    pub(crate) fn consent(&mut self, bid: &Bid<'_>) -> Result<(), Refusal> {
        let (saw, refusal) = bid.consent();
        self.pass_unless("consent", saw, refusal)
    }

    /// No person has the conversation, or `message` is what handed it over. The confirmation of a stop passes, and what a person
    /// of ours sends: the pause is there for them to talk in.
    pub(crate) fn pause(
        &mut self,
        contact: &Contact,
        purpose: Purpose,
        message: &Wamid,
        now: Moment,
    ) -> Result<(), Refusal> {
        let Some(pause) = contact.pause.as_ref().filter(|pause| pause.until > now) else {
            self.note("pause", "no person has the conversation");
            return Ok(());
        };
        if purpose == Purpose::Person {
            self.note(
                "pause",
                "a person has the conversation, and a person of ours sends this",
            );
            return Ok(());
        }
        if purpose == Purpose::Confirmation || pause.by.as_ref() == Some(message) {
            self.note("pause", "a person has the conversation, and this belongs to handing it over or to an opt-out");
            return Ok(());
        }
        self.pass_unless(
            "pause",
            "a person has the conversation",
            Some(Refusal::Paused { until: pause.until }),
        )
    }

    /// The contact wrote to this number within the window, or it is a template, which needs none.
    pub(crate) fn window(&mut self, bid: &Bid<'_>) -> Result<(), Refusal> {
        if bid.template().is_some() {
            self.note("window", "a template, which needs none");
            return Ok(());
        }
        let closed = Refusal::WindowClosed {
            template_would_pass: bid.template_would_pass(),
        };
        if bid.recipient == To::Another {
            return self.pass_unless("window", "not known for this recipient", Some(closed));
        }
        let saw = match bid.contact.last_inbound.get(bid.number) {
            Some(wrote) => format!("the contact wrote {} ago", bid.now.since(*wrote)),
            None => "the contact never wrote to this number".to_owned(),
        };
        self.pass_unless("window", &saw, (!bid.window_is_open()).then_some(closed))
    }
}

/// To whom, seen from the contact whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum To {
    /// The contact.
    Contact,
    /// Somebody else, of whose windows and consent nothing is known here.
    Another,
}

/// A send as consent and window see it.
pub(crate) struct Bid<'a> {
    pub(crate) contact: &'a Contact,
    pub(crate) recipient: To,
    pub(crate) number: &'a NumberId,
    pub(crate) message: &'a Outgoing,
    pub(crate) purpose: Purpose,
    pub(crate) policy: &'a Policy,
    pub(crate) now: Moment,
}

impl Bid<'_> {
    /// What is seen of consent, and what follows.
    fn consent(&self) -> (&'static str, Option<Refusal>) {
        let consent = &self.contact.consent;
        let template = self.template();
        if template.is_some() && self.recipient == To::Another {
            return (
                "a template to somebody whose consent is not known here",
                Some(Refusal::NotOptedIn),
            );
        }
        // It answers a message: within the window, and by no advertisement.
        let confirms = match template {
            None => true,
            Some(category) => category != TemplateCategory::Marketing && self.window_is_open(),
        };
        if self.purpose == Purpose::Confirmation && confirms {
            return ("the confirmation of an opt-out", None);
        }
        if self.contact.stop_pending {
            // I6: accepted and not settled yet is as good as said.
            return ("a stop was accepted", Some(Refusal::OptedOut));
        }
        if consent.everything.is_out() {
            return ("opted out", Some(Refusal::OptedOut));
        }
        if template == Some(TemplateCategory::Marketing) {
            if consent.marketing.is_out() {
                return ("opted out of marketing", Some(Refusal::OptedOut));
            }
            if !consent.marketing.is_in() && !consent.everything.is_in() {
                return (
                    "marketing, and no consent on record",
                    Some(Refusal::NotOptedIn),
                );
            }
        }
        if consent.everything.is_in() {
            return ("opted in", None);
        }
        if template.is_some() && !self.window_is_open() {
            return (
                "a template outside of the window, and no consent on record",
                Some(Refusal::NotOptedIn),
            );
        }
        match self.policy.opt_in {
            OptIn::Inbound => ("the contact wrote", None),
            OptIn::Explicit => ("no consent on record", Some(Refusal::NotOptedIn)),
        }
    }

    fn window_is_open(&self) -> bool {
        let wrote = self.contact.last_inbound.get(self.number);
        self.recipient == To::Contact
            && wrote.is_some_and(|wrote| {
                self.now < wrote.plus(limits::WINDOW).minus(self.policy.window_margin)
            })
    }

    /// Whether a template that does not advertise would pass where this was told that the window is closed: that takes
    /// recorded consent, which a message from the contact is not.
    fn template_would_pass(&self) -> bool {
        self.recipient == To::Contact
            && self.contact.consent.everything.is_in()
            && !self.contact.stop_pending
    }

    /// Of which category, if it is one.
    fn template(&self) -> Option<TemplateCategory> {
        match self.message {
            Outgoing::Template(template) => Some(template.category),
            _ => None,
        }
    }
}
