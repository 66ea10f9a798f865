//! How much is too much: the loop breaker, the budgets of a run, a plugin and a contact, and the messaging limit.

use model::{Contact, Grants, Moment, Purpose, Quota, Refusal};

use crate::checks::{Bid, Checks};
use crate::{Bound, Policy, Reach, limits, tempo};

impl Checks {
    /// No two machines talk to each other. People are believed to be none, and so is whoever opts out.
    pub(crate) fn loops(&mut self, bid: &Bid<'_>) -> Result<(), Refusal> {
        if bid.purpose != Purpose::Reply {
            self.note("loop", "no automatic turn");
            return Ok(());
        }
        let breaker = &bid.policy.bounds.loops;
        let (saw, suspects) = breaker.suspects(&bid.contact.tempo, bid.now);
        let refusal = suspects.then_some(Refusal::LoopSuspected);
        self.pass_within("loop", &saw, refusal, breaker.shadow)
    }

    /// The run has sends left.
    pub(crate) fn run_budget(&mut self, sends: usize) -> Result<(), Refusal> {
        let most = limits::SENDS_PER_RUN;
        let saw = format!("{sends} of {most} sends of this run");
        let which = Quota::Run;
        let refusal = (sends >= most).then_some(Refusal::QuotaExceeded { which });
        self.pass_unless("quota", &saw, refusal)
    }

    /// The plugin has sends left, if an operator bounded them.
    pub(crate) fn plugin_budget(&mut self, grants: &Grants, sends: u32) -> Result<(), Refusal> {
        let Some(most) = grants.hourly_sends else {
            return Ok(());
        };
        let saw = format!("{sends} of {most} sends of this plugin in this hour");
        let which = Quota::Plugin;
        let refusal = (sends >= most).then_some(Refusal::QuotaExceeded { which });
        self.pass_unless("plugin", &saw, refusal)
    }

    /// The contact is not flooded. A person's sends count, and are not held back: they know what they do; nor is the one
    /// confirmation.
    pub(crate) fn contact_budget(
        &mut self,
        contact: &Contact,
        purpose: Purpose,
        policy: &Policy,
        now: Moment,
    ) -> Result<(), Refusal> {
        let Bound { most, shadow } = policy.bounds.contact_hourly;
        let sends = tempo::sends_within_the_hour(&contact.tempo, now);
        let is_full = purpose == Purpose::Reply && sends >= most;
        self.hourly(sends, most, is_full, shadow)
    }

    /// The same on leaving, where the send has been counted itself.
    pub(crate) fn contact_budget_on_leaving(
        &mut self,
        contact: &Contact,
        purpose: Purpose,
        policy: &Policy,
        now: Moment,
    ) -> Result<(), Refusal> {
        let Bound { most, shadow } = policy.bounds.contact_hourly;
        let sends = tempo::sends_within_the_hour(&contact.tempo, now);
        let is_past = purpose == Purpose::Reply && sends > most;
        self.hourly(sends, most, is_past, shadow)
    }

    fn hourly(&mut self, sends: u32, most: u32, full: bool, shadow: bool) -> Result<(), Refusal> {
        let saw = format!("{sends} of {most} sends to this contact within the hour");
        let which = Quota::ContactHour;
        let refusal = full.then_some(Refusal::QuotaExceeded { which });
        self.pass_within("contact", &saw, refusal, shadow)
    }

    /// The messaging limit has room for one more contact outside of windows, or soon will: then it waits.
    pub(crate) fn tier(&mut self, bid: &Bid<'_>, reach: Reach) -> Result<(), Refusal> {
        let Some(Bound { most, shadow }) = bid.policy.bounds.tier.filter(|_| bid.reaches_out())
        else {
            return Ok(());
        };
        let room = Room::of(most, reach);
        let among = match room {
            Room::IsOne => ", and this is one of them",
            _ => "",
        };
        let saw = format!(
            "{} of {most} contacts reached outside of windows within {}{among}",
            reach.contacts,
            limits::TIER_SPAN
        );
        let bearable = bid.now.plus(bid.policy.bearable_wait);
        let passes = match room {
            Room::IsOne | Room::Left => true,
            Room::Opens(at) => at <= bearable,
            Room::Full => false,
        };
        let which = Quota::Tier;
        let refusal = (!passes).then_some(Refusal::QuotaExceeded { which });
        self.pass_within("tier", &saw, refusal, shadow)
    }
}

/// Until when the messaging limit makes a send wait that passed [`Checks::tier`]; nothing if it does not.
pub(crate) fn tier_waits(bid: &Bid<'_>, reach: Reach) -> Option<Moment> {
    let Bound { most, shadow } = bid.policy.bounds.tier?;
    match Room::of(most, reach) {
        Room::Opens(at) if bid.reaches_out() && !shadow => Some(at),
        _ => None,
    }
}

/// What the messaging limit leaves to a contact.
enum Room {
    /// They were reached already.
    IsOne,
    /// There is some.
    Left,
    /// From then on there is.
    Opens(Moment),
    /// There is none, and nobody knows until when: the limit was lowered beneath what was reached already, say.
    Full,
}

impl Room {
    fn of(most: u32, reach: Reach) -> Self {
        if reach.includes_this {
            return Self::IsOne;
        }
        match reach.opens {
            _ if reach.contacts < most => Self::Left,
            Some(at) if reach.contacts == most => Self::Opens(at),
            _ => Self::Full,
        }
    }
}
