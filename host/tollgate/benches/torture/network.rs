//! The simulator: its record, followed while it grows, and its faults.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use super::dice::Dice;
use super::process::Process;
use super::record::Record;
use super::town::Town;

/// What a network does in one round: its name, and the faults from a seed.
type Mix = (&'static str, fn(u64) -> Value);

/// What it may do to a host in one round. Within this mix nothing may be sent twice, and that is no luck: of all that it takes, it tells
/// the first status within 1.1 s, and again each half second until the host has it, so that a status is there before `unsure_after` (2 s from
/// the host's start, or from the lost reply) is over. What it takes without telling ever (`no_status`) is therefore left out: then a
/// second send is what I11 asks for.
const FAULTS: [Mix; 7] = [
    ("none", |seed| json!({"seed": seed})),
    (
        "late replies",
        |seed| json!({"late_ms": [0, 300], "seed": seed}),
    ),
    (
        "lost replies",
        |seed| json!({"drop_reply": 0.2, "seed": seed}),
    ),
    (
        "lost calls",
        |seed| json!({"drop_call": 0.03, "late_ms": [0, 50], "seed": seed}),
    ),
    (
        "errors",
        |seed| json!({"throttle": 0.04, "error": 0.04, "late_ms": [0, 30], "seed": seed}),
    ),
    (
        "late statuses, in disorder, twice",
        |seed| json!({"late_status_ms": [0, 300], "reorder": true, "duplicate_status": 0.3, "drop_reply": 0.1, "late_ms": [0, 100], "seed": seed}),
    ),
    ("all of it", |seed| {
        json!({
            "throttle": 0.02, "error": 0.02, "drop_call": 0.01, "drop_reply": 0.1, "late_ms": [0, 200], "late_status_ms": [0, 300],
            "duplicate_status": 0.2, "seed": seed,
        })
    }),
];

pub struct Network {
    // Ends with it.
    _process: Process,
    pub url: String,
    client: reqwest::Client,
    pub record: Arc<Mutex<Record>>,
}

impl Network {
    pub async fn start(town: &Town) -> Self {
        let mut process = Process::start(town.simulator(), |_| {});
        let (url, _) = process.ready().await.unwrap();
        let network = Self {
            _process: process,
            url,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            record: Arc::default(),
        };
        tokio::spawn(follow(
            network.client.clone(),
            network.url.clone(),
            Arc::clone(&network.record),
        ));
        network
    }

    /// Misbehaves, or not, from now on; says how.
    pub async fn misbehave(&self, dice: &mut Dice) -> &'static str {
        let place = usize::try_from(dice.within(0..FAULTS.len() as u64)).unwrap();
        let (name, faults) = FAULTS[place];
        self.put(&faults(dice.next() >> 16)).await;
        name
    }

    pub async fn behave(&self) {
        self.put(&json!({})).await;
    }

    /// Webhooks that the host has not answered 200, and those given up.
    pub async fn waiting(&self) -> (u64, u64) {
        let answer = self
            .client
            .get(format!("{}/_sim/state", self.url))
            .send()
            .await
            .unwrap();
        let state: Value = answer.json().await.unwrap();
        (
            state["pending"].as_u64().unwrap(),
            state["given_up"].as_u64().unwrap(),
        )
    }

    async fn put(&self, faults: &Value) {
        let url = format!("{}/_sim/faults", self.url);
        let answer = self.client.put(url).json(faults).send().await.unwrap();
        assert!(answer.status().is_success(), "{faults} is refused");
    }
}

/// The network keeps 50,000 sends; this reads each within moments.
async fn follow(client: reqwest::Client, url: String, record: Arc<Mutex<Record>>) {
    loop {
        let after = record.lock().unwrap().seen;
        let page = client
            .get(format!("{url}/_sim/record?after={after}&wait_ms=500"))
            .send()
            .await;
        let Ok(page) = page else { return };
        let Ok(page) = page.json().await else { return };
        record.lock().unwrap().read(&page);
        // A page each moment, not one for each send.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
