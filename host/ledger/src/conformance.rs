//! The conformance suite: what every ledger does, case by case, whatever it is made of.
//!
//! An implementation says how its store is opened ([`Make`]) and adds one line to a file of its tests:
//! `ledger::conformance::cases!(MyStore::new());`. Each case becomes a test of its own, on a store of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "this is test code that lives in a library, so that other crates can run it"
)]

mod arriving;
mod departing;
mod reading;
mod remembering;
mod reopening;
mod settling;
mod shop;
mod stopping;
mod unsure;

use std::sync::Arc;

pub use arriving::*;
pub use departing::*;
pub use reading::*;
pub use remembering::*;
pub use reopening::*;
pub use settling::*;
pub use stopping::*;
pub use unsure::*;

use crate::Ledger;

/// One test's store. It is empty when it is opened first; opened again, it holds what was written before.
pub trait Make: Send + Sync {
    /// Opens it. Every ledger it gave before has been dropped.
    fn open(&self) -> impl Future<Output = Arc<dyn Ledger>> + Send;
}

#[doc(inline)]
pub use crate::conformance_cases as cases;

/// Makes a test of each case. Takes an expression that makes a [`Make`](crate::conformance::Make); needs tokio in the tests.
#[macro_export]
macro_rules! conformance_cases {
    ($make:expr) => {
        $crate::conformance_cases! { @opened $make;
            i02_a_duplicate_in_one_batch_has_no_effect
            i02_a_duplicate_that_comes_later_has_no_effect
            i02_sixteen_copies_at_once_are_one_message
            i02_a_message_is_known_for_two_weeks
            i02_a_status_has_effect_once
            i02_other_notices_are_kept_once
            i02_the_same_id_on_two_numbers_is_two_messages
            i02_the_same_id_of_two_tenants_is_two_messages
            i04_messages_of_one_contact_stand_in_the_order_of_acceptance
            a_contact_is_found_by_phone_and_then_by_user_id_alone
            a_contact_known_by_user_id_alone_gains_a_phone
            a_contact_keeps_the_name_they_gave_last
            each_number_has_a_window_that_a_late_message_does_not_shorten
            a_clock_that_runs_ahead_does_not_lengthen_a_window
            i03_a_settle_that_lost_the_version_writes_nothing
            i03_a_settle_that_is_done_writes_everything
            i03_a_settle_that_fails_writes_nothing
            i03_of_settles_at_once_one_is_done
            i04_settle_demands_the_predecessor
            i04_a_message_settles_once
            a_further_message_leaves_the_version_alone
            a_settle_counts_the_version_on
            a_settle_leaves_alone_what_is_the_ledgers_own
            what_was_written_before_the_last_message_is_the_settlements_to_say
            ending_a_pause_is_seen_by_the_attempt_in_course
            i13_memory_is_seen_by_its_tenant_plugin_and_contact_alone
            a_key_holds_what_was_written_last_until_it_is_forgotten
            what_memory_keeps_is_forgotten_at_its_time
            i03_of_two_that_count_in_one_shared_key_the_later_runs_again
            i03_a_shared_key_that_was_forgotten_and_written_again_is_another
            i03_a_shared_key_that_was_not_looked_at_is_not_overwritten
            shared_keys_that_differ_do_not_wait_for_each_other
            i14_a_contacts_keys_are_bounded
            i14_a_tenants_shared_keys_are_bounded
            i14_the_oldest_notes_make_room
            notes_are_shown_with_the_contacts_hand_offs
            i06_a_stop_marks_the_contact_as_it_is_accepted
            i06_the_stops_settle_clears_the_mark
            i06_the_mark_stays_while_a_later_stop_waits
            i06_the_settle_of_another_message_keeps_the_mark
            i06_a_stop_between_settle_and_departure_cancels
            i06_an_opt_out_between_settle_and_departure_cancels
            i06_a_pause_between_settle_and_departure_cancels
            i06_the_confirmation_leaves_although_the_contact_is_out
            i05_of_departures_at_once_one_goes
            what_is_not_ready_is_gone_and_not_judged
            each_contacts_first_send_is_due_and_their_next_when_it_has_arrived
            a_send_in_flight_holds_back_the_contacts_later_ones
            a_send_of_unknown_outcome_holds_back_the_next_for_a_while
            a_send_that_waits_is_due_at_its_time_and_not_before
            a_dry_run_withholds
            what_arrived_is_recorded
            a_send_that_was_not_taken_leaves_again_at_its_time
            i11_what_a_carrier_says_never_undoes_a_status
            i11_what_was_in_flight_is_unknown_counted_from_now
            i11_a_status_with_our_token_settles_whatever_is_unsure
            i11_a_status_takes_back_a_resend_that_has_not_left
            a_status_with_a_known_id_alone_finds_its_send
            a_late_status_never_moves_a_send_back
            a_failed_status_says_why
            i13_a_status_on_another_number_or_tenant_touches_nothing
            i11_a_later_send_confirms_only_by_its_status_on_the_same_number
            i11_an_unsure_send_is_sent_again_once_and_then_held
            i11_a_resolution_that_comes_after_a_status_does_nothing
            unsure_sends_are_listed_oldest_first
            lanes_are_listed_page_by_page
            a_lane_is_listed_until_its_last_message_is_done
            decisions_are_listed_newest_and_then_onwards
            a_decision_is_found_with_its_message
            sends_are_found_by_the_message_that_led_to_them
            sends_from_another_number_are_found_by_their_message_too
            the_outbox_is_listed_newest_first_and_by_state
            hand_offs_are_listed_onwards
            dead_letters_are_listed_newest_first
            consent_is_logged_in_order
            departures_are_listed_from_a_time_on
            counts_follow_what_happens
            i13_nothing_of_one_tenant_is_readable_as_another
        }
        $crate::conformance_cases! { @made $make;
            i01_what_was_accepted_is_there_when_the_store_is_opened_again
            i02_a_duplicate_is_known_when_the_store_is_opened_again
            i03_what_settled_is_there_when_the_store_is_opened_again
            i11_what_was_in_flight_is_unknown_when_the_store_is_opened_again
        }
    };
    (@opened $make:expr; $($name:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let make = $make;
            let ledger = $crate::conformance::Make::open(&make).await;
            $crate::conformance::$name(ledger).await;
        }
    )*};
    (@made $make:expr; $($name:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let make = $make;
            $crate::conformance::$name(&make).await;
        }
    )*};
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_case_is_on_the_list() {
        let list = include_str!("conformance.rs");
        let files = [
            include_str!("conformance/arriving.rs"),
            include_str!("conformance/departing.rs"),
            include_str!("conformance/reading.rs"),
            include_str!("conformance/remembering.rs"),
            include_str!("conformance/reopening.rs"),
            include_str!("conformance/settling.rs"),
            include_str!("conformance/stopping.rs"),
            include_str!("conformance/unsure.rs"),
        ];
        for line in files.iter().flat_map(|file| file.lines()) {
            if let Some((name, _)) = line
                .strip_prefix("pub async fn ")
                .and_then(|rest| rest.split_once('('))
            {
                assert!(
                    list.lines().any(|listed| listed.trim() == name),
                    "{name} is not in `cases!`"
                );
            }
        }
    }
}
