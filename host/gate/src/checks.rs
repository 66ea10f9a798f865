//! The checks that are made both when a send is proposed and when it leaves.

use model::{Check, Contact, Moment, NumberId, Purpose, Refusal, Wamid};

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
    pub(crate) fn consent(
        &mut self,
        contact: &Contact,
        purpose: Purpose,
        policy: &Policy,
    ) -> Result<(), Refusal> {
        let (saw, refusal) = if purpose == Purpose::Confirmation {
            ("the confirmation of an opt-out", None)
        } else if contact.stop_pending {
            // I6: accepted and not settled yet is as good as said.
            ("a stop was accepted", Some(Refusal::OptedOut))
        } else if contact.consent.everything.is_out() {
            ("opted out", Some(Refusal::OptedOut))
        } else if contact.consent.everything.is_in() {
            ("opted in", None)
        } else {
            match policy.opt_in {
                OptIn::Inbound => ("the contact wrote", None),
                OptIn::Explicit => ("no consent on record", Some(Refusal::NotOptedIn)),
            }
        };
        self.pass_unless("consent", saw, refusal)
    }

    /// No person has the conversation, or `message` is what handed it over. The confirmation of a stop passes.
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

    /// The contact wrote to this number within the window.
    pub(crate) fn window(
        &mut self,
        contact: &Contact,
        number: &NumberId,
        policy: &Policy,
        now: Moment,
    ) -> Result<(), Refusal> {
        // A template starts a conversation: that takes recorded consent, which a message from the contact is not.
        let closed = Refusal::WindowClosed {
            template_would_pass: contact.consent.everything.is_in(),
        };
        let Some(wrote) = contact.last_inbound.get(number) else {
            return self.pass_unless(
                "window",
                "the contact never wrote to this number",
                Some(closed),
            );
        };
        let closes = wrote.plus(limits::WINDOW).minus(policy.window_margin);
        let saw = format!("the contact wrote {} ago", now.since(*wrote));
        self.pass_unless("window", &saw, (now >= closes).then_some(closed))
    }

    /// Nothing is known of the recipient, so no window is open.
    pub(crate) fn no_window(&mut self) -> Result<(), Refusal> {
        self.pass_unless(
            "window",
            "not known for this recipient",
            Some(Refusal::WindowClosed {
                template_would_pass: false,
            }),
        )
    }
}
