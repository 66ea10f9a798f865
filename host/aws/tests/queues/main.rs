//! The unmodified SDK against ministack's SQS and SNS, over real sockets, into a real ledger.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected ends there"
)]

mod house;
mod ministack;

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use aws::SqsInbox;
use house::{Books, Kept, body, event, pump, wrapped};
use intake::inbox::{Delivery, Inbox, InboxError, Receipt, Undone};
use ministack::Ministack;
use model::{NoticeBody, Span};
use tokio::sync::watch;

const VISIBILITY: Span = Span::from_seconds(30);

fn new(name: &str) -> Kept {
    Kept {
        tenant: "shop".to_owned(),
        name: name.to_owned(),
        is_known: false,
    }
}

fn known(name: &str) -> Kept {
    Kept {
        is_known: true,
        ..new(name)
    }
}

#[tokio::test]
async fn bodies_are_taken_as_meta_aws_and_sns_wrap_them() {
    let Some(ministack) = Ministack::start() else {
        return;
    };
    let queue = ministack.queue("orders", None).await;
    let bodies = [
        body("raw"),
        event("event"),
        wrapped(&body("wrapped")),
        wrapped(&event("wrapped-event")),
    ];
    queue.send(&bodies).await;
    let books = Books::new();
    let pumping = pump(Arc::new(queue.inbox(VISIBILITY).await), &books);
    let kept = books.kept(4).await;
    assert_eq!(kept, ["raw", "event", "wrapped", "wrapped-event"].map(new));
    pumping.end().await;
    assert_eq!(queue.holds().await, [0, 0]);
}

#[tokio::test]
async fn a_topic_delivers_into_the_queue_wrapped_and_raw() {
    let Some(ministack) = Ministack::start() else {
        return;
    };
    for raw in ["false", "true"] {
        let queue = ministack.queue(&format!("orders-{raw}"), None).await;
        let topic = format!("arn:aws:sns:us-east-1:000000000000:topic-{raw}");
        let name = format!("topic-{raw}");
        sns(&ministack, &[("Action", "CreateTopic"), ("Name", &name)]).await;
        let subscription = [
            ("Action", "Subscribe"),
            ("TopicArn", topic.as_str()),
            ("Protocol", "sqs"),
            ("Endpoint", queue.arn.as_str()),
            ("Attributes.entry.1.key", "RawMessageDelivery"),
            ("Attributes.entry.1.value", raw),
        ];
        sns(&ministack, &subscription).await;
        let message = event("published");
        let publish = [
            ("Action", "Publish"),
            ("TopicArn", topic.as_str()),
            ("Message", message.as_str()),
        ];
        sns(&ministack, &publish).await;
        // What came is what this test says it is.
        let lies_there = queue.others_receive(&queue.url, 5).await;
        assert_eq!(lies_there[0] == message, raw == "true", "{lies_there:?}");
        assert_eq!(lies_there[0].contains("TopicArn"), raw == "false");

        let books = Books::new();
        let pumping = pump(Arc::new(queue.inbox(VISIBILITY).await), &books);
        assert_eq!(books.kept(1).await, [new("published")]);
        pumping.end().await;
        assert_eq!(queue.holds().await, [0, 0]);
    }
}

/// SNS's query API.
async fn sns(ministack: &Ministack, parameters: &[(&str, &str)]) {
    let request = reqwest::Client::new()
        .post(ministack.url())
        .query(&[("Version", "2010-03-31")])
        .query(parameters)
        .header("host", "sns.us-east-1.amazonaws.com");
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let words = answer.text().await.unwrap();
    assert!(status.is_success(), "{status}: {words}");
}

