//! Whatever happens in whatever order, no send gets a pass that should not have one. The judge here is the record of what
//! left, kept and read without the gate's own arithmetic.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "in a test, a panic is the answer"
)]

mod fine;

use std::cell::Cell;
use std::collections::BTreeMap;

use fine::{Fine, NOW, contact, number, template, text, wamid};
use gate::{Admitted, OptIn, Release};
use model::{
    Frame, Link, Location, Mode, Moment, NumberId, Outgoing, Pause, Permission, Purpose, Span,
    TemplateCategory,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

const CONTACTS: u64 = 3;

/// What a bot may send, as far as the gate makes a difference, and one of each sort that it should treat like a text.
#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    Text,
    Link,
    Place,
    Reaction,
    Template(TemplateCategory),
}

impl What {
    fn message(self) -> Outgoing {
        match self {
            Self::Text => text("Até as 18:00."),
            Self::Link => Outgoing::Link(Link {
                body: "Your order".into(),
                label: "Track it".into(),
                url: "https://shop.example".into(),
                frame: Frame::default(),
            }),
            Self::Place => Outgoing::Location(Location {
                latitude: -23.55,
                longitude: -46.63,
                name: None,
                address: None,
            }),
            Self::Reaction => Outgoing::Reaction {
                message: wamid("wamid.question"),
                emoji: "👍".into(),
            },
            Self::Template(category) => template(category),
        }
    }
}

fn what() -> impl Strategy<Value = What> {
    use TemplateCategory::{Authentication, Marketing, Utility};
    prop_oneof![
        3 => Just(What::Text),
        1 => Just(What::Link),
        1 => Just(What::Place),
        1 => Just(What::Reaction),
        2 => Just(What::Template(Utility)),
        2 => Just(What::Template(Marketing)),
        1 => Just(What::Template(Authentication)),
    ]
}

/// What can happen to a tenant.
#[derive(Debug, Clone)]
enum Step {
    Writes {
        contact: u64,
        number: u64,
    },
    BotProposes {
        contact: u64,
        number: u64,
        count: usize,
        what: What,
    },
    DueLeave,
    StopAccepted {
        contact: u64,
    },
    StopSettled {
        contact: u64,
    },
    OptsIn {
        contact: u64,
    },
    Marketing {
        contact: u64,
        wanted: bool,
    },
    HandsOver {
        contact: u64,
        hours: u64,
    },
    Resumes {
        contact: u64,
    },
    Time {
        milliseconds: u64,
    },
    Reload {
        margin_min: u64,
        explicit: bool,
        dry: bool,
        simulated: bool,
        both_numbers: bool,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let contact = 1..=CONTACTS;
    let number = 1..=2_u64;
    let time = prop_oneof![
        4 => 0..40_u64,
        4 => 500..15_000_u64,
        2 => 60_000..3_600_000_u64,
        2 => 3_600_000..90_000_000_u64,
        1 => 90_000_000..600_000_000_u64,
    ];
    let reload = (0..120_u64, any::<[bool; 3]>(), prop::bool::weighted(0.8));
    let step = prop_oneof![
        4 => (contact.clone(), number.clone()).prop_map(|(contact, number)| Step::Writes { contact, number }),
        6 => (contact.clone(), number, prop_oneof![1..4_usize, 40..70_usize], what())
            .prop_map(|(contact, number, count, what)| Step::BotProposes { contact, number, count, what }),
        8 => Just(Step::DueLeave),
        1 => contact.clone().prop_map(|contact| Step::StopAccepted { contact }),
        1 => contact.clone().prop_map(|contact| Step::StopSettled { contact }),
        1 => contact.clone().prop_map(|contact| Step::OptsIn { contact }),
        1 => (contact.clone(), any::<bool>()).prop_map(|(contact, wanted)| Step::Marketing { contact, wanted }),
        1 => (contact.clone(), 1..48_u64).prop_map(|(contact, hours)| Step::HandsOver { contact, hours }),
        1 => contact.prop_map(|contact| Step::Resumes { contact }),
        6 => time.prop_map(|milliseconds| Step::Time { milliseconds }),
        1 => reload.prop_map(|(margin_min, [explicit, dry, simulated], both_numbers)| Step::Reload {
            margin_min, explicit: explicit && dry, dry, simulated, both_numbers,
        }),
    ];
    prop::collection::vec(step, 1..60)
}

/// One pass, with what was true as it was given.
#[derive(Debug)]
struct Left {
    at: Moment,
    number: NumberId,
    contact: u64,
    what: Outgoing,
    confirmation: bool,
    opted_out: bool,
    opted_in: bool,
    marketing: Permission,
    consent_demanded: bool,
    held_by_another: bool,
    wrote: Option<Moment>,
    margin: Span,
    listed: bool,
    delivers: bool,
}

/// How often each thing came of a due send: a test that never gets anywhere proves nothing.
#[derive(Debug, Default)]
struct Seen(BTreeMap<String, u64>);

struct World {
    scene: Fine,
    contacts: BTreeMap<u64, model::Contact>,
    queue: Vec<Admitted>,
    messages: u64,
    left: Vec<Left>,
}

impl Left {
    /// Of which category, if it is a template.
    fn template(&self) -> Option<TemplateCategory> {
        match &self.what {
            Outgoing::Template(template) => Some(template.category),
            _ => None,
        }
    }

