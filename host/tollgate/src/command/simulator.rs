//! `tollgate simulator`: the network's stand-in.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use clap::Args;
use simulator::SimulatorError;

use super::Failure;
use super::log::LogFormat;

/// Run a stand-in for the WhatsApp network, on loopback, that records everything.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  export TOLLGATE_APP_SECRET=$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \\n')
  tollgate simulator
  curl -d '{\"from\":\"5511900000001\",\"name\":\"Ana\",\"text\":\"oi\"}' http://127.0.0.1:7071/_sim/say
  curl http://127.0.0.1:7071/_sim/record
  curl -X PUT -d '{\"drop_reply\":0.5,\"seed\":7}' http://127.0.0.1:7071/_sim/faults

Its phone, in a browser: http://127.0.0.1:7071/")]
pub(super) struct Simulator {
    /// Where to listen; loopback alone
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7071", value_parser = super::address)]
    listen: SocketAddr,
    /// The host that gets the webhooks
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7070")]
    host_url: String,
    /// The environment variable that holds the Meta app's secret: webhooks are signed with it
    #[arg(long, value_name = "NAME", default_value = "TOLLGATE_APP_SECRET")]
    app_secret_env: String,
    /// The business number that customers write to (phone_number_id), if they name none
    #[arg(long, value_name = "ID", default_value = "100000000000001")]
    number: String,
    /// An AWS number and the Meta number that its statuses name; may be given several times
    #[arg(long, value_name = "AWS_ID=META_ID", value_parser = pair)]
    aws_number: Vec<(String, String)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (aws, meta) = text
        .split_once('=')
        .ok_or("write it as phone-number-id-…=100000000000001")?;
    Ok((aws.to_owned(), meta.to_owned()))
}

impl Simulator {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let name = &self.app_secret_env;
        let secret = std::env::var(name).ok().filter(|secret| !secret.is_empty()).ok_or_else(|| {
            Failure::usage(format!("error: the environment has no {name}\n  help: `export {name}='…'`, the same for host and simulator"))
        })?;
        super::log::begin("info", LogFormat::Auto);
        let options = simulator::Options {
            listen: self.listen,
            host_url: self.host_url,
            app_secret: secret.into_bytes(),
            number: self.number,
            numbers: self.aws_number.into_iter().collect::<BTreeMap<_, _>>(),
        };
        let running = simulator::start(options)
            .await
            .map_err(|error| failure(&error))?;
        eprintln!("ready http://{}", running.addr());
        super::stop::asked().await;
        running.stop().await;
        Ok(())
    }
}

fn failure(error: &SimulatorError) -> Failure {
    match error {
        SimulatorError::Listen { .. } => {
            let help = "another program may listen there: end it, or choose another address with --listen 127.0.0.1:PORT";
            Failure::found(format!("error: {error}\n  help: {help}"))
        }
        SimulatorError::Client(_) => Failure::found(format!("error: {error}")),
        _ => Failure::usage(format!("error: {error}")),
    }
}
