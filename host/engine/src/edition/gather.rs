//! Reads rule files and loads plugins, noting everything that is wrong with them.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use model::{PluginName, TenantId};
use rulebook::Source;
use sandbox::{Plugin, Sandbox};
use sha2::{Digest, Sha256};

use super::{Edition, Fault};
use crate::limits;
use crate::plan::{Component, Plan, PluginSource, RuleSource};

/// All that files gave, and what was wrong with them.
pub(super) struct Gathered {
    pub(super) sources: BTreeMap<TenantId, Vec<Source>>,
    pub(super) plugins: BTreeMap<PluginName, Plugin>,
    pub(super) faults: Vec<Fault>,
}

pub(super) fn gather(plan: &Plan, sandbox: &Sandbox, previous: Option<&Edition>) -> Gathered {
    let mut gathered = Gathered {
        sources: BTreeMap::new(),
        plugins: BTreeMap::new(),
        faults: Vec::new(),
    };
    for (name, source) in &plan.plugins {
        match load(name, source, sandbox, previous) {
            Ok(plugin) => drop(gathered.plugins.insert(name.clone(), plugin)),
            Err(fault) => gathered.faults.push(fault),
        }
    }
    for (id, tenant) in &plan.tenants {
        match sources(&tenant.rules) {
            Ok(sources) => drop(gathered.sources.insert(id.clone(), sources)),
            Err(fault) => gathered.faults.push(fault),
        }
    }
    gathered
}

fn load(
    name: &PluginName,
    source: &PluginSource,
    sandbox: &Sandbox,
    previous: Option<&Edition>,
) -> Result<Plugin, Fault> {
    let read;
    let (bytes, path) = match &source.component {
        Component::Embedded(bytes) => (*bytes, format!("plugin {name} (shipped)")),
        Component::File(path) => {
            let shown = path.display().to_string();
            read = read_at_most(path, source.limits.load.component_bytes).map_err(|error| {
                let help = match error.kind() {
                    io::ErrorKind::FileTooLarge => {
                        format!("allow it more with `component_bytes` under [plugin.{name}.limits]")
                    }
                    _ => format!("[plugin.{name}] names this file: build it, or mend `component`"),
                };
                fault(shown.clone(), &error, help)
            })?;
            (read.as_slice(), shown)
        }
    };
    let digest = hex::encode(Sha256::digest(bytes));
    demand_pin(name, source, &digest, &path)?;
    let same = previous
        .and_then(|edition| edition.plugin(name))
        .filter(|loaded| {
            loaded.digest() == digest
                && *loaded.grants() == source.grants
                && *loaded.limits() == source.limits
        });
    if let Some(loaded) = same {
        return Ok(loaded.clone());
    }
    let loaded = sandbox.load(sandbox::Source {
        name,
        component: bytes,
        grants: &source.grants,
        limits: &source.limits,
        symbols: symbols(source, &digest).as_deref(),
    });
    loaded.map_err(|error| Fault::File {
        path,
        problem: error.to_string(),
        help: format!("the plugin {name} is not loaded: mend that, or take `[plugin.{name}]` out"),
    })
}

/// A pinned plugin is that very code, or it is not loaded.
fn demand_pin(
    name: &PluginName,
    source: &PluginSource,
    digest: &str,
    path: &str,
) -> Result<(), Fault> {
    match &source.pin {
        Some(pin) if pin != digest => Err(Fault::File {
            path: path.to_owned(),
            problem: format!("its SHA-256 is {digest}, and it is pinned to {pin}"),
            help: format!(
                "if the change is meant, run `tollgate plugin pin {name}`; else put the pinned component back"
            ),
        }),
        _ => Ok(()),
    }
}

/// The unstripped build of a stripped component, if it lies beside it under the component's digest.
fn symbols(source: &PluginSource, digest: &str) -> Option<Vec<u8>> {
    let Component::File(path) = &source.component else {
        return None;
    };
    let beside = path
        .parent()?
        .join(sandbox::symbols::FOLDER)
        .join(format!("{digest}.wasm"));
    read_at_most(&beside, limits::SYMBOL_BYTES).ok()
}

