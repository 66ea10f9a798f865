//! What the judge sees of sends: when they leave, whether they may, what is known of them after that.

use ledger::{Arrived, Resolution};
use model::{
    Moment, NumberId, Outbound, Purpose, SendState, SendToken, Span, StopTarget, TenantId, Wamid,
};

use super::{Departed, Is, Judge, Overtaken, Sent, cause};
use crate::shop;

impl Judge {
    /// A send is marked in flight. What it seems to have overtaken has to be looked up.
    pub fn departed(&mut self, outbound: &Outbound, now: Moment) -> Vec<Overtaken> {
        let token = &outbound.token;
        let key = (outbound.tenant.clone(), token.clone());
        let Some(send) = self.sends.get_mut(&key) else {
            self.blame(format!("I3: {token} left, and no decision made it"));
            return Vec::new();
        };
        let mut blames = Vec::new();
        if !send.may_leave {
            blames.push(format!(
                "I11: {token} left again, and nobody knows whether it arrived"
            ));
        }
        if send.is_confirmed {
            blames.push(format!(
                "I11: {token} left again, and a status had confirmed it"
            ));
        }
        send.may_leave = false;
        send.is = Is::Flying;
        send.departures += 1;
        send.departed_at = now;
        let (ordinal, is_first) = (send.ordinal, send.departures == 1);
        self.departures.push(Departed {
            tenant: outbound.tenant.clone(),
            number: outbound.number.clone(),
            contact: outbound.contact,
            at: now,
            token: token.clone(),
            was_taken: false,
            by_a_steady_clock: !self.clock_was_set,
        });
        blames.extend(self.forbidden(outbound, now));
        let mut overtaken = Vec::new();
        let others = self.sends.values().filter(|other| {
            other.outbound.tenant == outbound.tenant
                && other.outbound.contact == outbound.contact
                && other.outbound.token != *token
        });
        for other in others {
            let what = &other.outbound.token;
            match other.is {
                Is::Flying => {
                    blames.push(format!("I4: {token} left while {what} was in flight"));
                }
                Is::Waiting if is_first && other.ordinal < ordinal => {
                    overtaken.push(Overtaken {
                        by: token.clone(),
                        what: what.clone(),
                        of: cause(&other.outbound),
                    });
                }
                Is::Unknown(since)
                    if is_first && other.ordinal < ordinal && since > now.minus(holds_back()) =>
                {
                    blames.push(format!(
                        "I4: {token} left right after {what}, whose outcome was unknown since {}",
                        since.0
                    ));
                }
                _ => {}
            }
        }
        self.violations.extend(blames);
        overtaken
    }

    /// What of consent, pause, window and switches forbids that this leaves now.
    fn forbidden(&self, outbound: &Outbound, now: Moment) -> Vec<String> {
        let token = &outbound.token;
        let mut blames = Vec::new();
        let group = self.group(&outbound.tenant, outbound.contact);
        let is_confirmation = outbound.purpose == Purpose::Confirmation;
        let is_silenced = group
            .iter()
            .any(|known| known.is_out || !known.stops.is_empty());
        if is_silenced && !is_confirmation {
            blames.push(format!("I6: {token} left after a stop was accepted"));
        }
        let is_paused = group.iter().any(|known| {
            let by_other = |by: &Option<Wamid>| by.as_ref() != Some(&outbound.cause);
            known
                .pause
                .as_ref()
                .is_some_and(|(until, by)| *until > now && by_other(by))
        });
        if is_paused && !is_confirmation && outbound.purpose != Purpose::Person {
            blames.push(format!(
                "I6: {token} left while a person had the conversation"
            ));
        }
        // A status may have told that two contacts are one person: then the window of either is open for both.
        let wrote = self
            .of_the_same(&outbound.tenant, outbound.contact)
            .filter_map(|known| known.windows.get(&outbound.number))
            .max();
        let closes = wrote.map(|wrote| wrote.plus(gate::limits::WINDOW).minus(shop::MARGIN));
        if closes.is_none_or(|closes| now >= closes) {
            blames.push(format!("I6: {token} left outside of a window"));
        }
        let stops = [
            StopTarget::Tenant,
            StopTarget::Number(outbound.number.clone()),
        ];
        for target in stops {
            if self
                .switches
                .contains(&(outbound.tenant.clone(), target.clone()))
            {
                blames.push(format!("I5: {token} left while {target} was stopped"));
            }
        }
        blames
    }

    /// The gate took a send back, or a switch did.
    pub fn is_over(&mut self, tenant: &TenantId, token: &SendToken) {
        if let Some(send) = self.sends.get_mut(&(tenant.clone(), token.clone())) {
            send.is = Is::Over;
        }
    }

