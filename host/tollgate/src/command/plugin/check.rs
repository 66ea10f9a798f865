//! `tollgate plugin check`: a component, looked at as the host would, before anybody grants it anything.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use model::{Known, PluginName};
use sandbox::{HowLoaded, Plugin, Sandbox, Source};
use serde_json::{Value, json};

use super::{every_grant, roomy, size};
use crate::command::{Failure, complain, say};

/// Inspect a component: imports, wants, size, exports, schema, and a dry run of describe and check.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tollgate plugin check dist/stock-check.wasm
  tollgate plugin check dist/stock-check.wasm --settings '{\"shelf\": 7}'
  tollgate plugin check dist/stock-check.wasm --json | jq .wants")]
pub(super) struct Check {
    /// The component
    file: PathBuf,
    /// Settings for the dry run of check, as JSON
    #[arg(long, value_name = "JSON", default_value = "{}")]
    settings: String,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) async fn run(self) -> Result<(), Failure> {
        serde_json::from_str::<Value>(&self.settings)
            .map_err(|error| Failure::usage(format!("error: --settings: {error}")))?;
        let bytes = read(&self.file)?;
        let plugin = load(&super::sandbox()?, &self.file, bytes.clone()).await?;
        let anatomy = sandbox::anatomy(&bytes)
            .map_err(|error| Failure::found(format!("error: {}: {error}", self.file.display())))?;
        let checked = plugin.check(&self.settings, &known()).await;
        let problems = checked.as_deref().unwrap_or_default();
        let description = plugin.description();
        let schema = serde_json::from_str::<Value>(&description.settings_schema);
        if self.json {
            say(&format!(
                "{:#}\n",
                json!({
                    "name": description.name,
                    "version": description.version,
                    "sha256": plugin.digest(),
                    "bytes": anatomy.bytes,
                    "largest_function_bytes": anatomy.largest_function_bytes,
                    "memory_bytes": anatomy.memory_bytes,
                    "imports": anatomy.imports,
                    "exports": anatomy.exports,
                    "wants": description.wants.iter().map(|want| json!({
                        "interface": want.interface, "reason": want.reason,
                    })).collect::<Vec<_>>(),
                    "problems": problems,
                    "schema": schema.as_ref().ok(),
                })
            ));
        } else {
            say(&self.words(&plugin, &anatomy, checked.as_deref().ok()));
        }
        checked.map_err(|failure| {
            Failure::found(format!(
                "error: it could not check the settings {}: {failure}",
                self.settings
            ))
        })?;
        match schema {
            Ok(_) => Ok(()),
            Err(error) => Err(Failure::found(format!(
                "error: its settings schema is no JSON: {error}\n  help: return a JSON Schema, or `{{}}`, from describe"
            ))),
        }
    }

    fn words(
        &self,
        plugin: &Plugin,
        anatomy: &sandbox::Anatomy,
        problems: Option<&[model::Problem]>,
    ) -> String {
        let description = plugin.description();
        let mut text = format!(
            "{} {}\n  size       {} (largest function {}, memory at start {})\n  sha256     {}\n",
            description.name,
            description.version,
            size(anatomy.bytes),
            size(anatomy.largest_function_bytes),
            size(anatomy.memory_bytes),
            plugin.digest()
        );
        if let HowLoaded::Compiled(took) = plugin.how_loaded() {
            text.push_str(&format!("  compiled   in {} ms\n", took.as_millis()));
        }
        let list = |head: &str, lines: &[String]| match lines {
            [] => format!("  {head:<10} nothing\n"),
            [first, rest @ ..] => {
                let mut text = format!("  {head:<10} {first}\n");
                for line in rest {
                    text.push_str(&format!("  {:<10} {line}\n", ""));
                }
                text
            }
        };
        text.push_str(&list("imports", &anatomy.imports));
        text.push_str(&list("exports", &anatomy.exports));
        let wants: Vec<String> = description
            .wants
            .iter()
            .map(|want| format!("{}: {}", want.interface, want.reason))
            .collect();
        text.push_str(&list("wants", &wants));
        text.push_str(&list("schema", &schema_keys(&description.settings_schema)));
        let head = format!("with the settings {}, its check", self.settings);
        let problem_in_words = |problem: &model::Problem| match problem.path.as_str() {
            "" => problem.message.clone(),
            path => format!("{path}: {}", problem.message),
        };
        text.push_str(&match problems {
            None => format!("{head} fails, see below\n"),
            Some([]) => format!("{head} says: fine\n"),
            Some(problems) => {
                let lines: Vec<String> = problems.iter().map(problem_in_words).collect();
                format!("{head} says:\n  {}\n", lines.join("\n  "))
            }
        });
        let grants: Vec<String> = description
            .wants
            .iter()
            .map(|want| format!("\"{}\"", want.interface))
            .collect();
        text.push_str(&format!(
            "to load it, write into tollgate.toml:\n  [plugin.{}]\n  component = {:?}\n  grants = [{}]\n",
            description.name,
            self.file.display().to_string(),
            grants.join(", ")
        ));
        let default = sandbox::Limits::default();
        if anatomy.memory_bytes > default.run.memory_bytes
            || anatomy.bytes > default.load.component_bytes
            || anatomy.largest_function_bytes > default.load.function_bytes
        {
            let mib = |bytes: usize| bytes.div_ceil(1024 * 1024).next_power_of_two();
            text.push_str(&format!("  [plugin.{}.limits]\n", description.name));
            if anatomy.memory_bytes > default.run.memory_bytes {
                let double = anatomy.memory_bytes.saturating_mul(2);
                text.push_str(&format!("  memory = \"{}MiB\"\n", mib(double)));
            }
            if anatomy.bytes > default.load.component_bytes {
                text.push_str(&format!(
                    "  component_bytes = \"{}MiB\"\n",
                    mib(anatomy.bytes)
                ));
                text.push_str("  compile_time = \"2m\"\n  compile_memory = \"2GiB\"\n");
            }
            if anatomy.largest_function_bytes > default.load.function_bytes {
                text.push_str(&format!(
                    "  function_bytes = \"{}MiB\"\n",
                    mib(anatomy.largest_function_bytes)
                ));
            }
        }
        text
    }
}

