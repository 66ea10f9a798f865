//! What the judge sees of arrivals: who is known, who said stop, who is being talked to by a person.

use ledger::{Acceptance, Arrival};
use model::{ContactKey, Content, DecisionId, Moment, NoticeBody};

use super::{Heard, Is, Judge};
use crate::shop;

impl Judge {
    /// A commit of what arrived, in its order.
    pub fn accepted(&mut self, arrivals: &[Arrival], acceptances: &[Acceptance], now: Moment) {
        if arrivals.len() != acceptances.len() {
            self.blame(format!(
                "I1: {} notices came, and {} were answered for",
                arrivals.len(),
                acceptances.len()
            ));
        }
        for (arrival, acceptance) in arrivals.iter().zip(acceptances) {
            self.accepted_one(arrival, acceptance, now);
        }
    }

    fn accepted_one(&mut self, arrival: &Arrival, acceptance: &Acceptance, now: Moment) {
        let notice = &arrival.notice;
        let tenant = &notice.tenant;
        match (&notice.body, acceptance) {
            (NoticeBody::Message(message), Acceptance::Queued(lane)) => {
                let id = DecisionId {
                    tenant: tenant.clone(),
                    number: notice.number.clone(),
                    message: message.id.clone(),
                };
                let Some(person) = shop::person_of(&message.from) else {
                    return self.blame(format!("nobody in this world is {:?}", message.from));
                };
                if lane.tenant != *tenant {
                    self.blame(format!(
                        "I13: {id:?} is in a lane of the tenant {}",
                        lane.tenant
                    ));
                }
                if matches!(message.from, ContactKey::Both(..)) {
                    self.united.insert((tenant.clone(), person));
                }
                let is_stop = is_stop(&message.content);
                let known = self.known(tenant, lane.contact, person);
                let whose = known.person;
                let place = known.lane.len();
                known.lane.push(id.clone());
                let window = known.windows.entry(notice.number.clone()).or_insert(now);
                *window = (*window).max(message.sent_at.min(now));
                if is_stop {
                    known.stops.insert(id.clone());
                }
                if whose != person {
                    self.blame(format!(
                        "I13: {id:?} of person {person} is in the lane of person {whose}"
                    ));
                }
                let heard = self.said.entry(id.clone()).or_default();
                if heard.accepted.replace((lane.contact, place)).is_some() {
                    self.blame(format!("I2: {id:?} was accepted twice"));
                }
            }
            (NoticeBody::Message(message), Acceptance::Known) => {
                let id = DecisionId {
                    tenant: tenant.clone(),
                    number: notice.number.clone(),
                    message: message.id.clone(),
                };
                let is_known = |heard: &Heard| heard.accepted.is_some();
                if !self.said.get(&id).is_some_and(is_known) {
                    self.blame(format!(
                        "I1: {id:?} counts as known, and never was accepted"
                    ));
                }
            }
            (NoticeBody::Status(status), Acceptance::Status { of: Some(token) }) => {
                let Some(send) = self.sends.get_mut(&(tenant.clone(), token.clone())) else {
                    return self.blame(format!(
                        "I13: a status of {tenant} moved {token}, no send of it"
                    ));
                };
                send.is_confirmed = true;
                send.is = Is::Over;
                if send.outbound.number != notice.number {
                    self.blame(format!(
                        "I13: a status of number {} moved {token}",
                        notice.number
                    ));
                } else if status.token.as_ref().is_some_and(|own| own != token) {
                    self.blame(format!("I11: a status with another token moved {token}"));
                }
            }
            (NoticeBody::Echo(echo), Acceptance::Changed(lane)) => {
                let Some(person) = shop::person_of(&echo.to) else {
                    return;
                };
                let until = echo.at.min(now).plus(shop::AGENT_PAUSE);
                for known in self.of_person_mut(tenant, lane.contact, person) {
                    known.pauses.insert(until);
                    if known.pause.as_ref().is_none_or(|(old, _)| *old < until) {
                        known.pause = Some((until, None));
                    }
                }
            }
            _ => {}
        }
    }
}

fn is_stop(content: &Content) -> bool {
    matches!(content, Content::Text { body } if body == "stop")
}
