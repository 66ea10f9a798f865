//! `tollgate plugin`: everything a plugin's developer does, from nothing to a running plugin.

mod build;
mod check;
mod dev;
mod list;
mod new;
mod pin;
mod project;
mod test;
mod vendor;

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use model::{Grants, Interface};
use sandbox::{Description, Limits, Sandbox};

use super::Failure;
use crate::wiring;

/// Write, build, try and look after plugins.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate plugin new stock-check            a plugin in Rust that builds and passes its test at once
  tollgate plugin dev                        here: build, test and reload at every change
  tollgate plugin check stock-check.wasm     what it imports, wants and weighs, and a dry run
  tollgate plugin pin stock-check            nothing but these very bytes from now on
  tollgate plugin list                       what a running host has loaded, and how it does")]
pub(super) struct Plugin {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Begin a plugin: a folder with code, a rule that uses it, and a test
    New(new::New),
    /// Watch, build, test and reload at every change
    Dev(dev::Dev),
    /// Build a plugin's component
    Build(build::Build),
    /// Inspect a component: imports, wants, size, exports, schema, and a dry run of describe and check
    Check(check::Check),
    /// Run the tests of rule files against a component, in the real sandbox
    Test(test::Test),
    /// Write a component's digest into tollgate.toml: nothing else is loaded from then on
    Pin(pin::Pin),
    /// Show a running host's plugins and how they do
    List(list::List),
}

impl Plugin {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::New(new) => new.run(),
            Command::Dev(dev) => dev.run().await,
            Command::Build(build) => build.run().await,
            Command::Check(check) => check.run().await,
            Command::Test(test) => test.run().await,
            Command::Pin(pin) => pin.run(),
            Command::List(list) => list.run().await,
        }
    }
}

/// Where a plugin's folder is.
#[derive(Debug, Clone, Args)]
struct Folder {
    /// The plugin's folder
    #[arg(default_value = ".", value_name = "FOLDER")]
    folder: PathBuf,
}

/// Everything, so that a component can be looked at before anybody has granted it anything.
fn every_grant() -> Grants {
    Grants {
        interfaces: Interface::ALL.into_iter().collect(),
        ..Grants::default()
    }
}

/// What a component asks for, granted.
fn wanted(description: &Description) -> Grants {
    Grants {
        interfaces: description
            .wants
            .iter()
            .map(|want| want.interface)
            .collect(),
        ..Grants::default()
    }
}

/// Room enough for an interpreter: a developer looks at what there is, and the limits that matter are the operator's.
fn roomy() -> Limits {
    let mut limits = Limits::default();
    limits.run.memory_bytes = sandbox::limits::MOST_MEMORY_BYTES;
    limits.load.component_bytes = 64 * 1024 * 1024;
    limits.load.function_bytes = 2 * 1024 * 1024;
    limits.load.compile_time = model::Span::from_minutes(2);
    limits.load.compile_memory_bytes = 2 * 1024 * 1024 * 1024;
    limits
}

/// Where components are tried.
fn sandbox() -> Result<Arc<Sandbox>, Failure> {
    wiring::developer_sandbox().map_err(|error| Failure::found(format!("error: {error}")))
}

/// Bytes for people.
fn size(bytes: usize) -> String {
    match bytes {
        0..10_240 => format!("{bytes} bytes"),
        10_240..10_485_760 => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes / (1024 * 1024)),
    }
}
