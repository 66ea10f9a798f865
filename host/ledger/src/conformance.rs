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
mod between;
mod counting;
mod departing;
mod drafting;
mod joining;
mod keeping;
mod learning;
mod moving;
mod notices;
mod people;
mod persons;
mod reaching;
mod reading;
mod redriving;
mod remembering;
mod reopening;
mod settling;
mod shop;
mod stopping;
mod switching;
mod telling;
mod timing;
mod uniting;
mod unsure;

use std::sync::Arc;

pub use arriving::*;
pub use between::*;
pub use counting::*;
pub use departing::*;
pub use drafting::*;
pub use joining::*;
pub use keeping::*;
pub use learning::*;
pub use moving::*;
pub use people::*;
pub use persons::*;
pub use reaching::*;
pub use reading::*;
pub use redriving::*;
pub use remembering::*;
pub use reopening::*;
pub use settling::*;
pub use stopping::*;
pub use switching::*;
pub use telling::*;
pub use timing::*;
pub use uniting::*;
pub use unsure::*;

use crate::Ledger;

/// One test's store. It is empty when it is opened first; opened again, it holds what was written before.
pub trait Make: Send + Sync {
    /// Opens it. Every ledger it gave before has been dropped.
    fn open(&self) -> impl Future<Output = Arc<dyn Ledger>> + Send;
}

