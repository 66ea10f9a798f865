//! Proposals that send nothing: their grants, and their bounds.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is the answer"
)]

mod fine;

use fine::{Fine, NOW, wamid};
use model::{
    ConsentChange, ConsentScope, DeskName, Evidence, HandOver, Interface, MemoryScope, Permission,
    Proposal, Refusal, Span,
};

#[test]
fn what_sends_nothing_needs_its_interface_and_room_in_the_decision() {
    let evidence = Evidence {
        source: "message".into(),
        message: Some(wamid("wamid.question")),
        text: Some("yes".into()),
    };
    let rows = [
        (
            Proposal::Consent(ConsentChange {
                scope: ConsentScope::Marketing,
                opted_in: true,
                evidence,
                at: NOW,
            }),
            Interface::Consent,
        ),
        (
            Proposal::HandOver(HandOver {
                desk: DeskName::new("support").unwrap(),
                note: "a refund".into(),
            }),
            Interface::Desk,
        ),
        (
            Proposal::Pause {
                span: Span::from_hours(2),
            },
            Interface::Desk,
        ),
        (Proposal::Resume, Interface::Desk),
        (Proposal::Tag { tag: "vip".into() }, Interface::Desk),
        (Proposal::Untag { tag: "vip".into() }, Interface::Desk),
        (
            Proposal::Note {
                text: "asked twice".into(),
            },
            Interface::Desk,
        ),
        (memory_of(MemoryScope::Contact), Interface::Memory),
        (memory_of(MemoryScope::Shared), Interface::SharedMemory),
        (
            Proposal::Forget {
                scope: MemoryScope::Contact,
                key: "order".into(),
            },
            Interface::Memory,
        ),
        (
            Proposal::Forget {
                scope: MemoryScope::Shared,
                key: "order".into(),
            },
            Interface::SharedMemory,
        ),
    ];
    for (proposal, interface) in rows {
        // None of what holds back a send holds back these.
        let mut scene = Fine::changed(|f| {
            f.contact.consent.everything = Permission::In(NOW);
            f.contact.stop_pending = true;
        });
        scene.contact.last_inbound.clear();
        scene.grants.interfaces = [interface].into();
        assert!(
            matches!(scene.judge_proposal(&proposal).verdict, Ok(None)),
            "{proposal:?}"
        );
        scene.effects_in_decision = model::limits::EFFECTS_PER_DECISION;
        assert!(
            matches!(
                scene.judge_proposal(&proposal).verdict,
                Err(Refusal::QuotaExceeded { .. })
            ),
            "{proposal:?}"
        );
        scene.grants.interfaces = Interface::ALL
            .into_iter()
            .filter(|other| *other != interface)
            .collect();
        assert!(
            matches!(
                scene.judge_proposal(&proposal).verdict,
                Err(Refusal::NotGranted { .. })
            ),
            "{proposal:?}"
        );
    }
}

#[test]
fn memory_has_its_grant_by_scope_and_its_bounds() {
    let year = Span::from_hours(400 * 24);
    let remember = |key: &str, value: &str, until| Proposal::Remember {
        scope: MemoryScope::Contact,
        key: key.into(),
        value: value.into(),
        until,
    };
    let soon = NOW.plus(Span::from_millis(1));
    let fits = [
        remember("k", "", soon),
        remember(&"k".repeat(128), &"v".repeat(4096), NOW.plus(year)),
        Proposal::Forget {
            scope: MemoryScope::Shared,
            key: "k".repeat(128),
        },
    ];
    for proposal in fits {
        assert!(
            matches!(Fine::new().judge_proposal(&proposal).verdict, Ok(None)),
            "{proposal:?}"
        );
    }
    let wrong = [
        (remember("", "v", soon), "0 bytes"),
        (remember(&"k".repeat(129), "v", soon), "129 bytes"),
        (remember("k", &"é".repeat(2049), soon), "4098 bytes"),
        (remember("k", "v", NOW), "not in the future"),
        (
            remember("k", "v", NOW.plus(year).plus(Span::from_millis(1))),
            "400d 1ms",
        ),
        (
            Proposal::Forget {
                scope: MemoryScope::Contact,
                key: String::new(),
            },
            "0 bytes",
        ),
    ];
    for (proposal, expected) in wrong {
        let verdict = Fine::new().judge_proposal(&proposal).verdict;
        let Err(Refusal::Invalid { what }) = verdict else {
            panic!("{proposal:?}: {verdict:?}")
        };
        assert!(what.contains(expected), "{what}");
    }
}

#[test]
fn notes_and_tags_have_their_length() {
    let hand_over = |note: &str| {
        Proposal::HandOver(HandOver {
            desk: DeskName::new("support").unwrap(),
            note: note.into(),
        })
    };
    let note = |text: &str| Proposal::Note { text: text.into() };
    let tag = |tag: &str| Proposal::Tag { tag: tag.into() };
    let untag = |tag: &str| Proposal::Untag { tag: tag.into() };
    let verdict = |proposal: &Proposal| Fine::new().judge_proposal(proposal).verdict;
    let (most, long) = ("ã".repeat(2000), "ã".repeat(2001));
    let (longest_tag, long_tag) = ("é".repeat(100), "é".repeat(101));
    for fits in [
        hand_over(""),
        hand_over(&most),
        note(&most),
        tag(&longest_tag),
        untag(&longest_tag),
    ] {
        assert!(verdict(&fits).is_ok(), "{fits:?}");
    }
    for wrong in [
        hand_over(&long),
        note(&long),
        note(" "),
        tag(&long_tag),
        untag(&long_tag),
        tag(""),
        tag("two\nlines"),
    ] {
        assert!(
            matches!(verdict(&wrong), Err(Refusal::Invalid { .. })),
            "{wrong:?}"
        );
    }
}

fn memory_of(scope: MemoryScope) -> Proposal {
    Proposal::Remember {
        scope,
        key: "order".into(),
        value: "4711".into(),
        until: NOW.plus(Span::from_minutes(5)),
    }
}

#[test]
fn nobody_is_handed_to_a_desk_that_is_not_there_nor_silenced_for_ever() {
    let hand_over = |desk: &str| {
        Proposal::HandOver(HandOver {
            desk: DeskName::new(desk).unwrap(),
            note: String::new(),
        })
    };
    let pause = |span| Proposal::Pause { span };
    let year = Span::from_hours(366 * 24);
    let fine = || {
        let mut fine = Fine::new();
        fine.grants.interfaces = [Interface::Desk].into();
        fine
    };
    for proposal in [hand_over("support"), pause(year)] {
        assert!(
            matches!(fine().judge_proposal(&proposal).verdict, Ok(None)),
            "{proposal:?}"
        );
    }
    for (proposal, words) in [
        (hand_over("nowhere"), "there are night, sales, support"),
        (pause(year.plus(Span::from_millis(1))), "at most 366d"),
        (pause(Span::LONGEST), "at most 366d"),
    ] {
        match fine().judge_proposal(&proposal).verdict {
            Err(Refusal::Invalid { what }) => assert!(what.contains(words), "{what}"),
            other => panic!("{proposal:?}: {other:?}"),
        }
    }
}
