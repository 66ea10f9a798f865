//! The pump, with a queue whose deliveries and troubles are scripted. Time is paused: it passes when everything waits.

mod stage;

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use model::NoticeBody;
use serde_json::json;
use tokio::time::{Duration, Instant, sleep};

use crate::{Answer, Door, limits};
use stage::{Do, House, NOTHING, Say, body, broken, deliver, full};

#[tokio::test(start_paused = true)]
async fn i01_nothing_is_deleted_before_it_is_accepted() {
    let slowly = Do::After(Duration::from_secs(5));
    let house = House::new(vec![deliver(&["a", "b"]), deliver(&["c"])], vec![slowly]);
    house.journal.has("delete c", 1).await;
    let (lines, drained) = house.end().await;
    assert_eq!(
        lines,
        [
            "receive a b",
            "accept slowly a b",
            "accept a b",
            "delete a b",
            "receive c",
            "accept c",
            "delete c",
        ]
    );
    assert_eq!(drained, NOTHING);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_received_while_the_lanes_are_full() {
    let house = House::with(vec![deliver(&["a"])], Vec::new(), |_, ledger| {
        ledger.has_room.send_replace(false);
    });
    sleep(Duration::from_secs(3600)).await;
    assert_eq!(house.journal.lines(), [""; 0]);
    house.ledger.has_room.send_replace(true);
    house.journal.has("delete a", 1).await;
    // And a pump that waits for room ends at once.
    house.ledger.has_room.send_replace(false);
    house.journal.has("receive nothing", 1).await;
    let before = Instant::now();
    let (lines, _) = house.end().await;
    assert_eq!(lines, ["receive a", "accept a", "delete a"]);
    assert_eq!(before.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn what_is_in_hand_is_held_for_as_long_as_the_accept_takes() {
    let slowly = Do::After(Duration::from_secs(50));
    let house = House::new(vec![deliver(&["a", "b"])], vec![slowly]);
    house.journal.has("delete a b", 1).await;
    let (lines, _) = house.end().await;
    let held = "hold a b for 30s";
    assert_eq!(
        lines,
        [
            "receive a b",
            "accept slowly a b",
            held,
            held,
            held,
            "accept a b",
            "delete a b"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_is_held_and_tried_again_until_it_is_accepted() {
    let refusals = [
        full(),
        broken(),
        broken(),
        full(),
        full(),
        full(),
        full(),
        full(),
    ];
    let house = House::new(vec![deliver(&["a"])], refusals.map(Do::Refuse).into());
    house.journal.has("delete a", 1).await;
    assert_eq!(house.journal.count("refuse a"), 8);
    assert!(house.journal.count("hold a for 30s") >= 2);
    assert_eq!(house.tally.answers(Door::Sqs, Answer::Full), 6);
    assert_eq!(house.tally.answers(Door::Sqs, Answer::NotStored), 2);
    assert_eq!(house.tally.answers(Door::Sqs, Answer::Accepted), 1);
    house.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_outage_of_hours_loses_nothing_and_does_not_hammer() {
    let outage = vec![Do::Refuse(broken()); 500];
    let began = Instant::now();
    let house = House::new(vec![deliver(&["a"]), deliver(&["b"])], outage);
    house.journal.has("delete a b", 1).await;
    assert!(began.elapsed() > Duration::from_secs(3600));
    house.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_can_never_be_stored_costs_neither_its_neighbours_nor_the_queue() {
    let bodies = vec![
        deliver(&["a", "never", "b"]),
        deliver(&["c"]),
        deliver(&["d"]),
    ];
    let house = House::with(bodies, Vec::new(), |_, ledger| ledger.never = Some("never"));
    house.journal.has("delete d", 1).await;
    house.journal.has("receive nothing", 1).await;
    let (lines, drained) = house.end().await;
    for deleted in ["delete a b", "delete c", "delete d"] {
        assert!(lines.contains(&deleted.to_owned()), "{lines:#?}");
    }
    assert!(
        !lines
            .iter()
            .any(|line| line.starts_with("delete") && line.contains("never"))
    );
    // It was let go of, for the redrive policy: nobody holds it any more.
    assert_eq!(drained, NOTHING);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_cannot_be_read_is_shown_and_left_and_costs_no_neighbour() {
    let bodies = || {
        Say::Deliveries(vec![
            ("a", body(&[("100", "a")])),
            ("poison", "neither JSON nor anything".to_owned()),
            ("b", body(&[("100", "b")])),
        ])
    };
    let house = House::new(vec![bodies(), bodies()], Vec::new());
    house.journal.has("delete a b", 2).await;
    assert_eq!(house.tally.answers(Door::Sqs, Answer::Unreadable), 2);
    let ledger = Arc::clone(&house.ledger);
    let (lines, _) = house.end().await;
    let once = ["receive a poison b", "accept a unreadable b", "delete a b"];
    assert_eq!(lines, [once, once].concat());
    let notices = ledger.notices.lock().unwrap();
    let (first, second) = (&notices[1], &notices[4]);
    // I2: known by its digest, so that its second receive adds nothing.
    assert_eq!(first, second);
    assert_eq!(first.tenant.as_str(), "shop");
    let NoticeBody::Unreadable(unreadable) = &first.body else {
        panic!("{first:?}");
    };
    assert_eq!(unreadable.what, "body");
    assert_eq!(unreadable.raw, json!("neither JSON nor anything"));
    assert!(!unreadable.cause.is_empty());
}

#[tokio::test(start_paused = true)]
async fn i13_a_queue_speaks_for_its_own_numbers_alone() {
    let bodies = vec![
        ("mixed", body(&[("100", "ours"), ("200", "theirs")])),
        ("foreign", body(&[("200", "other")])),
        ("nobodys", body(&[("300", "stray")])),
        (
            "empty",
            json!({"object": "whatsapp_business_account", "entry": []}).to_string(),
        ),
    ];
    let house = House::new(vec![Say::Deliveries(bodies)], Vec::new());
    house.journal.has("delete mixed nobodys empty", 1).await;
    let answers = [Answer::Accepted, Answer::Foreign, Answer::Empty]
        .map(|answer| house.tally.answers(Door::Sqs, answer));
    assert_eq!(answers, [2, 1, 1]);
    let ledger = Arc::clone(&house.ledger);
    let (lines, drained) = house.end().await;
    assert_eq!(lines[1], "accept ours stray");
    // What is all foreign is not deleted: it is left to the redrive policy.
    assert_eq!((lines.len(), drained), (3, NOTHING));
    let tenants: Vec<String> = ledger
        .notices
        .lock()
        .unwrap()
        .iter()
        .map(|notice| notice.tenant.to_string())
        .collect();
    assert_eq!(tenants, ["shop", "_unclaimed"]);
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_fails_is_tried_again_and_then_left() {
    let house = House::with(
        vec![deliver(&["a"]), deliver(&["b"])],
        Vec::new(),
        |queue, _| {
            queue.deletes_failing = Mutex::new(4);
        },
    );
    house.journal.has("delete b", 2).await;
    let (lines, _) = house.end().await;
    let deletes: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .filter(|line| line.starts_with("delete"))
        .collect();
    assert_eq!(
        deletes,
        ["delete a", "delete a", "delete a", "delete b", "delete b"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_queue_in_trouble_is_asked_less_and_less_and_shown_until_it_works_again() {
    let mut script: Vec<Say> = (0..20).map(|_| Say::Trouble("denied")).collect();
    script.push(deliver(&["a"]));
    let began = Instant::now();
    let mut house = House::new(script, Vec::new());
    let shown = house
        .trouble
        .wait_for(Option::is_some)
        .await
        .unwrap()
        .clone();
    assert_eq!(
        shown.as_deref(),
        Some("queue.orders: nothing can be received: denied, said the queue")
    );
    house.journal.has("delete a", 1).await;
    assert_eq!(house.trouble.borrow().clone(), None);
    let longest = limits::QUEUE_RETRY_MOST;
    let took = began.elapsed();
    assert!(took > longest * 12 && took < longest * 20, "{took:?}");
    house.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_does_not_wait_is_not_asked_all_the_time() {
    let mut script: Vec<Say> = (0..20).map(|_| deliver(&[])).collect();
    script.push(deliver(&["a"]));
    let began = Instant::now();
    let house = House::new(script, Vec::new());
    house.journal.has("delete a", 1).await;
    assert!(began.elapsed() > limits::QUEUE_RETRY_MOST * 12);
    house.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_held_is_shown_and_accepted_all_the_same() {
    let slowly = Do::After(Duration::from_secs(40));
    let mut house = House::with(vec![deliver(&["a"])], vec![slowly], |queue, _| {
        queue.holds_are_denied = AtomicBool::new(true);
    });
    let shown = house
        .trouble
        .wait_for(Option::is_some)
        .await
        .unwrap()
        .clone();
    assert!(shown.unwrap().contains("cannot be held"));
    house.journal.has("delete a", 1).await;
    assert!(house.journal.count("hold a for 30s") >= 3);
    house.journal.has("receive nothing", 1).await;
    assert_eq!(house.trouble.borrow().clone(), None);
    house.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_an_accept_end_and_deletes_what_it_took() {
    let slowly = Do::After(Duration::from_secs(2));
    let house = House::new(vec![deliver(&["a", "b"]), deliver(&["c"])], vec![slowly]);
    house.journal.has("accept slowly a b", 1).await;
    let (lines, drained) = house.end().await;
    assert_eq!(
        lines,
        [
            "receive a b",
            "accept slowly a b",
            "accept a b",
            "delete a b"
        ]
    );
    assert_eq!(drained, NOTHING);
}

#[tokio::test(start_paused = true)]
async fn a_stop_gives_back_at_once_what_cannot_be_finished() {
    for (accepting, line) in [
        (Do::After(Duration::from_secs(3600)), "accept slowly a b"),
        (Do::Refuse(full()), "refuse a b"),
    ] {
        let house = House::new(vec![deliver(&["a", "b"])], vec![accepting]);
        house.journal.has(line, 1).await;
        let began = Instant::now();
        let (lines, drained) = house.end().await;
        assert_eq!(lines, ["receive a b", line, "give back a b"]);
        assert_eq!((drained.given_back, drained.left), (2, 0));
        assert!(began.elapsed() <= limits::QUEUE_GOODBYE);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_an_idle_poll_and_a_pause_soon() {
    let idle = House::new(Vec::new(), Vec::new());
    sleep(Duration::from_secs(90)).await;
    let began = Instant::now();
    assert_eq!(idle.end().await, (Vec::new(), NOTHING));
    assert!(began.elapsed() <= limits::QUEUE_POLL_GOODBYE);

    let troubled = House::new((0..99).map(|_| Say::Trouble("gone")).collect(), Vec::new());
    troubled.journal.has("receive: gone", 8).await;
    let began = Instant::now();
    troubled.end().await;
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_pump_whose_host_is_gone_ends() {
    let House {
        stop,
        running,
        journal,
        ..
    } = House::new(vec![deliver(&["a"])], Vec::new());
    journal.has("delete a", 1).await;
    drop(stop);
    assert_eq!(running.await.unwrap(), NOTHING);
}

#[tokio::test(start_paused = true)]
async fn what_was_held_for_half_a_day_is_let_go_of() {
    let house = House::new(vec![deliver(&["a"])], vec![Do::Refuse(broken()); 5000]);
    sleep(limits::QUEUE_HOLD * 2).await;
    let holds = house.journal.count("hold a for 30s");
    let longest = limits::QUEUE_HOLD.as_secs() / 15;
    assert!(
        holds as u64 <= longest && holds as u64 > longest / 2,
        "{holds}"
    );
    assert_eq!(house.end().await.1, NOTHING);
}
