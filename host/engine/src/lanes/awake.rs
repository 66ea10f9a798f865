//! Who is awake: bounded in all and for each tenant, so that a flood of one tenant's leaves room for the others. What finds no room
//! waits in the ledger.

use std::collections::{BTreeMap, HashMap, VecDeque};

use ledger::Lane;
use model::TenantId;

use crate::limits;

/// Why a lane is woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// One message was accepted. Each message has its own such call, after it was accepted.
    Message,
    /// There is something in the ledger, who knows how much.
    Something,
}

/// The lanes that are awake.
#[derive(Debug, Default)]
pub(super) struct Awake {
    lanes: HashMap<Lane, State>,
    tenants: BTreeMap<TenantId, usize>,
    /// Tenants of whom lanes were left in the ledger for want of room, the next to be taken up first.
    behind: VecDeque<TenantId>,
}

#[derive(Debug)]
struct State {
    /// Messages that are to come, by the calls that woke it; nothing if nobody knows, and the ledger has to be asked.
    to_come: Option<u64>,
    /// Woken since it last looked.
    again: bool,
}

impl Awake {
    pub(super) fn len(&self) -> usize {
        self.lanes.len()
    }

    /// True if the lane was asleep and there is room for it.
    pub(super) fn rouse(&mut self, lane: &Lane, why: Why) -> bool {
        if let Some(state) = self.lanes.get_mut(lane) {
            state.again = true;
            state.to_come = match why {
                Why::Message => state.to_come.map(|messages| messages + 1),
                Why::Something => None,
            };
            return false;
        }
        if !self.has_room(&lane.tenant) {
            self.leave_behind(&lane.tenant);
            return false;
        }
        let to_come = match why {
            Why::Message if !self.behind.contains(&lane.tenant) => Some(1),
            _ => None,
        };
        let again = false;
        self.lanes.insert(lane.clone(), State { to_come, again });
        *self.tenants.entry(lane.tenant.clone()).or_default() += 1;
        true
    }

    pub(super) fn has_room(&self, tenant: &TenantId) -> bool {
        self.lanes.len() < limits::LANES_AWAKE && self.of(tenant) < limits::LANES_AWAKE_OF_TENANT
    }

    fn of(&self, tenant: &TenantId) -> usize {
        self.tenants.get(tenant).copied().unwrap_or(0)
    }

    /// The tenant has lanes in the ledger that found no room.
    pub(super) fn leave_behind(&mut self, tenant: &TenantId) {
        if !self.behind.contains(tenant) {
            self.behind.push_back(tenant.clone());
        }
    }

    /// A tenant whose lanes can be taken up again, if half of what there is room for is free.
    pub(super) fn catches_up(&mut self) -> Option<TenantId> {
        if self.lanes.len() > limits::LANES_AWAKE / 2 {
            return None;
        }
        let has_room = |tenant: &TenantId| self.of(tenant) <= limits::LANES_AWAKE_OF_TENANT / 2;
        let place = self.behind.iter().position(has_room)?;
        self.behind.remove(place)
    }

    /// The lane is about to look into the ledger.
    pub(super) fn looks(&mut self, lane: &Lane) {
        if let Some(state) = self.lanes.get_mut(lane) {
            state.again = false;
        }
    }

    /// The lane found nothing. True if it may sleep: nothing came in since it looked.
    pub(super) fn sleeps(&mut self, lane: &Lane) -> bool {
        if self.lanes.get(lane).is_some_and(|state| state.again) {
            return false;
        }
        self.put_to_sleep(lane);
        true
    }

    /// A message is done. True if it was the last that the lane was woken for, and it may sleep without another look.
    pub(super) fn is_through(&mut self, lane: &Lane) -> bool {
        let Some(State { to_come, .. }) = self.lanes.get_mut(lane) else {
            return true;
        };
        *to_come = to_come.map(|messages| messages.saturating_sub(1));
        if *to_come != Some(0) {
            return false;
        }
        self.put_to_sleep(lane);
        true
    }

    /// Something was not as the lane thought: it asks the ledger until there is nothing left.
    pub(super) fn has_lost_count(&mut self, lane: &Lane) {
        if let Some(state) = self.lanes.get_mut(lane) {
            state.to_come = None;
        }
    }

    pub(super) fn put_to_sleep(&mut self, lane: &Lane) {
        if self.lanes.remove(lane).is_none() {
            return;
        }
        if let Some(count) = self.tenants.get_mut(&lane.tenant) {
            *count -= 1;
            if *count == 0 {
                self.tenants.remove(&lane.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use model::ContactId;

    use super::*;

    fn lane(tenant: &str, contact: u64) -> Lane {
        Lane {
            tenant: TenantId::new(tenant).unwrap(),
            contact: ContactId(contact),
        }
    }

    fn flooded() -> Awake {
        let mut awake = Awake::default();
        for contact in 0..limits::LANES_AWAKE as u64 {
            awake.rouse(&lane("flood", contact), Why::Message);
        }
        awake
    }

    #[test]
    fn i14_a_flood_of_one_tenant_leaves_room_for_the_lanes_of_others() {
        let mut awake = flooded();
        assert_eq!(awake.len(), limits::LANES_AWAKE_OF_TENANT);
        assert!(awake.rouse(&lane("quiet", 1), Why::Message));
    }

    #[test]
    fn what_was_left_behind_is_taken_up_when_half_of_the_room_is_free() {
        let mut awake = flooded();
        assert_eq!(awake.catches_up(), None);
        for contact in 0..limits::LANES_AWAKE_OF_TENANT as u64 / 2 {
            awake.put_to_sleep(&lane("flood", contact));
        }
        assert_eq!(awake.catches_up(), Some(lane("flood", 0).tenant));
        assert_eq!(awake.catches_up(), None, "once");
    }

    #[test]
    fn a_lane_sleeps_without_another_look_after_the_message_that_woke_it() {
        let mut awake = Awake::default();
        let lane = lane("shop", 1);
        assert!(awake.rouse(&lane, Why::Message));
        assert!(awake.is_through(&lane));
        assert_eq!(awake.len(), 0);
    }

    #[test]
    fn i03_a_lane_looks_again_as_long_as_it_was_woken_more_often_than_it_worked() {
        let mut awake = Awake::default();
        let lane = lane("shop", 1);
        awake.rouse(&lane, Why::Message);
        assert!(!awake.rouse(&lane, Why::Message));
        assert!(!awake.is_through(&lane));
        awake.looks(&lane);
        assert!(awake.is_through(&lane));
    }

    #[test]
    fn i03_a_lane_that_nobody_counted_asks_until_there_is_nothing() {
        let mut awake = Awake::default();
        let lane = lane("shop", 1);
        awake.rouse(&lane, Why::Something);
        assert!(!awake.is_through(&lane));
        awake.looks(&lane);
        awake.rouse(&lane, Why::Message);
        assert!(!awake.sleeps(&lane), "something came while it looked");
        awake.looks(&lane);
        assert!(awake.sleeps(&lane));
    }

    #[test]
    fn i03_a_lane_of_a_tenant_that_is_behind_may_have_more_than_what_woke_it() {
        let mut awake = flooded();
        awake.put_to_sleep(&lane("flood", 0));
        let late = lane("flood", 1_000_000);
        assert!(awake.rouse(&late, Why::Message));
        assert!(!awake.is_through(&late));
    }
}