    fn is_within_the_window(&self) -> bool {
        let closes = self
            .wrote
            .map(|wrote| wrote.0 + 24 * 3_600_000 - self.margin.milliseconds());
        closes.is_some_and(|closes| self.at.0 < closes)
    }
}

impl World {
    fn after(steps: &[Step], seen: &mut Seen) -> Vec<Left> {
        let contacts = (1..=CONTACTS).map(|id| (id, contact(id))).collect();
        let mut scene = Fine::new();
        scene.policy.bearable_wait = Span::from_minutes(5);
        let mut world = Self {
            scene,
            contacts,
            queue: Vec::new(),
            messages: 0,
            left: Vec::new(),
        };
        for step in steps {
            world.take(step, seen);
        }
        world.left
    }

    fn take(&mut self, step: &Step, seen: &mut Seen) {
        let now = self.scene.now;
        match *step {
            Step::Writes {
                contact,
                number: to,
            } => drop(self.contact(contact).last_inbound.insert(number(to), now)),
            Step::BotProposes {
                contact,
                number,
                count,
                what,
            } => {
                self.scene.outgoing = what.message();
                self.propose(contact, number, count, Purpose::Reply);
            }
            Step::DueLeave => self.leave(seen),
            Step::StopAccepted { contact } => {
                let contact = self.contact(contact);
                contact.stop_pending = true;
                contact.last_inbound.insert(number(1), now);
            }
            Step::StopSettled { contact } => {
                if self.contact(contact).stop_pending {
                    self.contact(contact).consent.everything = Permission::Out(now);
                    self.contact(contact).stop_pending = false;
                    self.scene.outgoing = What::Text.message();
                    self.propose(contact, 1, 1, Purpose::Confirmation);
                }
            }
            Step::OptsIn { contact } => {
                self.contact(contact).consent.everything = Permission::In(now);
            }
            Step::Marketing { contact, wanted } => {
                let said = if wanted {
                    Permission::In(now)
                } else {
                    Permission::Out(now)
                };
                self.contact(contact).consent.marketing = said;
            }
            Step::HandsOver { contact, hours } => {
                // It says so: the last answer before the pause is that decision's own.
                self.scene.outgoing = What::Text.message();
                self.propose(contact, 1, 1, Purpose::Reply);
                let by = Some(self.scene.message.clone());
                self.contact(contact).pause = Some(Pause {
                    until: now.plus(Span::from_hours(hours)),
                    by,
                });
            }
            Step::Resumes { contact } => self.contact(contact).pause = None,
            Step::Time { milliseconds } => {
                self.scene.now = now.plus(Span::from_millis(milliseconds));
            }
            Step::Reload {
                margin_min,
                explicit,
                dry,
                simulated,
                both_numbers,
            } => {
                let policy = &mut self.scene.policy;
                policy.window_margin = Span::from_minutes(margin_min);
                policy.opt_in = if explicit {
                    OptIn::Explicit
                } else {
                    OptIn::Inbound
                };
                policy.mode = if dry { Mode::DryRun } else { Mode::Live };
                policy.simulated = simulated.then(|| number(1)).into_iter().collect();
                policy.numbers = (1..=1 + u64::from(both_numbers)).map(number).collect();
            }
        }
    }