/// Whatever a case did: nothing in the ledger contradicts itself, and all consent is chained.
pub async fn is_sound(ledger: &Arc<dyn Ledger>) {
    let checked = ledger.check().await.unwrap();
    // Some cases write what a contact allowed without an entry that proves it: they are about something else.
    let findings = checked.findings.iter();
    let found: Vec<_> = findings.filter(|found| found.kind != "unproven").collect();
    assert!(
        found.is_empty(),
        "what a check finds after the case: {found:?}"
    );
    assert_eq!(checked.unverifiable, 0);
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
            i13_each_tenant_rule_and_period_has_a_count_of_its_own
            i03_a_settle_that_finds_a_count_full_writes_nothing
            i02_a_message_that_is_settled_again_counts_once
            i03_of_many_that_count_at_once_no_more_than_the_most_are_done
            a_count_stands_for_a_while_after_its_period
            a_count_past_a_lowered_limit_is_full
            i03_a_plugin_sends_no_more_than_its_budget
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
            a_send_that_waits_for_a_day_holds_back_nobody
            numbers_take_turns_and_those_that_rest_are_stepped_over
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
            i11_one_unsure_send_is_shown_with_its_evidence
            i11_a_person_has_it_sent_again_however_often_it_was
            i11_what_a_person_gave_up_is_not_sent_again
            i11_a_status_proves_what_was_given_up_after_it_had_left
            lanes_are_listed_page_by_page
            a_lane_is_listed_until_its_last_message_is_done
            decisions_are_listed_newest_and_then_onwards
            a_contacts_newest_decision_is_found
            a_contact_is_found_by_its_phone
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
            a_preference_is_about_marketing_alone_and_is_logged
            an_older_preference_never_undoes_a_newer_one
            i02_a_preference_has_effect_once
            what_tells_of_a_contact_makes_the_attempt_in_course_run_again
            an_echo_of_a_person_silences_the_bot_until_its_time
            an_echo_of_our_own_send_silences_nobody
            an_echo_that_overtakes_the_carriers_reply_silences_nobody
            a_call_opens_the_window_of_its_number
            what_is_said_in_a_group_or_by_whatsapp_opens_no_window
            what_was_kept_is_listed_newest_first_and_by_name
            i14_what_was_kept_is_listed_as_far_as_it_fits
            a_status_teaches_what_the_contact_lacks
            a_status_of_anothers_send_joins_whom_it_names
            a_status_that_proves_two_contacts_one_joins_them
            a_status_about_somebody_else_teaches_nothing
            a_status_that_says_marketing_was_stopped_is_an_opt_out
            a_status_of_an_unknown_word_changes_nothing
            a_new_number_moves_the_contact_and_frees_the_old_one
            a_new_user_id_moves_the_contact
            a_stranger_who_moved_is_known_by_the_new_number
            sends_that_wait_follow_the_contact_to_the_new_number
            a_phone_that_comes_with_another_user_id_changed_hands
            i13_sends_do_not_follow_a_phone_that_changed_hands
            the_phone_that_was_last_written_from_is_the_one_shown
            a_move_to_a_known_number_or_user_id_joins_the_two
            i06_a_stop_by_the_new_number_cancels_what_was_meant_for_the_old
            i04_a_join_waits_until_both_lanes_have_come_to_it
            i04_what_comes_after_a_join_stands_behind_it_in_one_lane
            i04_no_settle_overtakes_a_join
            i02_two_contacts_are_joined_once
            lanes_that_wait_for_a_join_are_listed
            joins_that_follow_each_other_all_run
            the_one_that_remained_may_join_another
            i13_a_join_is_its_tenants_own
            of_what_two_allowed_the_stricter_holds
            a_join_keeps_what_is_known_of_both
            whoever_asks_for_the_one_that_joined_gets_the_other
            a_join_keeps_notes_consent_and_hand_offs_in_their_order
            a_join_keeps_the_newer_of_two_that_remember_the_same_key
            sends_of_both_keep_their_order_in_one_lane
            i06_after_a_join_the_no_of_either_holds_for_the_sends_of_both
            i06_a_stop_marks_the_contacts_that_are_to_join_as_well
            i06_a_stop_that_waits_in_either_lane_holds_for_both
            i06_what_either_forbids_is_read_of_both
            i06_a_settle_takes_over_nothing_of_the_other
            a_preference_between_holds_for_both
            until_they_are_joined_both_are_answered_by_the_key_of_both
            sends_that_wait_follow_the_contact_into_the_join
            a_join_makes_the_attempt_in_course_run_again
            drafts_are_listed_onwards_by_desk_and_state
            a_draft_is_sent_behind_what_waits_already
            i02_of_all_who_decide_on_a_draft_at_once_one_does
            a_draft_that_was_dropped_is_never_sent
            i06_a_stop_after_a_person_sent_it_cancels_a_draft
            i13_a_draft_is_its_tenants_own
            a_join_moves_drafts
            an_erased_contact_leaves_nothing
            whoever_comes_back_after_an_erasure_is_somebody_new
            i06_whoever_opted_out_comes_back_opted_out
            i06_a_stop_that_waits_outlives_its_contact
            an_attempt_in_course_of_an_erased_contact_is_out_of_turn
            what_arrives_after_an_erasure_changes_nothing
            erasing_one_of_two_that_are_one_erases_both
            no_place_in_an_order_is_given_again
            i13_an_erasure_is_its_tenants_own
            all_that_is_stored_about_a_person_is_exported
            what_is_past_its_time_goes_class_by_class
            what_waits_is_never_past_its_time
            i14_retention_goes_in_bounded_portions
            a_send_that_is_refused_for_a_stop_of_marketing_is_an_opt_out
            a_switch_stands_as_it_was_thrown_until_it_is_lifted
            i06_a_switch_between_settle_and_departure_is_seen
            what_waits_on_a_number_may_leave_when_its_switch_is_lifted
            i13_a_switch_is_its_tenants_own
            a_contact_reached_outside_of_windows_counts_once
            what_does_not_leave_reaches_nobody
            who_was_reached_counts_for_24_hours
            a_template_is_judged_with_whom_the_tenant_reached
            two_that_were_reached_and_prove_to_be_one_count_as_one
            i13_whom_a_tenant_reached_is_its_own
            whoever_is_met_is_known_and_has_said_nothing
            a_key_that_proves_two_contacts_one_joins_them
            contacts_are_listed_page_by_page
            contacts_are_found_by_name_or_part_of_their_phone
            contacts_that_joined_another_are_not_listed
            contacts_are_listed_by_what_they_and_people_forbid
            i06_a_pause_by_a_person_between_settle_and_departure_cancels
            i06_an_opt_out_by_a_person_between_settle_and_departure_cancels
            of_consent_only_news_is_recorded
            i06_consent_that_comes_between_holds_for_both
            i02_of_one_token_one_send_is_stored
            what_a_person_sends_stands_behind_what_waits_and_counts
            what_a_person_sends_follows_its_contact
            i13_what_people_do_is_their_tenants_own
            i02_a_dead_letter_is_taken_up_once
            i04_a_dead_letter_that_is_taken_up_stands_last
            a_dead_letter_that_is_taken_up_gets_a_decision_of_its_own
            i06_a_stop_that_is_taken_up_marks_its_contact_again
            a_dead_letter_of_one_that_joins_another_is_taken_up_by_the_other
            i13_a_dead_letter_is_taken_up_by_its_tenant_alone
            a_pause_ends_at_its_time
            a_timer_follows_from_the_pause_as_it_stands
            of_two_that_are_being_joined_the_later_pause_ends_last
            i13_a_pause_ends_for_its_tenants_contact_alone
        }
        $crate::conformance_cases! { @made $make;
            i01_what_was_accepted_is_there_when_the_store_is_opened_again
            i02_a_duplicate_is_known_when_the_store_is_opened_again
            i03_what_settled_is_there_when_the_store_is_opened_again
            i11_what_was_in_flight_is_unknown_when_the_store_is_opened_again
            i04_a_join_that_waits_is_there_when_the_store_is_opened_again
            drafts_are_there_when_the_store_is_opened_again
            an_erasure_holds_when_the_store_is_opened_again
            switches_are_there_when_the_store_is_opened_again
            whom_a_tenant_reached_is_there_when_the_store_is_opened_again
            a_dead_letter_that_was_taken_up_waits_when_the_store_is_opened_again
            timers_are_there_when_the_store_is_opened_again
            i04_i06_people_who_write_by_several_keys_are_one_contact_each
        }
    };
    (@opened $make:expr; $($name:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let make = $make;
            let ledger = $crate::conformance::Make::open(&make).await;
            $crate::conformance::$name(::std::sync::Arc::clone(&ledger)).await;
            $crate::conformance::is_sound(&ledger).await;
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
            include_str!("conformance/between.rs"),
            include_str!("conformance/counting.rs"),
            include_str!("conformance/departing.rs"),
            include_str!("conformance/drafting.rs"),
            include_str!("conformance/joining.rs"),
            include_str!("conformance/keeping.rs"),
            include_str!("conformance/learning.rs"),
            include_str!("conformance/moving.rs"),
            include_str!("conformance/people.rs"),
            include_str!("conformance/persons.rs"),
            include_str!("conformance/reaching.rs"),
            include_str!("conformance/reading.rs"),
            include_str!("conformance/redriving.rs"),
            include_str!("conformance/remembering.rs"),
            include_str!("conformance/reopening.rs"),
            include_str!("conformance/settling.rs"),
            include_str!("conformance/stopping.rs"),
            include_str!("conformance/switching.rs"),
            include_str!("conformance/telling.rs"),
            include_str!("conformance/timing.rs"),
            include_str!("conformance/uniting.rs"),
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