pub(super) fn sources(rules: &RuleSource) -> Result<Vec<Source>, Fault> {
    match rules {
        RuleSource::Embedded(texts) => Ok(texts
            .iter()
            .map(|(name, text)| Source {
                name: (*name).to_owned(),
                text: (*text).to_owned(),
            })
            .collect()),
        RuleSource::Folder(folder) => read_folder(folder),
    }
}

/// The folder's `.toml` files in name order. Hidden files are editors' own.
fn read_folder(folder: &Path) -> Result<Vec<Source>, Fault> {
    let shown = folder.display().to_string();
    let unreadable = |error: &io::Error| {
        let help = match error.kind() {
            io::ErrorKind::NotADirectory => {
                "`rules` in tollgate.toml names a folder of .toml files: move the file into one"
            }
            _ => "create the folder and put a .toml file into it, or mend `rules` in tollgate.toml",
        };
        fault(shown.clone(), error, help.to_owned())
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| unreadable(&error))? {
        let path = entry.map_err(|error| unreadable(&error))?.path();
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if !is_hidden
            && path
                .extension()
                .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    paths.sort();
    if paths.is_empty() {
        let problem = "there is no .toml file in it, so there are no rules".to_owned();
        return Err(Fault::File {
            path: shown,
            problem,
            help: "write a first rule: `[[rule]]` with a name, `when.words` and `reply.en`".into(),
        });
    }
    if paths.len() > limits::RULE_FILES {
        let problem = format!(
            "it holds {} rule files, more than {}",
            paths.len(),
            limits::RULE_FILES
        );
        return Err(Fault::File {
            path: shown,
            problem,
            help: "join some of them".into(),
        });
    }
    paths.iter().map(|path| read_rules(path)).collect()
}

fn read_rules(path: &Path) -> Result<Source, Fault> {
    let name = path.display().to_string();
    let bytes = read_at_most(path, limits::RULE_FILE_BYTES).map_err(|error| {
        let help = match error.kind() {
            io::ErrorKind::IsADirectory => "give the folder a name without .toml, or move it away",
            io::ErrorKind::FileTooLarge => "split it into several files",
            _ => "make the file readable for this host",
        };
        fault(name.clone(), &error, help.to_owned())
    })?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Source { name, text }),
        Err(error) => {
            let line = error
                .as_bytes()
                .iter()
                .take(error.utf8_error().valid_up_to())
                .filter(|byte| **byte == b'\n')
                .count()
                + 1;
            let problem = format!("line {line} is not UTF-8 text");
            Err(Fault::File {
                path: name,
                problem,
                help: "save the file with the encoding UTF-8".into(),
            })
        }
    }
}

fn read_at_most(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    use io::Read;
    // Opening a pipe would wait for somebody to write into it, and with it every later reload.
    let kind = fs::metadata(path)?;
    if kind.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    if !kind.is_file() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no ordinary file",
        ));
    }
    let mut bytes = Vec::new();
    let one_more = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = fs::File::open(path)?
        .take(one_more)
        .read_to_end(&mut bytes)?;
    if read > most {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is larger than {most} bytes"),
        ));
    }
    Ok(bytes)
}

fn fault(path: String, error: &io::Error, help: String) -> Fault {
    let (problem, help) = match error.kind() {
        io::ErrorKind::NotFound => ("it does not exist".to_owned(), help),
        io::ErrorKind::PermissionDenied => (
            "this host may not read it".to_owned(),
            "make it readable for the user that the host runs as".to_owned(),
        ),
        io::ErrorKind::NotADirectory => ("it is a file, not a folder".to_owned(), help),
        io::ErrorKind::IsADirectory => ("it is a folder, not a file".to_owned(), help),
        _ => (error.to_string(), help),
    };
    Fault::File {
        path,
        problem,
        help,
    }
}
