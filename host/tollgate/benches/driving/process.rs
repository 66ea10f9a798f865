//! A process of ours: started, heard, killed by its id.
#![allow(dead_code, reason = "each of those who start one needs a part of it")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::sync::oneshot;

/// From start to ready; an unoptimised host compiles its plugins in this time.
const READY: Duration = Duration::from_secs(90);
/// From SIGTERM to its end: what it has under way may take 10 s.
const GOODBYE: Duration = Duration::from_secs(20);
/// Lines that are kept, to show if it never becomes ready.
const LAST_LINES: usize = 30;

pub struct Process {
    child: Child,
    began: Instant,
    ready: oneshot::Receiver<String>,
    said: Arc<Mutex<Vec<String>>>,
}

impl Process {
    /// `hear` is called with every line that it logs.
    pub fn start(mut command: Command, hear: impl Fn(&str) + Send + 'static) -> Self {
        let began = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (tell, ready) = oneshot::channel();
        let said = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&said);
        std::thread::spawn(move || {
            let mut tell = Some(tell);
            for line in stderr.lines().map_while(Result::ok) {
                if let Some(url) = line.strip_prefix("ready ")
                    && let Some(tell) = tell.take()
                {
                    // Nobody waits if it is to be killed before.
                    let _ = tell.send(url.split_whitespace().next().unwrap_or_default().to_owned());
                }
                hear(&line);
                let mut kept = kept.lock().unwrap();
                if kept.len() < LAST_LINES {
                    kept.push(line);
                }
            }
        });
        Self {
            child,
            began,
            ready,
            said,
        }
    }

    /// Waits until it says where it listens, and gives that and how long it took; what it said instead if it does not.
    pub async fn ready(&mut self) -> Result<(String, Duration), String> {
        match tokio::time::timeout(READY, &mut self.ready).await {
            Ok(Ok(url)) => Ok((url, self.began.elapsed())),
            _ => Err(self.said.lock().unwrap().join("\n")),
        }
    }

    /// What the system knows it by.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// As `kill -9` does.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// As a service manager ends it. False if it had to be killed after all, or ended badly.
    pub async fn end(mut self) -> bool {
        let id = Pid::from_raw(i32::try_from(self.child.id()).unwrap());
        kill(id, Signal::SIGTERM).unwrap();
        let began = Instant::now();
        while began.elapsed() < GOODBYE {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.success();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.kill();
        false
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
