//! `tollgate run`: the host.

mod limits;
pub(super) mod secret;
mod server;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use clap::Args;
use engine::rehearsal::{self, Pace};
use engine::{Edition, Engine, Parts, Plan, SystemClock, edition};
use intake::inbox::{Drained, Pump};
use intake::sns::{self, Sns};
use intake::webhook::{self, Webhook};
use intake::{Accept, Entrance, Tally};
use ledger::chain::LedgerKey;
use ledger::sqlite::SqliteLedger;
use sandbox::Sandbox;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::log::LogFormat;
use super::{ConfigFile, Failure, is_colourful, rehearsed};
use crate::config::{self, Config};
use crate::wiring::{self, Sending, WiringError};

/// Run the host: receive messages, answer them by the rules, let out what the gate allows.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate run                                          embedded defaults: a shop on the simulator
  tollgate run --config tollgate.toml                   your own set-up
  tollgate run --listen 127.0.0.1:8080 --data /tmp/try  elsewhere
  TOLLGATE_DRY_RUN=1 tollgate run --config …            everything but the sending

Prints `ready http://ADDR edition=…` on standard error when it is, and logs there.")]
pub(super) struct Run {
    #[command(flatten)]
    config: ConfigFile,
    /// Where to listen, instead of what the configuration says
    #[arg(long, value_name = "ADDR", value_parser = super::address)]
    listen: Option<SocketAddr>,
    /// Where to keep the state, instead of what the configuration says
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// How log lines look
    #[arg(long, value_enum, default_value_t = LogFormat::Auto)]
    log_format: LogFormat,
    /// Where the simulator is, for the embedded defaults
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    simulator: Option<String>,
}

/// Connections that linger, a long poll say, are cut after this.
const GOODBYE: Duration = Duration::from_secs(3);

impl Run {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let (mut config, is_embedded) = self.config.read_with(self.simulator.as_deref())?;
        if let Some(listen) = self.listen {
            config
                .listen_on(listen)
                .map_err(|error| Failure::usage(format!("error: --listen: {error}")))?;
        }
        if let Some(data) = self.data {
            config.keep_in(data);
        }
        super::log::begin(config.host.log.as_str(), self.log_format);
        let unusable = |error: WiringError| Failure::usage(format!("error: {error}"));
        let doors = wiring::doors(&config).await.map_err(unusable)?;
        let api_key = config
            .host
            .api_key
            .as_ref()
            .map(|key| wiring::reveal("[host] api_key", key))
            .transpose()
            .map_err(unusable)?;
        let plan = Arc::new(
            wiring::plan(&config, is_embedded, Sending::from_environment())
                .await
                .map_err(unusable)?,
        );
        make_folder(&config.host.data)?;
        let sandbox = wiring::sandbox(Some(&config.host.data))
            .map_err(|error| Failure::found(format!("error: {error}")))?;
        let edition = edition::make(&plan, &sandbox, None)
            .await
            .map_err(|refused| {
                let failure = rehearsed::refused(&refused);
                Failure {
                    message: format!("{}: not started", failure.message),
                    ..failure
                }
            })?;
        let edition = Arc::new(edition);
        for warning in edition.warnings() {
            let told = warning.render(is_colourful(&std::io::stderr()));
            eprintln!("{}", told.trim_end());
        }
        let listener = listen(config.host.listen).await?;
        let secret = secret::host_secret(&config.host.data)?;
        let parts = Parts {
            plan,
            ledger: open(&config.host.data, &secret)?,
            sandbox,
            edition: Arc::clone(&edition),
            clock: Arc::new(SystemClock),
            secret,
        };
        tokio::spawn(report_red(
            Arc::clone(&parts.plan),
            Arc::clone(&parts.sandbox),
            edition,
        ));
        let engine = Engine::start(parts)
            .await
            .map_err(|error| Failure::found(format!("error: the ledger: {error}")))?;
        engine.keep_no_longer_than(wiring::retentions(&config));
        serve(listener, engine, doors, api_key, &config).await
    }
}

/// A start does not wait for the tests that stand beside rules: a host that answered yesterday should answer today. But what is red
/// is said.
async fn report_red(plan: Arc<Plan>, sandbox: Arc<Sandbox>, edition: Arc<Edition>) {
    let tests = rehearsal::rehearse(&plan, &sandbox, &edition, Pace::Unhurried).await;
    for fault in rehearsal::faults(&tests) {
        tracing::error!("{}", fault.render(false));
    }
}