    fn contact(&mut self, id: u64) -> &mut model::Contact {
        self.contacts
            .get_mut(&id)
            .expect("the steps name contacts that are there")
    }

    /// One decision proposes so many sends, each in a run of its own; what is admitted is queued.
    fn propose(&mut self, contact: u64, from: u64, count: usize, purpose: Purpose) {
        self.messages += 1;
        self.scene.message = wamid(&format!("wamid.{}", self.messages));
        self.scene.contact = self.contact(contact).clone();
        self.scene.number = number(from);
        self.scene.purpose = purpose;
        for _ in 0..count {
            self.queue.extend(self.scene.judge().verdict.ok().flatten());
        }
    }

    /// Everything due is tried, as a dispatcher does.
    fn leave(&mut self, seen: &mut Seen) {
        for admitted in std::mem::take(&mut self.queue) {
            let outbound = admitted.outbound();
            let contact = self.contact(outbound.contact.0).clone();
            self.scene.contact = contact.clone();
            let release = self.scene.release(&admitted);
            *seen.0.entry(word(&release)).or_default() += 1;
            match release {
                Release::Go(_) => self.left.push(self.record(outbound, &contact)),
                Release::Wait(until) => {
                    assert!(until > self.scene.now, "it waits for what is past");
                    self.queue.push(admitted);
                }
                Release::Withhold | Release::Cancel(_) => {}
            }
        }
    }