/// What a rule's file would tell: there is a language in every one of them, and plugins count on it.
fn known() -> Known {
    Known {
        languages: model::Language::new("en").into_iter().collect(),
        ..Known::default()
    }
}

/// The keys that a schema names, with their descriptions.
fn schema_keys(schema: &str) -> Vec<String> {
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    let keys = schema.get("properties").and_then(Value::as_object);
    let line =
        |(key, value): (&String, &Value)| match value.get("description").and_then(Value::as_str) {
            Some(description) => format!("{key}: {description}"),
            None => key.clone(),
        };
    keys.into_iter().flatten().map(line).collect()
}

pub(super) fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    let shown = file.display();
    let wrong = |error: std::io::Error| {
        let help = match error.kind() {
            std::io::ErrorKind::NotFound => "\n  help: build it with `tollgate plugin build`",
            _ => "",
        };
        Failure::usage(format!("error: {shown}: {error}{help}"))
    };
    let found = std::fs::metadata(file).map_err(wrong)?;
    if !found.is_file() {
        return Err(Failure::usage(format!(
            "error: {shown}: it is no ordinary file\n  help: name a component, as `tollgate plugin build` leaves it in dist"
        )));
    }
    let most = sandbox::limits::MOST_COMPONENT_BYTES;
    if usize::try_from(found.len()).map_or(true, |bytes| bytes > most) {
        return Err(Failure::usage(format!(
            "error: {shown}: it has {} bytes, and no plugin may have more than {}",
            found.len(),
            size(most)
        )));
    }
    std::fs::read(file).map_err(wrong)
}

/// Above this, somebody who waits wants to know for what.
const LARGE_BYTES: usize = 1024 * 1024;

/// Loads a component as the host would, with everything granted.
pub(super) async fn load(
    sandbox: &Arc<Sandbox>,
    file: &Path,
    bytes: Vec<u8>,
) -> Result<Plugin, Failure> {
    let name = file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    let name = name
        .and_then(|name| PluginName::new(name.to_lowercase().replace('_', "-")).ok())
        .or_else(|| PluginName::new("plugin").ok())
        .ok_or_else(|| Failure::usage("error: the file has no name"))?;
    let sandbox = Arc::clone(sandbox);
    if bytes.len() > LARGE_BYTES {
        let bytes = size(bytes.len());
        complain(&format!(
            "loading {}, {bytes}: compiling that takes some seconds; what comes out is kept",
            file.display()
        ));
    }
    let loading = tokio::task::spawn_blocking(move || {
        sandbox.load(Source {
            name: &name,
            component: &bytes,
            grants: &every_grant(),
            limits: &roomy(),
            symbols: None,
        })
    });
    loading
        .await
        .map_err(|error| Failure::found(format!("error: {error}")))?
        .map_err(|error| Failure::found(format!("error: {}: {error}", file.display())))
}