async fn serve(
    listener: TcpListener,
    engine: Engine,
    doors: wiring::Doors,
    api_key: Option<String>,
    config: &Config,
) -> Result<(), Failure> {
    let watching = engine.watch_files().map_err(|error| {
        Failure::found(format!("error: rule and plugin files cannot be watched: {error}\n  help: raise fs.inotify.max_user_instances, or check the folders"))
    })?;
    let (stop, stopped) = watch::channel(false);
    let Opened {
        routes,
        tally,
        mut pumps,
        troubles,
    } = open_doors(doors, &engine, &stopped);
    let phone = config
        .carriers
        .values()
        .find(|carrier| carrier.simulator)
        .and_then(|carrier| match &carrier.way {
            config::Way::Graph { url, .. } => Some(url.as_str().to_owned()),
            config::Way::Aws { url, .. } => url.as_ref().map(|url| url.as_str().to_owned()),
        });
    let options = console::Options {
        api_key,
        links: console::Links { phone },
        tally: Some(tally),
        queues: troubles,
    };
    let router = routes.merge(console::router(engine.clone(), options));
    let address = listener
        .local_addr()
        .map_err(|error| Failure::found(format!("error: {error}")))?;
    server::raise_open_files();
    let mut serving = tokio::spawn(server::serve(listener, router, stopped.clone()));
    eprintln!("ready http://{address} edition={}", engine.edition().hash());
    let failed = tokio::select! {
        () = super::stop::asked() => None,
        served = &mut serving => Some(served),
    };
    if let Some(served) = failed {
        let cause = match served {
            Ok(()) => "it ended by itself".to_owned(),
            Err(error) => error.to_string(),
        };
        return Err(Failure::found(format!(
            "error: the server stopped: {cause}"
        )));
    }
    tracing::info!("asked to stop: no new work, waiting for what is under way");
    stop.send_replace(true);
    drop(watching);
    // Side by side, within a supervisor's patience: what a queue still hands in is on disk, and taken up after the next start.
    tokio::join!(engine.stop(), drain(&mut pumps));
    if tokio::time::timeout(GOODBYE, serving).await.is_err() {
        tracing::debug!("connections that lingered were cut");
    }
    tracing::info!("stopped");
    Ok(())
}

/// What the queues have in hand is finished, or given back.
async fn drain(pumps: &mut JoinSet<Drained>) {
    while let Some(drained) = pumps.join_next().await {
        if let Err(error) = drained {
            tracing::error!(%error, "a queue's pump did not end well: what it had in hand comes again");
        }
    }
}

/// The doors, open.
struct Opened {
    routes: Router,
    tally: Arc<Tally>,
    pumps: JoinSet<Drained>,
    /// What each queue refuses as long as it does.
    troubles: Vec<watch::Receiver<Option<String>>>,
}

fn open_doors(doors: wiring::Doors, engine: &Engine, stopped: &watch::Receiver<bool>) -> Opened {
    let accept: Arc<dyn Accept> = Arc::new(engine.clone());
    let wiring::Doors {
        apps,
        verify_tokens,
        numbers,
        topics,
        web,
        queues,
    } = doors;
    let numbers = Arc::new(numbers);
    let entrance = Arc::new(Entrance::new(Arc::clone(&numbers), Arc::clone(&accept)));
    let mut routes = webhook::router(Webhook {
        apps,
        verify_tokens,
        entrance: Arc::clone(&entrance),
    });
    if let Some(fetch) = web {
        routes = routes.merge(sns::router(Sns {
            topics,
            fetch,
            entrance: Arc::clone(&entrance),
        }));
    }
    let mut pumps = JoinSet::new();
    let mut troubles = Vec::new();
    for queue in queues {
        for _ in 0..queue.pollers {
            let (trouble, shown) = watch::channel(None);
            troubles.push(shown);
            let pump = Pump {
                queue: queue.name.clone(),
                inbox: Arc::clone(&queue.inbox),
                numbers: Arc::clone(&numbers),
                accept: Arc::clone(&accept),
                tally: Arc::clone(entrance.tally()),
                trouble,
                stopping: stopped.clone(),
            };
            pumps.spawn(pump.run());
        }
    }
    Opened {
        routes,
        tally: Arc::clone(entrance.tally()),
        pumps,
        troubles,
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let help = match error.kind() {
            std::io::ErrorKind::AddrInUse => "another program listens there; end it, or choose another address with --listen 127.0.0.1:PORT",
            std::io::ErrorKind::PermissionDenied => "ports below 1024 are the system's; choose a higher one with --listen",
            std::io::ErrorKind::AddrNotAvailable => "this machine has no such address; 127.0.0.1 is always there",
            _ => "choose another address with --listen",
        };
        Failure::found(format!("error: cannot listen on {address}: {error}\n  help: {help}"))
    })
}

/// The folder of the state, made if need be.
fn make_folder(data: &Path) -> Result<(), Failure> {
    if data.is_file() {
        let help = "name a folder with --data or `data` in [host]";
        let shown = data.display();
        return Err(Failure::found(format!(
            "error: {shown} is a file, and the state needs a folder\n  help: {help}"
        )));
    }
    // What customers wrote is nobody else's on this machine. A folder that is there stays as its owner made it.
    let mut folder = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(folder.recursive(true), 0o700);
    folder.create(data).map_err(|error| {
        let help = "choose a folder that this user may write, with --data or `data` in [host]";
        Failure::found(format!(
            "error: the data folder {} cannot be made: {error}\n  help: {help}",
            data.display()
        ))
    })
}

fn open(data: &Path, secret: &[u8; 32]) -> Result<Arc<SqliteLedger>, Failure> {
    let path = data.join("ledger.db");
    let ledger = SqliteLedger::open_with(&path, LedgerKey::of_host(secret)).map_err(|error| {
        Failure::found(format!(
            "error: the ledger {} cannot be opened: {error}",
            path.display()
        ))
    })?;
    Ok(Arc::new(ledger))
}
