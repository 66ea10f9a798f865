//! What WhatsApp refuses, at once or later: each row of its table of errors has its consequence, and nothing is lost by any.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

mod house;

use engine::operating::Stopping;
use house::meta::Meta;
use house::{ECHO, House, NUMBER, Wishes, number, tenant};
use ledger::{SendRecord, Wanted};
use model::{DecisionId, Moment, NumberId, SendState, Span, StopTarget, Wamid};
use serde_json::json;

const OTHER: &str = "100000000000002";

const RULES: &str = r#"
rules_version = 1
languages = ["en"]

[template.promo]
category     = "utility"
languages.en = "en_US"

[[rule]]
name = "echo"
when.starts = ["say"]
reply.en = "{message.text|?}"

[[rule]]
name = "offer"
when.starts = ["offer"]
template = "promo"
"#;

async fn on(meta: &Meta, rules: &str) -> House {
    let paces = [(NumberId::new(OTHER).unwrap(), gate::Pace::default())].into();
    let wishes = Wishes {
        network: Some(meta.url.clone()),
        paces,
        ..Wishes::default()
    };
    House::build(rules, wishes).await
}

/// The one send for this message, once it stands somewhere.
async fn send_for(house: &House, message: &str) -> SendRecord {
    let id = DecisionId {
        tenant: tenant(),
        number: number(),
        message: Wamid::new(message).unwrap(),
    };
    house
        .until("the send to stand somewhere", async || {
            let sends = house.engine.ledger().sends(&id).await.unwrap();
            let send = sends.into_iter().next()?;
            (send.attempts > 0 && send.state != SendState::InFlight).then_some(send)
        })
        .await
}

/// Whether it may leave at that time.
async fn is_due(house: &House, send: &SendRecord, at: Moment) -> bool {
    let ledger = house.engine.ledger();
    let due = ledger.due(at, Span::default(), Wanted::any(1000)).await;
    let token = &send.outbound.token;
    due.unwrap().iter().any(|due| due.token == *token)
}

fn stopped(house: &House) -> Vec<StopTarget> {
    let stops = house.engine.stops(&tenant()).into_iter();
    stops.map(|stop| stop.target).collect()
}

async fn alerts(house: &House, alert: &str, code: i64) -> u64 {
    let counts = house.engine.alert_counts().into_iter();
    counts
        .filter(|(name, of, _)| *name == alert && *of == code.to_string())
        .map(|(.., count)| count)
        .sum()
}

#[derive(Clone, Copy)]
enum Then {
    /// It is tried again after so many seconds.
    Again(u64),
    Failed,
    TemplateStops,
    NumberStops,
    CarrierStops,
}

#[tokio::test]
async fn each_row_of_the_error_table_has_its_consequence() {
    use Then::{Again, CarrierStops, Failed, NumberStops, TemplateStops};
    let table: [(Then, &[i64]); 10] = [
        (Again(1), &[4, 80_007, 130_429]),
        (Again(4), &[131_056]),
        (Again(2), &[131_000, 131_016, 2, 133_004]),
        (Again(120), &[131_057]),
        (Again(24 * 3600), &[131_049]),
        (Again(60), &[131_042]),
        (
            Failed,
            &[
                131_026, 131_047, 131_050, 130_472, 131_051, 131_052, 131_053, 132_000, 132_001,
                132_005, 132_007, 132_012, 131_062,
            ],
        ),
        (TemplateStops, &[132_015, 132_016]),
        (NumberStops, &[131_048, 368, 131_031, 130_497]),
        (CarrierStops, &[133_010, 190, 0, 10, 200, 299, 131_005]),
    ];
    let meta = Meta::start().await;
    let house = on(&meta, RULES).await;
    let mut contact = 5_511_900_000_100_u64;
    for (then, codes) in table {
        for code in codes {
            contact += 1;
            let from = contact.to_string();
            meta.refuses(NUMBER, Some(*code));
            let text = match then {
                TemplateStops => "offer",
                _ => "say hello",
            };
            let message = house.say(&from, text).await;
            let send = send_for(&house, &message).await;
            meta.refuses(NUMBER, None);
            let cause = send.cause.clone().unwrap_or_default();
            if !matches!(then, NumberStops | CarrierStops) {
                assert!(cause.starts_with(&format!("{code}: ")), "{code}: {cause}");
            }
            match then {
                Again(seconds) => {
                    assert!(
                        matches!(send.state, SendState::Ready | SendState::Sent),
                        "{code}"
                    );
                    let wait = Span::from_seconds(seconds);
                    if seconds >= 60 {
                        let almost = send.changed_at.plus(wait).minus(Span::from_seconds(10));
                        assert!(!is_due(&house, &send, almost).await, "{code}");
                        let then = send.changed_at.plus(wait).plus(Span::from_seconds(10));
                        assert!(is_due(&house, &send, then).await, "{code}");
                    }
                }
                Failed => {
                    assert_eq!(send.state, SendState::Failed, "{code}");
                    let contact = house.contact(send.outbound.contact).await;
                    let is_out = contact.consent.marketing.is_out();
                    assert_eq!(is_out, *code == 131_050, "{code}: the marketing opt-out");
                }
                TemplateStops => {
                    assert_eq!(send.state, SendState::Failed, "{code}");
                    assert_eq!(stopped(&house), [StopTarget::Template("promo".into())]);
                    lift(&house, Stopping::Template("promo".into())).await;
                }
                NumberStops | CarrierStops => {
                    let expected = match then {
                        NumberStops => vec![number()],
                        _ => vec![number(), NumberId::new(OTHER).unwrap()],
                    };
                    let expected: Vec<_> = expected.into_iter().map(StopTarget::Number).collect();
                    house
                        .until("the switch", async || {
                            (stopped(&house) == expected).then_some(())
                        })
                        .await;
                    let heard = meta.counts(NUMBER).0;
                    let trouble = house.engine.troubles().await.stopped;
                    assert_eq!(trouble[0].lift, "tollgate resume --number store", "{code}");
                    assert_eq!(
                        send_for(&house, &message).await.state,
                        SendState::Ready,
                        "{code}: nothing is lost"
                    );
                    assert_eq!(meta.counts(NUMBER).0, heard, "{code}: and nothing is tried");
                    for target in expected {
                        let StopTarget::Number(number) = target else {
                            continue;
                        };
                        lift(&house, Stopping::Number(number.as_str().to_owned())).await;
                    }
                    house
                        .until("it to leave after all", async || {
                            let send = send_for(&house, &message).await;
                            (send.state == SendState::Sent).then_some(())
                        })
                        .await;
                }
            }
            let told = match then {
                TemplateStops | NumberStops => ("stopped", 1),
                CarrierStops => ("stopped", 2),
                _ if *code == 131_042 => ("payment", 1),
                _ => ("stopped", 0),
            };
            assert_eq!(
                alerts(&house, told.0, *code).await,
                told.1,
                "{code}: alerts"
            );
        }
    }
    assert_eq!(
        house.engine.alerts()[0].fix.as_deref(),
        Some("tollgate resume --number line-100000000000002")
    );
    house.end().await;
}

