//! The host: its lives and deaths, what it says of itself, and the rules that change under it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::book::place_of;
use super::dice::Dice;
use super::judge::Life;
use super::load::Load;
use super::now_ms;
use super::process::Process;
use super::town::Town;

/// Held sends read at the end: far more than there may be.
const HELD: usize = 500;

/// What its log tells of unknown outcomes.
#[derive(Default)]
pub struct Unknown {
    /// In flight when it was killed.
    pub by_kill: AtomicU64,
    /// The carrier heard no reply.
    pub by_network: AtomicU64,
    pub resent: AtomicU64,
    pub held: AtomicU64,
}

impl Unknown {
    fn hear(&self, line: &str) {
        if line.contains("sends were in flight when the last host ended") {
            let many = serde_json::from_str::<Value>(line)
                .ok()
                .and_then(|line| find(&line, "unknown"));
            self.by_kill.fetch_add(many.unwrap_or(0), Ordering::Relaxed);
        } else if line.contains("nobody knows whether this send left") {
            self.by_network.fetch_add(1, Ordering::Relaxed);
        } else if line.contains("an unknown outcome was resolved") {
            let counted = if line.contains("Resend") {
                &self.resent
            } else {
                &self.held
            };
            counted.fetch_add(1, Ordering::Relaxed);
        }
    }
}

pub struct Host {
    town: Town,
    load: Arc<Load>,
    process: Option<Process>,
    client: reqwest::Client,
    pub unknown: Arc<Unknown>,
    pub kills: u64,
    pub kills_at_start: u64,
    /// Asked to end, with SIGTERM.
    pub ends: u64,
    /// Of these, those that had to be killed after all, or ended badly.
    pub bad_ends: u64,
    pub starts: Vec<Duration>,
    /// When each edition of the rules was written.
    pub editions: Vec<u64>,
    pub bad_edits: u64,
}

impl Host {
    pub fn new(town: Town, load: Arc<Load>) -> Self {
        town.write_rules(0);
        Self {
            town,
            load,
            process: None,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            unknown: Arc::default(),
            kills: 0,
            kills_at_start: 0,
            ends: 0,
            bad_ends: 0,
            starts: Vec::new(),
            editions: vec![now_ms()],
            bad_edits: 0,
        }
    }

    pub fn start(&mut self) {
        let unknown = Arc::clone(&self.unknown);
        self.load
            .lives
            .lock()
            .unwrap()
            .push(Life { ready_ms: None });
        self.process = Some(Process::start(self.town.run(), move |line| {
            unknown.hear(line);
        }));
    }

    pub async fn start_until_ready(&mut self) -> Result<(), String> {
        self.start();
        let Some(process) = &mut self.process else {
            return Ok(());
        };
        let (_, took) = process.ready().await?;
        self.starts.push(took);
        if let Some(life) = self.load.lives.lock().unwrap().last_mut() {
            life.ready_ms = Some(now_ms());
        }
        Ok(())
    }

    /// The median of its starts so far.
    pub fn usual_start_ms(&self) -> u64 {
        let mut starts = self.starts.clone();
        starts.sort_unstable();
        let usual = starts.get(starts.len() / 2).copied().unwrap_or_default();
        u64::try_from(usual.as_millis()).unwrap()
    }

    pub fn kill(&mut self) {
        if let Some(process) = self.process.take() {
            process.kill();
            self.kills += 1;
        }
    }

    pub async fn end(&mut self) {
        if let Some(process) = self.process.take() {
            self.ends += 1;
            if !process.end().await {
                self.bad_ends += 1;
            }
        }
    }

    /// Another edition, and now and then one with a mistake before it.
    pub async fn change_rules(&mut self, dice: &mut Dice) {
        if dice.percent(25) {
            self.town.write_bad_rules();
            self.bad_edits += 1;
            tokio::time::sleep(Duration::from_millis(dice.within(0..400))).await;
        }
        self.editions.push(now_ms());
        self.town.write_rules(self.editions.len() - 1);
        tokio::time::sleep(Duration::from_millis(dice.within(0..600))).await;
    }

    /// What is not finished yet, in words; nothing if all is.
    pub async fn unfinished(&self) -> String {
        let Some(status) = self.read("/v1/status").await else {
            return "the host does not answer".to_owned();
        };
        let counts = &status["counts"];
        let undone = counts["undone"].as_u64().unwrap();
        let ready = counts["ready"].as_u64().unwrap();
        let mut open = Vec::new();
        for state in ["in_flight", "unknown"] {
            let path = format!("/v1/outbox?tenant=shop&state={state}&limit=1");
            let page = self.read(&path).await.unwrap_or_default();
            if page["sends"]
                .as_array()
                .is_none_or(|sends| !sends.is_empty())
            {
                open.push(format!("sends are {state}"));
            }
        }
        if undone > 0 {
            open.push(format!("{undone} messages are not settled"));
        }
        if ready > 0 {
            open.push(format!("{ready} sends wait"));
        }
        open.join(", ")
    }

    pub async fn dead_letters(&self) -> u64 {
        let status = self.read("/v1/status").await.unwrap_or_default();
        status["counts"]["dead_letters"]
            .as_u64()
            .unwrap_or(u64::MAX)
    }

    /// The messages whose answers wait for a person, and how often each was tried.
    pub async fn held(&self) -> HashMap<usize, u64> {
        let path = format!("/v1/outbox?tenant=shop&state=held&limit={HELD}");
        let page = self.read(&path).await.unwrap_or_default();
        let sends = page["sends"].as_array().cloned().unwrap_or_default();
        let held = sends.iter().filter_map(|send| {
            let message = texts(send).iter().find_map(|text| place_of(text))?;
            Some((message, send["attempts"].as_u64()?))
        });
        held.collect()
    }

    async fn read(&self, path: &str) -> Option<Value> {
        let url = format!("{}{path}", self.town.host_url());
        self.client.get(url).send().await.ok()?.json().await.ok()
    }
}

/// A member's number, however deep it lies.
fn find(value: &Value, key: &str) -> Option<u64> {
    match value {
        Value::Object(members) => members
            .get(key)
            .and_then(Value::as_u64)
            .or_else(|| members.values().find_map(|member| find(member, key))),
        _ => None,
    }
}

/// Every text in it.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}
