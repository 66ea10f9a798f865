//! WhatsApp's error codes and what follows from each.
//!
//! Only what is known not to have been accepted may be tried again: there is no idempotency token, and a second send is a
//! second message on somebody's phone.

use crate::{Action, limits};

/// What follows from Meta's error `code`, given with this HTTP status.
#[must_use]
pub fn action(code: i64, http_status: u16) -> Action {
    listed(code).unwrap_or(match http_status {
        429 => RATE,
        401 | 403 => Action::StopCarrier,
        _ => Action::Fail,
    })
}

/// What follows from a code of the table; nothing for one that is not in it.
#[must_use]
pub fn listed(code: i64) -> Option<Action> {
    Some(match code {
        4 | 80_007 | 130_429 => RATE,
        131_056 => Action::Retry {
            after: limits::PAIR_WAIT,
            growth: limits::PAIR_GROWTH,
            most: limits::PAIR_ATTEMPTS,
        },
        2 | 131_000 | 131_016 | 133_004 => Action::Retry {
            after: limits::FAULT_WAIT,
            growth: limits::USUAL_GROWTH,
            most: limits::FAULT_ATTEMPTS,
        },
        131_057 => Action::Retry {
            after: limits::MAINTENANCE_WAIT,
            growth: limits::USUAL_GROWTH,
            most: limits::MAINTENANCE_ATTEMPTS,
        },
        131_049 => Action::Retry {
            after: limits::ECOSYSTEM_WAIT,
            growth: limits::USUAL_GROWTH,
            most: limits::ECOSYSTEM_ATTEMPTS,
        },
        PAYMENT => Action::Retry {
            after: limits::PAYMENT_WAIT,
            growth: limits::USUAL_GROWTH,
            most: limits::PAYMENT_ATTEMPTS,
        },
        // Undeliverable, window closed, marketing stopped, an experiment, a wrong type, wrong media, no user ids here.
        131_026 | 131_047 | 131_050 | 130_472 | 131_051 | 131_052 | 131_053 | 131_062 => {
            Action::Fail
        }
        // A template that is filled wrongly, or that there is not.
        132_000 | 132_001 | 132_005 | 132_007 | 132_012 => Action::Fail,
        // A template that is paused, or disabled for good.
        132_015 | 132_016 => Action::StopTemplate,
        // Taken as spam, restricted, locked: whatever is sent next will fail too, and may do harm.
        131_048 | 368 | 131_031 | 130_497 => Action::StopNumber,
        // Not registered, not allowed: nobody is let in with this token.
        133_010 | 190 | 0 | 10 | 200..=299 | 131_005 => Action::StopCarrier,
        _ => return None,
    })
}

/// What a person is to be told of, beside what follows from a code.
#[must_use]
pub fn alert(code: i64) -> Option<&'static str> {
    (code == PAYMENT).then_some("payment")
}

/// Nobody pays for what is sent.
const PAYMENT: i64 = 131_042;

/// Nothing was sent, because nobody listened.
pub const UNREACHABLE: Action = Action::Retry {
    after: limits::UNREACHABLE_WAIT,
    growth: limits::USUAL_GROWTH,
    most: limits::UNREACHABLE_ATTEMPTS,
};

/// Too fast.
pub const RATE: Action = Action::Retry {
    after: limits::RATE_WAIT,
    growth: limits::USUAL_GROWTH,
    most: limits::RATE_ATTEMPTS,
};

/// Somebody else's words as they may be stored and logged: one short line, without anything that could be a phone number
/// (I12).
#[must_use]
pub fn cause(words: &str) -> String {
    let mut masked = String::with_capacity(words.len().min(limits::CAUSE_CHARS * 4));
    let mut digits = String::new();
    // One character past the limit, so that the cut shows.
    for character in words.chars().take(limits::CAUSE_CHARS + 1) {
        if character.is_ascii_digit() {
            digits.push(character);
            continue;
        }
        put_digits(&mut masked, &mut digits);
        masked.push(if character.is_control() {
            ' '
        } else {
            character
        });
    }
    put_digits(&mut masked, &mut digits);
    if masked.chars().count() > limits::CAUSE_CHARS {
        masked = masked
            .chars()
            .take(limits::CAUSE_CHARS - 1)
            .chain(['…'])
            .collect();
    }
    masked
}

fn put_digits(masked: &mut String, digits: &mut String) {
    if digits.len() > limits::CAUSE_DIGITS {
        masked.push('…');
        masked.push_str(digits.get(digits.len() - 4..).unwrap_or_default());
    } else {
        masked.push_str(digits);
    }
    digits.clear();
}

/// An error with all its causes, in one line.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut below = error.source();
    while let Some(error) = below {
        let words = error.to_string();
        // Many errors repeat their cause in their own words.
        if !line.contains(&words) {
            line.push_str(": ");
            line.push_str(&words);
        }
        below = error.source();
    }
    cause(&line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(action: Action) -> &'static str {
        match action {
            Action::Retry { .. } => "retry",
            Action::Fail => "fail",
            Action::StopTemplate => "stop template",
            Action::StopNumber => "stop number",
            Action::StopCarrier => "stop carrier",
        }
    }

    #[test]
    fn every_code_of_the_table_has_its_action() {
        let cases: [(&str, &[i64]); 5] = [
            (
                "retry",
                &[
                    4, 80_007, 130_429, 131_056, 131_000, 131_016, 2, 133_004, 131_057, 131_049,
                    131_042,
                ],
            ),
            (
                "fail",
                &[
                    131_026, 131_047, 131_050, 130_472, 131_051, 131_052, 131_053, 132_000,
                    132_001, 132_005, 132_007, 132_012, 131_062,
                ],
            ),
            ("stop template", &[132_015, 132_016]),
            ("stop number", &[131_048, 368, 131_031, 130_497]),
            (
                "stop carrier",
                &[133_010, 190, 0, 10, 200, 250, 299, 131_005],
            ),
        ];
        for (expected, codes) in cases {
            for code in codes {
                assert_eq!(word(action(*code, 400)), expected, "{code}");
            }
        }
    }

    #[test]
    fn each_retry_waits_as_its_code_asks() {
        let waits = |code: i64| match listed(code) {
            Some(Action::Retry {
                after,
                growth,
                most,
            }) => (after.milliseconds() / 1000, growth, most),
            other => panic!("{code}: {other:?}"),
        };
        assert_eq!(waits(131_056), (4, 4, 5), "4^n seconds");
        assert_eq!(waits(131_057), (120, 2, 5), "minutes");
        assert_eq!(waits(131_049), (24 * 3600, 2, 2), "a day");
        assert_eq!(waits(131_042), (60, 2, 3), "a few");
        assert_eq!(alert(131_042), Some("payment"));
        assert_eq!(alert(131_026), None);
    }

    #[test]
    fn an_unlisted_code_is_never_retried_unless_the_status_says_too_fast() {
        assert_eq!(listed(100), None);
        assert_eq!(word(action(100, 400)), "fail");
        assert_eq!(word(action(999_999, 500)), "fail");
        assert_eq!(word(action(999_999, 429)), "retry");
        assert_eq!(word(action(999_999, 403)), "stop carrier");
    }

    #[test]
    fn i12_a_cause_bears_no_phone_number_and_stays_short() {
        assert_eq!(
            cause("no account for +5511900000001, code 131026"),
            "no account for +…0001, code 131026"
        );
        assert_eq!(cause("a\nb"), "a b");
        let long = cause(&"x".repeat(5000));
        assert_eq!(long.chars().count(), limits::CAUSE_CHARS);
        assert!(long.ends_with('…'));
    }
}