async fn lift(house: &House, stopping: Stopping) {
    let lifted = house.engine.lift_switch(&tenant(), &stopping, None).await;
    lifted.unwrap();
}

/// It was taken, and failed afterwards: it is not tried again, but all else follows.
#[tokio::test]
async fn what_fails_later_has_the_same_consequences() {
    let house = House::with_rules(RULES).await;
    let cases = [
        (131_026, None),
        (131_047, None),
        (131_050, None),
        (131_042, None),
        (132_015, Some(StopTarget::Template("promo".into()))),
        (131_048, Some(StopTarget::Number(number()))),
    ];
    let mut contact = 5_511_900_000_200_u64;
    for (code, stops) in cases {
        contact += 1;
        house
            .faults(json!({"fail_status": 1.0, "fail_code": code, "seed": 1}))
            .await;
        let text = if code == 132_015 {
            "offer"
        } else {
            "say hello"
        };
        let message = house.say(&contact.to_string(), text).await;
        let send = house
            .until("a failure", async || {
                let send = send_for(&house, &message).await;
                (send.state == SendState::Failed).then_some(send)
            })
            .await;
        let contact = house.contact(send.outbound.contact).await;
        assert_eq!(
            contact.consent.marketing.is_out(),
            code == 131_050,
            "{code}"
        );
        let stops: Vec<_> = stops.into_iter().collect();
        house
            .until("what follows", async || {
                let payments = alerts(&house, "payment", code).await;
                (stopped(&house) == stops && payments == u64::from(code == 131_042)).then_some(())
            })
            .await;
        assert_eq!(send_for(&house, &message).await.attempts, 1);
        if code == 132_015 {
            lift(&house, Stopping::Template("promo".into())).await;
        }
    }
    house.end().await;
}

/// Neither the switch nor what waits for it is forgotten.
#[tokio::test]
async fn i06_a_stopped_number_stays_stopped_across_a_restart_and_its_sends_wait() {
    let meta = Meta::start().await;
    let first = on(&meta, ECHO).await;
    meta.refuses(NUMBER, Some(131_031));
    let message = first.say(house::ANA, "say it again").await;
    send_for(&first, &message).await;
    first
        .until("the switch", async || {
            (!stopped(&first).is_empty()).then_some(())
        })
        .await;
    meta.refuses(NUMBER, None);
    let folder = first.end().await;
    let heard = meta.counts(NUMBER).0;
    let ledger = house::left_behind(&folder).await;
    let wishes = Wishes {
        network: Some(meta.url.clone()),
        ..Wishes::default()
    };
    let second = House::move_in(folder, ledger, wishes).await;
    assert_eq!(stopped(&second), [StopTarget::Number(number())]);
    // Long enough for the dispatch to have looked twice.
    let begun = std::time::Instant::now();
    second
        .until("two ticks", async || {
            (begun.elapsed() > 2 * engine::limits::OUTBOX_TICK).then_some(())
        })
        .await;
    assert_eq!(meta.counts(NUMBER).0, heard, "nothing leaves");
    lift(&second, Stopping::Number("store".into())).await;
    second
        .until("it to leave", async || {
            (meta.texts(NUMBER) == ["say it again"]).then_some(())
        })
        .await;
    second.end().await;
}
