//! Purpose, category, consent and window: every combination, against what the facts about WhatsApp and the law of consent say in
//! plain words.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "in a test, a panic is the answer"
)]

mod fine;

use fine::{Fine, NOW, number, template, text};
use gate::OptIn;
use model::{Permission, Purpose, Span, TemplateCategory};

/// One combination.
#[derive(Debug, Clone, Copy)]
struct Case {
    purpose: Purpose,
    /// None: in free form.
    category: Option<TemplateCategory>,
    everything: Permission,
    marketing: Permission,
    stop_pending: bool,
    demanded: OptIn,
    window_is_open: bool,
}

fn cases() -> Vec<Case> {
    use Permission::{In, Out, Unasked};
    use TemplateCategory::{Authentication, Marketing, Utility};
    let permissions = [Unasked, In(NOW), Out(NOW)];
    let mut cases = Vec::new();
    for purpose in [Purpose::Reply, Purpose::Confirmation, Purpose::Person] {
        for category in [None, Some(Utility), Some(Marketing), Some(Authentication)] {
            for everything in permissions {
                for marketing in permissions {
                    for bits in 0..8 {
                        cases.push(Case {
                            purpose,
                            category,
                            everything,
                            marketing,
                            stop_pending: bits & 1 != 0,
                            demanded: if bits & 2 != 0 {
                                OptIn::Explicit
                            } else {
                                OptIn::Inbound
                            },
                            window_is_open: bits & 4 != 0,
                        });
                    }
                }
            }
        }
    }
    cases
}

impl Case {
    fn judged(self) -> &'static str {
        let judgement = Fine::changed(|f| {
            f.purpose = self.purpose;
            f.outgoing = self.category.map_or_else(|| text("oi"), template);
            f.contact.consent.everything = self.everything;
            f.contact.consent.marketing = self.marketing;
            f.contact.stop_pending = self.stop_pending;
            f.policy.opt_in = self.demanded;
            if !self.window_is_open {
                let wrote = NOW.minus(Span::from_hours(24));
                f.contact.last_inbound.insert(number(1), wrote);
            }
        })
        .judge();
        judgement
            .verdict
            .map_or_else(|refusal| refusal.word(), |_| "go")
    }
}

/// Says which cases pass, in one sentence each; all others must be refused.
fn may_be_sent(case: Case) -> bool {
    let is_out = case.everything.is_out() || case.stop_pending;
    let advertises = case.category == Some(TemplateCategory::Marketing);
    // The one confirmation answers within the window, and does not advertise.
    if case.purpose == Purpose::Confirmation && case.window_is_open && !advertises {
        return true;
    }
    // Whoever said stop hears nothing else, and who refused advertisements hears none.
    if is_out || (advertises && case.marketing.is_out()) {
        return false;
    }
    // Outside of the window it is a template, to somebody who said yes.
    if !case.window_is_open {
        return case.category.is_some() && case.everything.is_in();
    }
    // Within it their message is enough where the tenant says so, but for advertisements.
    let said_yes = case.everything.is_in();
    let wrote = case.demanded == OptIn::Inbound;
    said_yes || (wrote && (!advertises || case.marketing.is_in()))
}

#[test]
fn i06_every_purpose_and_category_under_every_consent_and_window() {
    let cases = cases();
    assert_eq!(cases.len(), 3 * 4 * 9 * 8);
    for case in cases {
        let judged = case.judged();
        assert_eq!(judged == "go", may_be_sent(case), "{judged}: {case:?}");
    }
}

#[test]
fn i06_an_opt_out_is_the_reason_that_is_given_wherever_there_is_one() {
    let outs = cases()
        .into_iter()
        .filter(|case| case.everything.is_out() || case.stop_pending);
    for case in outs.filter(|case| case.purpose != Purpose::Confirmation) {
        assert_eq!(case.judged(), "opted-out", "{case:?}");
    }
}

#[test]
fn a_code_to_log_in_with_is_held_back_by_no_refusal_of_advertisements() {
    let codes = cases().into_iter().filter(|case| {
        case.category == Some(TemplateCategory::Authentication) && case.everything.is_in()
    });
    for case in codes.filter(|case| !case.stop_pending) {
        assert_eq!(case.judged(), "go", "{case:?}");
    }
}
