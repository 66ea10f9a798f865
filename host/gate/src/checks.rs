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
            shadowed: false,
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
            shadowed: false,
        });
        refusal.map_or(Ok(()), Err)
    }

    /// The same, of a limit that may be a shadow: then it says what it would have refused, and lets it pass.
    pub(crate) fn pass_within(
        &mut self,
        name: &str,
        saw: &str,
        refusal: Option<Refusal>,
        shadow: bool,
    ) -> Result<(), Refusal> {
        let Some(refusal) = refusal.as_ref().filter(|_| shadow) else {
            return self.pass_unless(name, saw, refusal);
        };
        self.0.push(Check {
            name: name.into(),
            saw: format!(
                "{saw}: it would be refused ({}), but the limit is a shadow",
                refusal.word()
            ),
            passed: true,
            shadowed: true,
        });
        Ok(())
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
        if bid.sort() != Sort::Service {
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
    /// What is seen of consent, and what follows, the strictest first.
    ///
    /// Whoever opted out of everything is written to no more. Within the window, what answers in free form or is about something that
    /// the contact has with the business needs no more than their message, unless the tenant demands recorded consent; what
    /// advertises needs a yes on record and no refusal of it. Outside of the window a template starts a conversation, which takes a
    /// yes to everything. A code to log in with was asked for a moment ago, maybe by somebody who never wrote: it takes what any
    /// message of its kind takes, and no refusal of advertisements holds it back.
    fn consent(&self) -> (&'static str, Option<Refusal>) {
        let consent = &self.contact.consent;
        let sort = self.sort();
        if sort != Sort::Service && self.recipient == To::Another {
            return (
                "a template to somebody whose consent is not known here",
                Some(Refusal::NotOptedIn),
            );
        }
        // It answers a message: within the window, and by no advertisement.
        let confirms = match sort {
            Sort::Service => true,
            Sort::Utility | Sort::Authentication => self.window_is_open(),
            Sort::Marketing => false,
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
        if sort == Sort::Marketing {
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
        if sort != Sort::Service && !self.window_is_open() {
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

    pub(crate) fn window_is_open(&self) -> bool {
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

    /// What is sent, as consent and window tell it apart.
    pub(crate) fn sort(&self) -> Sort {
        match self.message {
            Outgoing::Template(template) => match template.category {
                TemplateCategory::Utility => Sort::Utility,
                TemplateCategory::Marketing => Sort::Marketing,
                TemplateCategory::Authentication => Sort::Authentication,
            },
            _ => Sort::Service,
        }
    }

    /// It reaches the contact outside of a window, which counts towards the messaging limit.
    pub(crate) fn reaches_out(&self) -> bool {
        self.sort() != Sort::Service && !self.window_is_open()
    }
}

/// What is sent: in free form within a window, or a template of some category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// In free form.
    Service,
    /// About something that the contact has with the business: an order, an appointment.
    Utility,
    /// It advertises.
    Marketing,
    /// A code to log in with.
    Authentication,
}
