//! What may be kept in memory: by whom, how much, how long.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is the answer"
)]

mod fine;

use fine::Fine;
use gate::memory::{Held, recall};
use model::{Entry, Interface, MemoryScope, Proposal, Quota, Refusal, Span};

fn remember(fine: &Fine, scope: MemoryScope, key: &str, entry: Entry) -> Result<(), Refusal> {
    let proposal = Proposal::Remember {
        scope,
        key: key.into(),
        value: entry.value,
        until: entry.until,
    };
    fine.judge_proposal(&proposal).verdict.map(|admitted| {
        assert!(admitted.is_none(), "nothing leaves");
    })
}

fn for_an_hour(fine: &Fine, value: &str) -> Entry {
    Entry {
        value: value.into(),
        until: fine.now.plus(Span::from_hours(1)),
    }
}

#[test]
fn i07_each_memory_is_a_grant_of_its_own() {
    for (scope, needed, other) in [
        (
            MemoryScope::Contact,
            Interface::Memory,
            Interface::SharedMemory,
        ),
        (
            MemoryScope::Shared,
            Interface::SharedMemory,
            Interface::Memory,
        ),
    ] {
        let mut fine = Fine::new();
        fine.grants.interfaces = [other].into();
        let refused = |outcome: Result<(), Refusal>| match outcome {
            Err(Refusal::NotGranted { what }) => assert!(what.contains(needed.name()), "{what}"),
            other => panic!("{other:?}"),
        };
        let entry = for_an_hour(&fine, "x");
        refused(remember(&fine, scope, "step", entry.clone()));
        refused(recall(&fine.grants, scope, "step"));
        let forget = Proposal::Forget {
            scope,
            key: "step".into(),
        };
        refused(fine.judge_proposal(&forget).verdict.map(drop));
        fine.grants.interfaces = [needed].into();
        assert_eq!(remember(&fine, scope, "step", entry), Ok(()));
        assert_eq!(recall(&fine.grants, scope, "step"), Ok(()));
        assert!(fine.judge_proposal(&forget).verdict.is_ok());
    }
}

#[test]
fn what_could_not_be_kept_cannot_be_looked_for() {
    let fine = Fine::new();
    for scope in [MemoryScope::Contact, MemoryScope::Shared] {
        assert_eq!(recall(&fine.grants, scope, &"k".repeat(128)), Ok(()));
        for key in [String::new(), "k".repeat(129)] {
            match recall(&fine.grants, scope, &key) {
                Err(Refusal::Invalid { what }) => {
                    assert!(what.contains(&format!("{} bytes", key.len())), "{what}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn i14_a_full_memory_takes_no_further_key_but_lets_its_own_be_overwritten() {
    let mut fine = Fine::new();
    for (scope, most) in [(MemoryScope::Contact, 64), (MemoryScope::Shared, 1024)] {
        for (keys, is_there, fits) in [
            (0, false, true),
            (most - 1, false, true),
            (most, false, false),
            (most, true, true),
        ] {
            fine.memory = Held { keys, is_there };
            let outcome = remember(&fine, scope, "k", for_an_hour(&fine, "x"));
            let expected = if fits {
                Ok(())
            } else {
                Err(Refusal::QuotaExceeded {
                    which: Quota::Memory,
                })
            };
            assert_eq!(outcome, expected, "{scope:?} {keys} {is_there}");
        }
    }
}
