//! WhatsApp's side of a send alone: answers each as it is told to, over HTTP, and remembers what it took. No statuses follow.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

pub struct Meta {
    pub url: String,
    heard: Arc<Heard>,
    server: tokio::task::JoinHandle<()>,
}

struct Heard {
    /// Error codes for what comes next, by number.
    refusals: Mutex<BTreeMap<String, i64>>,
    /// Number and body of every send, and whether it was taken.
    sends: Mutex<Vec<(String, Value, bool)>>,
    marks: Mutex<usize>,
    /// Numbers whose sends are answered when there is a permit.
    slow: Mutex<BTreeMap<String, Arc<Semaphore>>>,
}

impl Meta {
    pub async fn start() -> Self {
        let heard = Arc::new(Heard {
            refusals: Mutex::default(),
            sends: Mutex::default(),
            marks: Mutex::default(),
            slow: Mutex::default(),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new()
            .route("/{version}/{number}/messages", post(messages))
            .with_state(Arc::clone(&heard));
        let server = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Self { url, heard, server }
    }

    /// Every further send of this number is refused with this code, until it is none.
    pub fn refuses(&self, number: &str, code: Option<i64>) {
        let mut refusals = self.heard.refusals.lock().unwrap();
        match code {
            Some(code) => drop(refusals.insert(number.to_owned(), code)),
            None => drop(refusals.remove(number)),
        }
    }

    /// Sends of this number are answered one for each permit from now on.
    pub fn slows(&self, number: &str) -> Arc<Semaphore> {
        let permits = Arc::new(Semaphore::new(0));
        let mut slow = self.heard.slow.lock().unwrap();
        slow.insert(number.to_owned(), Arc::clone(&permits));
        permits
    }

    /// How many sends of this number were heard, and how many of them taken.
    pub fn counts(&self, number: &str) -> (usize, usize) {
        let sends = self.heard.sends.lock().unwrap();
        let of_number = sends.iter().filter(|(of, ..)| of == number);
        let taken = of_number.clone().filter(|(.., taken)| *taken).count();
        (of_number.count(), taken)
    }

    pub fn marks(&self) -> usize {
        *self.heard.marks.lock().unwrap()
    }

    /// What this number's sends said, as far as they were taken, in order.
    pub fn texts(&self, number: &str) -> Vec<String> {
        let sends = self.heard.sends.lock().unwrap();
        let taken = sends.iter().filter(|(of, _, taken)| of == number && *taken);
        taken
            .map(|(_, body, _)| body["text"]["body"].as_str().unwrap_or_default().to_owned())
            .collect()
    }
}

impl Drop for Meta {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn messages(
    State(heard): State<Arc<Heard>>,
    Path((_, number)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> Response {
    if body["status"] == "read" {
        *heard.marks.lock().unwrap() += 1;
        return Json(json!({"success": true})).into_response();
    }
    let code = heard.refusals.lock().unwrap().get(&number).copied();
    let place = {
        let mut sends = heard.sends.lock().unwrap();
        sends.push((number.clone(), body, code.is_none()));
        sends.len()
    };
    let slow = heard.slow.lock().unwrap().get(&number).cloned();
    if let Some(slow) = slow {
        slow.acquire().await.unwrap().forget();
    }
    match code {
        Some(code) => {
            let error = json!({"error": {"code": code, "message": "no"}});
            (StatusCode::BAD_REQUEST, Json(error)).into_response()
        }
        None => Json(json!({"messages": [{"id": format!("wamid.out.{place}")}]})).into_response(),
    }
}
