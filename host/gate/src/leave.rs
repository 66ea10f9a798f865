//! The checks on leaving, made again inside the transaction that marks a send in flight (I6).

use model::{Contact, Mode, Moment, Outbound, Refusal};

use crate::checks::{Bid, Checks, To};
use crate::{Policy, Rates};

/// What is known when a send is about to leave.
pub struct Leaving<'a> {
    /// The clock's time, not the attempt's.
    pub now: Moment,
    /// The tenant's policy as it is now.
    pub policy: &'a Policy,
    /// The contact as it is now.
    pub contact: &'a Contact,
}

/// What becomes of a send that is due.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "one at a time, and taken apart at once: a box would be paid for with every send"
)]
pub enum Release {
    /// It leaves, with this.
    Go(Pass),
    /// Not before then: a rate.
    Wait(Moment),
    /// Dry run: it stays.
    Withhold,
    /// It may not leave any more.
    Cancel(Refusal),
}

/// The right to hand one send to a carrier, once. Neither `Clone` nor `Serialize`: a carrier consumes it (I5).
///
/// ```compile_fail,E0599
/// fn twice(pass: gate::Pass) -> (gate::Pass, gate::Pass) {
///     (pass.clone(), pass)
/// }
/// ```
///
/// ```compile_fail,E0423
/// fn forged(outbound: model::Outbound) -> gate::Pass {
///     gate::Pass(outbound)
/// }
/// ```
///
/// ```compile_fail,E0277
/// fn stored(pass: &gate::Pass) -> String {
///     serde_json::to_string(pass).unwrap()
/// }
/// ```
#[derive(Debug)]
pub struct Pass(Outbound);

impl Pass {
    /// What may leave.
    #[must_use]
    pub fn outbound(&self) -> &Outbound {
        &self.0
    }
}

/// Judges a send that is due, and spends its rates if it goes. Nothing is taken for granted from when it was admitted.
#[must_use]
pub fn release(outbound: Outbound, leaving: &Leaving<'_>, rates: &mut Rates) -> Release {
    let Leaving {
        now,
        policy,
        contact,
    } = *leaving;
    let bid = Bid {
        contact,
        recipient: recipient(&outbound, contact),
        number: &outbound.number,
        message: &outbound.message,
        purpose: outbound.purpose,
        policy,
        now,
    };
    let mut checks = Checks::default();
    let judged = checks
        .number(&outbound.number, policy)
        .and_then(|()| checks.consent(&bid))
        .and_then(|()| checks.pause(contact, outbound.purpose, &outbound.cause, now))
        .and_then(|()| checks.window(&bid));
    if let Err(refusal) = judged {
        return Release::Cancel(refusal);
    }
    if policy.mode == Mode::DryRun && !policy.simulated.contains(&outbound.number) {
        return Release::Withhold;
    }
    let opens = rates.opens(&outbound.number, outbound.contact, now);
    if opens > now {
        return Release::Wait(opens);
    }
    rates.note(&outbound.number, outbound.contact, now);
    Release::Go(Pass(outbound))
}

/// Whether the send goes to this contact, whose key may have gained an alias since.
fn recipient(outbound: &Outbound, contact: &Contact) -> To {
    let phone = outbound
        .to
        .phone()
        .is_some_and(|phone| contact.key.phone() == Some(phone));
    let user = outbound
        .to
        .user()
        .is_some_and(|user| contact.key.user() == Some(user));
    if phone || user {
        To::Contact
    } else {
        To::Another
    }
}
