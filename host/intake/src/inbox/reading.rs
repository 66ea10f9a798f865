//! What a delivery brings: read, sorted by whose it is, and counted once it is durable.

use super::hand::{Held, Then};
use super::{Delivery, Pump};
use crate::numbers::Sorted;
use crate::payload::Parsed;
use crate::tally::Kinds;
use crate::{Answer, Door, Voucher, envelope};

impl Pump {
    /// Reads a delivery. Nothing if it is let go of: all of it is for numbers that somebody else vouches for (I13).
    pub(super) fn read(&self, voucher: &Voucher, delivery: Delivery) -> Option<Held> {
        let Delivery {
            receipt,
            id,
            body,
            receives,
        } = delivery;
        let (parsed, then) = match envelope::open(body.as_bytes(), self.accept.now()) {
            Ok(parsed) => (parsed, Then::Delete),
            Err(error) => {
                // The cause may quote the body: people see it with the notice, the log does not (I12).
                tracing::warn!(
                    %voucher,
                    id,
                    receives,
                    bytes = body.len(),
                    "a delivery cannot be read: it is kept as an unreadable notice with its cause, and left to the queue's redrive policy"
                );
                (
                    vec![Parsed::unreadable_body(body, error.to_string())],
                    Then::Leave,
                )
            }
        };
        let sorted = self.numbers.sort(parsed, voucher);
        if sorted.notices.is_empty() && sorted.foreign > 0 {
            self.tally.answered(Door::Sqs, Answer::Foreign);
            self.tell_of_foreign(voucher, &sorted);
            return None;
        }
        Some(Held::new(receipt, id, sorted, then))
    }

    /// Counts what became durable with a delivery, and what of it is not ours.
    pub(super) fn count(&self, voucher: &Voucher, held: &Held) {
        let sorted = &held.sorted;
        self.tally.answered(Door::Sqs, held.answer());
        self.tally.accepted(Kinds::of(&sorted.notices));
        self.tell_of_foreign(voucher, sorted);
        if let Some(number) = &sorted.unclaimed_number {
            self.tally.unclaimed(Door::Sqs, sorted.unclaimed);
            tracing::warn!(%number, notices = sorted.unclaimed, "kept aside: no tenant owns this number");
        }
    }

    fn tell_of_foreign(&self, voucher: &Voucher, sorted: &Sorted) {
        if let Some(number) = &sorted.foreign_number {
            self.tally.foreign(Door::Sqs, sorted.foreign);
            tracing::warn!(%number, %voucher, notices = sorted.foreign, "dropped: this number is not bound to who vouched for it");
        }
    }
}
