//! Which desk takes a conversation.

use sdk::Turn;

use crate::settings::{Settings, Shift};

/// What follows for a turn.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Choice<'a> {
    /// These desks, best first; none if the rule hands nothing over.
    Desks(Vec<&'a str>),
    /// Every desk is closed.
    Closed,
    /// The rule is for other taps than this message.
    NotMeant,
}

impl Settings {
    /// A tap decides; else the desk that last had the contact, if the rule is sticky and could choose it; else the first desk
    /// that is open.
    pub(crate) fn choose<'a>(&'a self, turn: &'a Turn) -> Choice<'a> {
        if !self.hands_over() {
            return Choice::Desks(Vec::new());
        }
        if let Some(desk) = turn.option().and_then(|option| self.menu.get(option)) {
            return Choice::Desks(vec![desk]);
        }
        let last = turn.contact.last_desk.as_deref();
        let last = last.filter(|desk| self.sticky && self.could_choose(desk, turn));
        let open = self.desks.iter().find(|shift| shift.is_open(turn));
        let open = open
            .map(|shift| shift.desk.as_str())
            .or(self.hand_to.as_deref());
        let mut desks: Vec<_> = last.into_iter().chain(open).collect();
        desks.dedup();
        if !desks.is_empty() {
            Choice::Desks(desks)
        } else if self.desks.is_empty() {
            Choice::NotMeant
        } else {
            Choice::Closed
        }
    }

    /// Whether this desk is among those that the rule names and open. A rule with one desk alone names it for newcomers: a
    /// contact whom another desk had goes back there.
    fn could_choose(&self, desk: &str, turn: &Turn) -> bool {
        let mut shifts = self.desks.iter().filter(|shift| shift.desk == desk);
        let has_one_desk = self.desks.is_empty() && self.menu.is_empty();
        has_one_desk
            || shifts.any(|shift| shift.is_open(turn))
            || self.menu.values().any(|named| named == desk)
            || self.hand_to.as_deref() == Some(desk)
    }
}

impl Shift {
    fn is_open(&self, turn: &Turn) -> bool {
        let hours = self.hours.as_deref();
        hours.is_none_or(|hours| turn.is_open(hours) == Some(true))
    }
}
