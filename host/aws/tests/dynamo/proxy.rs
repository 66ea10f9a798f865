//! A network between a host and its table that loses what it is told to lose.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is done, and nobody hears of it.
    LosesReply,
    /// It never arrives.
    LosesRequest,
    /// It is one too many.
    Throttles,
}

/// What becomes of the next requests for an operation.
#[derive(Debug, Default)]
struct Plan {
    operation: String,
    faults: VecDeque<Fault>,
    /// Requests for the operation that arrived.
    seen: usize,
}

pub(crate) struct Proxy {
    pub(crate) url: String,
    plan: Arc<Mutex<Plan>>,
}

impl Proxy {
    /// Before the server at `url`.
    pub(crate) async fn before(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let plan = Arc::new(Mutex::new(Plan::default()));
        let (shared, to) = (Arc::clone(&plan), url.to_owned());
        tokio::spawn(async move {
            let client = reqwest::Client::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (client, to, plan) = (client.clone(), to.clone(), Arc::clone(&shared));
                tokio::spawn(async move { serve(stream, &client, &to, &plan).await });
            }
        });
        Self {
            url: format!("http://{address}"),
            plan,
        }
    }

    /// From now on; what was planned before is forgotten.
    pub(crate) fn plans(&self, operation: &str, faults: &[Fault]) {
        *self.plan.lock().unwrap() = Plan {
            operation: operation.to_owned(),
            faults: faults.iter().copied().collect(),
            seen: 0,
        };
    }

    /// How many requests for the planned operation arrived since, and how many faults are left.
    pub(crate) fn saw(&self) -> (usize, usize) {
        let plan = self.plan.lock().unwrap();
        (plan.seen, plan.faults.len())
    }
}

/// One connection, request by request, until a fault or the client ends it.
async fn serve(stream: TcpStream, client: &reqwest::Client, to: &str, plan: &Mutex<Plan>) {
    let mut stream = BufReader::new(stream);
    while let Some((headers, body)) = request(&mut stream).await {
        let target = header(&headers, "x-amz-target");
        let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
        let fault = {
            let mut plan = plan.lock().unwrap();
            if plan.operation == operation {
                plan.seen += 1;
                plan.faults.pop_front()
            } else {
                None
            }
        };
        if fault == Some(Fault::LosesRequest) {
            return;
        }
        let answer = match fault {
            Some(Fault::Throttles) => {
                let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"too fast"}"#;
                (400, body.as_bytes().to_vec())
            }
            _ => {
                let mut forwarded = client.post(to).body(body);
                for name in [
                    "x-amz-target",
                    "authorization",
                    "x-amz-date",
                    "content-type",
                ] {
                    forwarded = forwarded.header(name, header(&headers, name));
                }
                let answer = forwarded.send().await.unwrap();
                let status = answer.status().as_u16();
                (status, answer.bytes().await.unwrap().to_vec())
            }
        };
        if fault == Some(Fault::LosesReply) {
            return;
        }
        let head = format!(
            "HTTP/1.1 {} x\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\n\r\n",
            answer.0,
            answer.1.len()
        );
        let written = async {
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&answer.1).await?;
            stream.flush().await
        };
        if written.await.is_err() {
            return;
        }
    }
}

async fn request(stream: &mut BufReader<TcpStream>) -> Option<(Vec<String>, Vec<u8>)> {
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => headers.push(line.to_owned()),
        }
    }
    let length = header(&headers, "content-length").parse().unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    Some((headers, body))
}

fn header(headers: &[String], name: &str) -> String {
    let found = headers.iter().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name)
            .then(|| value.trim().to_owned())
    });
    found.unwrap_or_default()
}