#[tokio::test]
async fn poison_goes_to_the_dead_letters_and_its_neighbours_are_accepted() {
    let Some(ministack) = Ministack::start() else {
        return;
    };
    let queue = ministack.queue("orders", Some(2)).await;
    let poison = "this is no JSON".to_owned();
    let mut bodies: Vec<String> = (0..12).map(|n| body(&format!("m{n}"))).collect();
    bodies.insert(3, poison.clone());
    queue.send(&bodies).await;
    let books = Books::new();
    let pumping = pump(Arc::new(queue.inbox(Span::from_seconds(2)).await), &books);
    // Twelve messages, and the poison at both of its receives: the second one added nothing (I2).
    let kept = books.kept(14).await;
    let unreadable: Vec<bool> = kept
        .iter()
        .filter(|kept| kept.name == "unreadable")
        .map(|kept| kept.is_known)
        .collect();
    assert_eq!(unreadable, [false, true]);
    assert_eq!(kept.iter().filter(|kept| !kept.is_known).count(), 13);
    let dead_letters = queue.dead_letters.as_deref().unwrap();
    assert_eq!(
        queue.others_receive(dead_letters, 20).await,
        [poison.as_str()]
    );
    pumping.end().await;
    assert_eq!(queue.holds().await, [0, 0]);
    let shown = books.bodies.lock().unwrap().iter().any(|body| {
        matches!(body, NoticeBody::Unreadable(unreadable) if unreadable.raw == poison && !unreadable.cause.is_empty())
    });
    assert!(shown, "people see what it was");
}

#[tokio::test]
async fn what_is_in_hand_stays_hidden_while_the_accept_takes_its_time() {
    let Some(ministack) = Ministack::start() else {
        return;
    };
    let queue = ministack.queue("orders", None).await;
    queue.send(&[body("slow")]).await;
    let books = Books::new();
    books.shut();
    let pumping = pump(Arc::new(queue.inbox(Span::from_seconds(2)).await), &books);
    books.somebody_waits().await;
    // Two and a half visibilities.
    assert_eq!(queue.others_receive(&queue.url, 5).await, [""; 0]);
    books.open();
    assert_eq!(books.kept(1).await, [new("slow")]);
    pumping.end().await;
    assert_eq!(queue.holds().await, [0, 0]);
}

/// An inbox whose host dies when it comes to deleting.
struct Dying {
    inbox: SqsInbox,
    came_to_delete: watch::Sender<bool>,
}

#[async_trait]
impl Inbox for Dying {
    fn visibility(&self) -> Span {
        self.inbox.visibility()
    }

    async fn receive(&self, most: usize, wait: Span) -> Result<Vec<Delivery>, InboxError> {
        self.inbox.receive(most, wait).await
    }

    async fn delete(&self, _: &[Receipt]) -> Result<Undone, InboxError> {
        self.came_to_delete.send_replace(true);
        std::future::pending().await
    }

    async fn hold(&self, receipts: &[Receipt], span: Span) -> Result<Undone, InboxError> {
        self.inbox.hold(receipts, span).await
    }
}

#[tokio::test]
async fn i01_i02_a_crash_between_accept_and_delete_brings_it_again_and_it_is_known() {
    let Some(ministack) = Ministack::start() else {
        return;
    };
    let queue = ministack.queue("orders", None).await;
    queue.send(&[body("one"), event("two")]).await;
    let books = Books::new();
    let visibility = Span::from_seconds(2);
    let came_to_delete = watch::Sender::new(false);
    let mut dies = came_to_delete.subscribe();
    let dying = Dying {
        inbox: queue.inbox(visibility).await,
        came_to_delete,
    };
    let crashing = pump(Arc::new(dying), &books);
    dies.wait_for(|dies| *dies).await.unwrap();
    crashing.running.abort();
    assert_eq!(books.kept(2).await, ["one", "two"].map(new));
    let [visible, hidden] = queue.holds().await;
    assert_eq!(visible + hidden, 2, "nothing was deleted");

    let pumping = pump(Arc::new(queue.inbox(visibility).await), &books);
    let mut again = books.kept(4).await.split_off(2);
    again.sort_by(|one, another| one.name.cmp(&another.name));
    assert_eq!(again, ["one", "two"].map(known));
    pumping.end().await;
    assert_eq!(queue.holds().await, [0, 0]);
}

