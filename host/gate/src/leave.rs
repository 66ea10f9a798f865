//! The checks on leaving, made again inside the transaction that marks a send in flight (I6).

use model::{Contact, Moment, Outbound, Purpose, Refusal, StopSwitch};

use crate::checks::{Bid, Checks, To};
use crate::{Policy, Rates, Reach, budgets, limits, stops};

/// What is known when a send is about to leave.
pub struct Leaving<'a> {
    /// The clock's time, not the attempt's.
    pub now: Moment,
    /// The tenant's policy as it is now.
    pub policy: &'a Policy,
    /// The contact as it is now.
    pub contact: &'a Contact,
    /// What is stopped with this tenant now.
    pub stops: &'a [StopSwitch],
    /// For a template: whom the tenant has reached outside of windows.
    pub reach: Reach,
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
    /// Not before then: a rate, the messaging limit, or a number that WhatsApp stopped.
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
/// ```compile_fail,E0451
/// fn forged(outbound: model::Outbound) -> gate::Pass {
///     gate::Pass { outbound, reaches_out: false }
/// }
/// ```
///
/// ```compile_fail,E0277
/// fn stored(pass: &gate::Pass) -> String {
///     serde_json::to_string(pass).unwrap()
/// }
/// ```
#[derive(Debug)]
pub struct Pass {
    outbound: Outbound,
    reaches_out: bool,
}

impl Pass {
    /// What may leave.
    #[must_use]
    pub fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    /// It reaches its contact outside of a service window: it counts towards the messaging limit.
    #[must_use]
    pub fn reaches_out(&self) -> bool {
        self.reaches_out
    }
}

/// Judges a send that is due, and spends its rates if it goes. What may have changed since it was admitted is judged again, in the
/// order in which it was; what makes it wait comes last, so that nothing waits that will never go.
///
/// Not judged again: the grant, the recipient and the content, which are what they were; the loop breaker, which is about the turn and
/// not about its sends; and the budgets of the run and of the plugin, which were drawn on for good as the decision settled.
#[must_use]
pub fn release(outbound: Outbound, leaving: &Leaving<'_>, rates: &mut Rates) -> Release {
    let Leaving {
        now,
        policy,
        contact,
        stops,
        reach,
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
    if let Err(refusal) = judge(&outbound, &bid, stops, reach) {
        return Release::Cancel(refusal);
    }
    if !policy.lets_leave(&outbound.number) {
        return Release::Withhold;
    }
    if stops::is_waiting(&outbound.number, &outbound.message, stops) {
        return Release::Wait(now.plus(limits::STOP_LOOKED_AT));
    }
    rates.reach(now);
    let pace = policy.pace_of(&outbound.number);
    let rate_opens = rates.opens(&outbound.number, pace, outbound.contact, now);
    let opens = budgets::tier_waits(&bid, reach).map_or(rate_opens, |opens| opens.max(rate_opens));
    if opens > now {
        return Release::Wait(opens);
    }
    rates.note(&outbound.number, pace, outbound.contact, now);
    let reaches_out = bid.reaches_out();
    Release::Go(Pass {
        outbound,
        reaches_out,
    })
}

fn judge(
    outbound: &Outbound,
    bid: &Bid<'_>,
    stops: &[StopSwitch],
    reach: Reach,
) -> Result<(), Refusal> {
    let Bid {
        contact,
        number,
        message,
        purpose,
        policy,
        now,
        ..
    } = *bid;
    let mut checks = Checks::default();
    checks.number(number, policy)?;
    checks.stops_for_good(number, message, stops)?;
    checks.consent(bid)?;
    checks.pause(contact, purpose, &outbound.cause, now)?;
    checks.window(bid)?;
    // Decision 14 of the design. What a person sends is theirs to take back.
    if purpose == Purpose::Reply && now.since(outbound.decided_at) > policy.answer_within {
        return Err(Refusal::TooLate);
    }
    checks.contact_budget_on_leaving(contact, purpose, policy, now)?;
    checks.tier(bid, reach)
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