    fn record(&self, outbound: &model::Outbound, contact: &model::Contact) -> Left {
        let (now, policy) = (self.scene.now, &self.scene.policy);
        let pause = contact.pause.as_ref().filter(|pause| pause.until > now);
        Left {
            at: now,
            number: outbound.number.clone(),
            contact: contact.id.0,
            what: outbound.message.clone(),
            marketing: contact.consent.marketing,
            confirmation: outbound.purpose == Purpose::Confirmation,
            opted_out: contact.stop_pending
                || matches!(contact.consent.everything, Permission::Out(_)),
            opted_in: matches!(contact.consent.everything, Permission::In(_)),
            consent_demanded: policy.opt_in == OptIn::Explicit,
            held_by_another: pause.is_some_and(|pause| pause.by.as_ref() != Some(&outbound.cause)),
            wrote: contact.last_inbound.get(&outbound.number).copied(),
            margin: policy.window_margin,
            listed: policy.numbers.contains(&outbound.number),
            delivers: policy.mode == Mode::Live || policy.simulated.contains(&outbound.number),
        }
    }
}

fn word(release: &Release) -> String {
    match release {
        Release::Go(_) => "go".into(),
        Release::Wait(_) => "wait".into(),
        Release::Withhold => "withhold".into(),
        Release::Cancel(refusal) => refusal.word().into(),
    }
}

/// Runs random histories and holds each to `check`; each of `must_occur` must have occurred.
fn always(must_occur: &[&str], check: impl Fn(&[Left]) -> Result<(), TestCaseError>) {
    let config = Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    };
    let seen = std::cell::RefCell::new(Seen::default());
    let outcome = TestRunner::new(config).run(&steps(), |steps| {
        let left = World::after(&steps, &mut seen.borrow_mut());
        check(&left)
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    let seen = seen.into_inner();
    for outcome in must_occur {
        assert!(
            seen.0.contains_key(*outcome),
            "no send ever came to {outcome}: {seen:?}"
        );
    }
}

#[test]
fn i06_nobody_who_said_stop_is_written_to_but_for_the_confirmation() {
    always(&["go", "opted-out"], |left| {
        for send in left {
            prop_assert!(send.confirmation || !send.opted_out, "{:?}", send);
            prop_assert!(
                send.confirmation || send.opted_in || !send.consent_demanded,
                "{:?}",
                send
            );
        }
        Ok(())
    });
}

#[test]
fn i06_nothing_interrupts_a_person_but_what_handed_over() {
    always(&["go", "paused"], |left| {
        for send in left {
            prop_assert!(send.confirmation || !send.held_by_another, "{:?}", send);
        }
        Ok(())
    });
}

#[test]
fn i06_nothing_but_a_template_leaves_outside_of_the_window() {
    let templates = Cell::new(0);
    always(&["go", "window-closed", "not-opted-in"], |left| {
        for send in left.iter().filter(|send| !send.is_within_the_window()) {
            // It starts a conversation: that takes a yes on record.
            prop_assert!(send.template().is_some() && send.opted_in, "{:?}", send);
            templates.set(templates.get() + 1);
        }
        Ok(())
    });
    assert!(
        templates.get() > 0,
        "no template ever started a conversation"
    );
}

#[test]
fn i06_nothing_advertises_to_who_did_not_ask_for_it() {
    let advertised = Cell::new(0);
    always(&["go", "opted-out", "not-opted-in"], |left| {
        let advertising = Some(TemplateCategory::Marketing);
        for send in left.iter().filter(|send| send.template() == advertising) {
            prop_assert!(!matches!(send.marketing, Permission::Out(_)), "{:?}", send);
            let asked = send.opted_in || matches!(send.marketing, Permission::In(_));
            prop_assert!(asked && !send.opted_out, "{:?}", send);
            advertised.set(advertised.get() + 1);
        }
        Ok(())
    });
    assert!(advertised.get() > 0, "nothing ever advertised");
}

#[test]
fn i05_nothing_leaves_from_a_number_that_is_not_listed_or_in_dry_run() {
    always(&["go", "withhold", "not-allowlisted"], |left| {
        for send in left {
            prop_assert!(send.listed && send.delivers, "{:?}", send);
        }
        Ok(())
    });
}

#[test]
fn i05_one_contact_gets_45_at_once_and_one_more_each_6_s() {
    let most_at_once = Cell::new(0);
    always(&["go", "wait"], |left| {
        for (place, last) in left.iter().enumerate() {
            let to_them = left[..=place]
                .iter()
                .filter(|send| (&send.number, send.contact) == (&last.number, last.contact));
            let times: Vec<i64> = to_them.map(|send| send.at.0).collect();
            for (begin, from) in times.iter().enumerate() {
                let (count, took) = (times.len() - begin, last.at.0 - from);
                let earned = usize::try_from(took / 6000).unwrap();
                prop_assert!(count <= 45 + earned, "{} in {} ms", count, took);
                if took == 0 {
                    most_at_once.set(most_at_once.get().max(count));
                }
            }
        }
        Ok(())
    });
    assert_eq!(most_at_once.get(), 45, "the limit was never reached");
}

#[test]
fn i05_a_number_sends_no_more_than_80_in_any_second() {
    let most = Cell::new(0);
    always(&["go", "wait"], |left| {
        for (place, last) in left.iter().enumerate() {
            let second = |send: &&Left| send.number == last.number && send.at.0 > last.at.0 - 1000;
            let count = left[..=place].iter().filter(second).count();
            let at = last.at.0 - NOW.0;
            prop_assert!(count <= 80, "{} within the second up to {}", count, at);
            most.set(most.get().max(count));
        }
        Ok(())
    });
    assert_eq!(most.get(), 80, "the limit was never reached");
}