#[tokio::test]
async fn a_drain_gives_back_what_is_in_hand_and_another_host_has_it_at_once() {
    let Some(ministack) = Ministack::start() else {
        return;
    };
    let queue = ministack.queue("orders", None).await;
    let bodies: Vec<String> = (0..5).map(|n| body(&format!("m{n}"))).collect();
    queue.send(&bodies).await;
    let books = Books::new();
    books.shut();
    let pumping = pump(Arc::new(queue.inbox(VISIBILITY).await), &books);
    books.somebody_waits().await;
    let began = Instant::now();
    let drained = pumping.end().await;
    assert_eq!((drained.given_back, drained.left), (5, 0));
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(queue.holds().await, [5, 0]);

    // And the other host.
    let books = Books::new();
    let pumping = pump(Arc::new(queue.inbox(VISIBILITY).await), &books);
    assert_eq!(books.kept(5).await.len(), 5);
    pumping.end().await;
    assert_eq!(queue.holds().await, [0, 0]);
}

#[tokio::test]
async fn an_idle_queue_is_polled_for_twenty_seconds_without_an_error() {
    let Some(ministack) = Ministack::start() else {
        return;
    };
    let queue = ministack.queue("orders", None).await;
    let inbox = queue.inbox(VISIBILITY).await;
    let began = Instant::now();
    let received = inbox.receive(10, Span::from_seconds(20)).await.unwrap();
    assert!(received.is_empty());
    assert!(began.elapsed() >= Duration::from_secs(19));
}

#[tokio::test]
async fn a_refusal_of_the_queue_is_told_in_words() {
    let Some(ministack) = Ministack::start() else {
        return;
    };
    let mut queue = ministack.queue("orders", None).await;
    queue.url.push_str("-misspelt");
    let inbox = queue.inbox(VISIBILITY).await;
    let error = inbox.receive(1, Span::default()).await.err().unwrap();
    assert!(
        error.to_string().contains("compare queue_url and region"),
        "{error}"
    );
    let nobody = SqsInbox::new(aws::SqsOptions {
        queue_url: "http://127.0.0.1:1/000000000000/orders".to_owned(),
        region: "us-east-1".to_owned(),
        endpoint_url: Some("http://127.0.0.1:1".to_owned()),
        credentials: aws::Credentials::Fixed {
            access_key_id: "test".into(),
            secret_access_key: "test".into(),
        },
        visibility: VISIBILITY,
    });
    let error = nobody
        .await
        .unwrap()
        .receive(1, Span::default())
        .await
        .err()
        .unwrap();
    assert_eq!(error.code, "unreachable", "{error}");
}

#[tokio::test]
async fn a_receipt_of_no_use_costs_its_neighbours_nothing() {
    let Some(ministack) = Ministack::start() else {
        return;
    };
    let queue = ministack.queue("orders", None).await;
    queue.send(&[body("one")]).await;
    let inbox = queue.inbox(VISIBILITY).await;
    let received = inbox.receive(10, Span::from_seconds(5)).await.unwrap();
    assert_eq!(received[0].receives, 1);
    let receipts = [Receipt("of no use".to_owned()), received[0].receipt.clone()];
    let undone = inbox.delete(&receipts).await.unwrap();
    assert!(undone.again.is_empty());
    assert_eq!(queue.holds().await, [0, 0]);
}

/// Also the figure: what one queue brings with four pumps, SDK, parse and ledger included.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_pumps_empty_one_queue_and_nothing_is_taken_twice() {
    let Some(ministack) = Ministack::start() else {
        return;
    };
    let queue = ministack.queue("orders", None).await;
    let bodies: Vec<String> = (0..1000).map(|n| event(&format!("m{n}"))).collect();
    queue.send(&bodies).await;
    let books = Books::new();
    let inbox: Arc<dyn Inbox> = Arc::new(queue.inbox(VISIBILITY).await);
    let began = Instant::now();
    let pumps: Vec<_> = (0..4).map(|_| pump(Arc::clone(&inbox), &books)).collect();
    let kept = books.kept(bodies.len()).await;
    let took = began.elapsed();
    for pumping in pumps {
        pumping.end().await;
    }
    assert!(kept.iter().all(|kept| !kept.is_known));
    assert_eq!(queue.holds().await, [0, 0]);
    let each_second = bodies.len() as f64 / took.as_secs_f64();
    println!(
        "{} messages with 4 pumps in {took:?}: {each_second:.0}/s",
        bodies.len()
    );
}