    /// What the carrier said is recorded.
    pub fn arrived(
        &mut self,
        tenant: &TenantId,
        token: &SendToken,
        arrived: &Arrived,
        now: Moment,
    ) {
        let Some(send) = self.sends.get_mut(&(tenant.clone(), token.clone())) else {
            return self.blame(format!("I3: {token} came back, and no decision made it"));
        };
        if send.is != Is::Flying {
            return;
        }
        send.is = match arrived {
            _ if send.is_confirmed => Is::Over,
            Arrived::Again { .. } => {
                send.may_leave = true;
                Is::Waiting
            }
            Arrived::Unknown { .. } => Is::Unknown(now),
            _ => Is::Over,
        };
    }

    /// A host began: what was in flight is of unknown outcome, counted from now.
    pub fn recovered(&mut self, now: Moment) {
        for send in self.sends.values_mut() {
            match send.is {
                Is::Flying if send.is_confirmed => send.is = Is::Over,
                Is::Flying | Is::Unknown(_) => send.is = Is::Unknown(now),
                Is::Waiting | Is::Over => {}
            }
        }
    }

    /// An unknown outcome was resolved.
    pub fn resolved(
        &mut self,
        tenant: &TenantId,
        token: &SendToken,
        what: Resolution,
        now: Moment,
    ) {
        let Some(send) = self.sends.get(&(tenant.clone(), token.clone())) else {
            return self.blame(format!(
                "I11: {token} was resolved, and no decision made it"
            ));
        };
        if what != Resolution::Resend {
            // It waits for a person, and holds nothing back.
            self.is_over(tenant, token);
            return;
        }
        let mut blames = Vec::new();
        match send.is {
            Is::Unknown(since) if now.since(since) >= shop::UNSURE_AFTER => {}
            is => blames.push(format!(
                "I11: {token} is sent once more, and is {is:?} at {}",
                now.0
            )),
        }
        if send.is_confirmed || send.resends > 0 {
            blames.push(format!(
                "I11: {token} is sent once more, and was confirmed or sent again before"
            ));
        }
        let proves = |later: &Sent| {
            later.outbound.tenant == *tenant
                && later.outbound.number == send.outbound.number
                && later.departures == 1
                && later.is_confirmed
                && later.departed_at > send.departed_at
        };
        if !self.sends.values().any(proves) {
            blames.push(format!(
                "I11: {token} is sent once more, and no later send was confirmed"
            ));
        }
        if let Some(send) = self.sends.get_mut(&(tenant.clone(), token.clone())) {
            send.resends += 1;
            send.may_leave = true;
            send.is = Is::Waiting;
        }
        self.violations.extend(blames);
    }

    /// A request reached the network, which took it.
    pub fn taken(&mut self, outbound: &Outbound, on: (&TenantId, &NumberId)) {
        let token = &outbound.token;
        if (&outbound.tenant, &outbound.number) != on {
            self.blame(format!(
                "I13: {token} of {} left on {on:?}",
                outbound.tenant
            ));
        }
        let person = self.person(&outbound.tenant, outbound.contact);
        if shop::person_of(&outbound.to) != person {
            self.blame(format!(
                "I13: {token} is for person {person:?}, and went to {:?}",
                outbound.to
            ));
        }
        let Some(send) = self
            .sends
            .get_mut(&(outbound.tenant.clone(), token.clone()))
        else {
            return self.blame(format!("I5: the network took {token}, which nobody sent"));
        };
        send.taken += 1;
        let (taken, allowed) = (send.taken, 1 + send.resends);
        if taken > allowed {
            self.blame(format!(
                "I2: the network took {token} {taken} times, and {allowed} were allowed"
            ));
        }
        let last = self.departures.iter_mut().rev();
        if let Some(departed) = last.into_iter().find(|departed| departed.token == *token) {
            departed.was_taken = true;
        }
    }

    /// A request is under way, or no more.
    pub fn flies(&mut self, begins: bool) {
        self.flying_now = match begins {
            true => self.flying_now + 1,
            false => self.flying_now.saturating_sub(1),
        };
        if self.flying_now > engine::limits::DELIVERIES_AT_ONCE {
            self.blame(format!("I14: {} requests at once", self.flying_now));
        }
    }

    /// The process is gone, and all its requests with it.
    pub fn crashed(&mut self) {
        self.flying_now = 0;
    }

    /// A send's state at the end, as the judge expects it to be over.
    pub fn is_final(state: SendState) -> bool {
        !matches!(
            state,
            SendState::Ready | SendState::InFlight | SendState::Unknown
        )
    }
}

/// A send of unknown outcome holds back those behind it until a second try would have been made.
fn holds_back() -> Span {
    shop::UNSURE_AFTER.plus(engine::limits::SECOND_TRY)
}
