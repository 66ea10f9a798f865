//! What loading costs: cold, from the folder of compiled code, and the plugin's own part of it.

use std::time::{Duration, Instant};

use sandbox::{Compiler, HowLoaded, Sandbox, Settings, warm};

use crate::figures::{Spread, microseconds};
use crate::stage;
use crate::workers::Fault;

/// The shipped plugin nearest to 100 KB.
const COMPONENT: &[u8] = shipped::OPT_OUT;
const COLD: usize = 15;
const CACHED: usize = 200;
const DESCRIBED: usize = 500;

/// Each in microseconds.
pub(crate) struct Loading {
    pub(crate) bytes: usize,
    /// Looked over, compiled in the child process, described.
    pub(crate) cold: Spread,
    /// The compiling among that.
    pub(crate) compiling: Spread,
    /// Looked over, unsealed and described.
    pub(crate) cached: Spread,
    pub(crate) describing: Spread,
}

pub(crate) fn measure() -> Result<Loading, Fault> {
    let compiler = Compiler::Child {
        program: env!("CARGO_BIN_EXE_compiler").into(),
        arguments: Vec::new(),
    };
    let folder = tempfile::tempdir()?;
    let uncached = Sandbox::new(Settings {
        compiler: compiler.clone(),
        cache: None,
    })?;
    let caching = Sandbox::new(Settings {
        compiler,
        cache: Some(folder.path().to_owned()),
    })?;
    let load = |sandbox: &Sandbox| {
        let began = Instant::now();
        let plugin = stage::load(sandbox, "opt-out", COMPONENT)?;
        Ok::<_, Fault>((plugin, began.elapsed()))
    };

    let (mut cold, mut compiling) = (Vec::new(), Vec::new());
    for _ in 0..COLD {
        let (plugin, took) = load(&uncached)?;
        let HowLoaded::Compiled(compiled) = plugin.how_loaded() else {
            return Err("a sandbox without a cache found compiled code".into());
        };
        cold.push(took);
        compiling.push(compiled);
    }

    let (plugin, _) = load(&caching)?;
    let mut cached = Vec::new();
    for _ in 0..CACHED {
        let (plugin, took) = load(&caching)?;
        if plugin.how_loaded() != HowLoaded::Cached {
            return Err("compiled code was not found again".into());
        }
        cached.push(took);
    }

    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut describing = Vec::new();
    for _ in 0..DESCRIBED {
        let began = Instant::now();
        let described = runtime.block_on(warm::describe(&plugin));
        describing.push(began.elapsed());
        let described = described.map_err(|failure| format!("{failure:?}"))?;
        if described != *plugin.description() {
            return Err("it described itself otherwise than when it was loaded".into());
        }
    }

    let spread = |times: Vec<Duration>| Spread::of(times.into_iter().map(microseconds).collect());
    Ok(Loading {
        bytes: COMPONENT.len(),
        cold: spread(cold)?,
        compiling: spread(compiling)?,
        cached: spread(cached)?,
        describing: spread(describing)?,
    })
}
