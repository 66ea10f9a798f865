//! How a plugin is loaded: through the compiler's own process, and with what said to whom.

use std::path::PathBuf;

use model::{Grants, Interface, PluginName};
use sandbox::{
    Compiler, HowLoaded, Limits, LoadError, LoadLimits, Plugin, RunLimits, Sandbox, Settings,
    Source,
};

use crate::stage::{everything, grants, known, name};

/// The compiler of this build, in a process of its own.
pub(crate) fn compiler() -> Compiler {
    Compiler::Child {
        program: PathBuf::from(env!("CARGO_BIN_EXE_compiler")),
        arguments: Vec::new(),
    }
}

pub(crate) fn sandbox(compiler: Compiler) -> Sandbox {
    let cache = None;
    Sandbox::new(Settings { compiler, cache }).unwrap()
}

pub(crate) fn load(
    sandbox: &Sandbox,
    component: &[u8],
    limits: &Limits,
) -> Result<Plugin, LoadError> {
    load_with(sandbox, component, &everything(), limits)
}

fn load_with(
    sandbox: &Sandbox,
    component: &[u8],
    grants: &Grants,
    limits: &Limits,
) -> Result<Plugin, LoadError> {
    let name: PluginName = name("greeter");
    sandbox.load(Source {
        name: &name,
        component,
        grants,
        limits,
        symbols: None,
    })
}

/// A component of the text format.
pub(crate) fn component(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

#[tokio::test]
async fn what_the_compilers_process_makes_runs_here() {
    let sandbox = sandbox(compiler());
    for (shipped, bytes) in shipped::all() {
        let plugin = load(&sandbox, bytes, &Limits::default()).unwrap();
        assert!(
            matches!(plugin.how_loaded(), HowLoaded::Compiled(took) if !took.is_zero()),
            "{shipped}"
        );
        plugin.check("{}", &known()).await.unwrap();
    }
    assert_eq!(sandbox.cache_counts(), None);
}

#[test]
fn what_is_no_code_is_refused_by_either_compiler_in_the_same_words() {
    // A function that should leave a number behind and does not; the exports are those of a plugin.
    let invalid = component(&plugin("(func (result i32))"));
    let said = |compiler| {
        load(&sandbox(compiler), &invalid, &Limits::default())
            .unwrap_err()
            .to_string()
    };
    let within = said(Compiler::Within);
    assert!(within.contains("type mismatch"), "{within}");
    assert_eq!(said(compiler()), within);
}

#[test]
fn a_compiler_that_cannot_be_used_is_the_hosts_fault_and_says_so() {
    let child = |program: &str, arguments: &[&str]| Compiler::Child {
        program: PathBuf::from(program),
        arguments: arguments.iter().map(Into::into).collect(),
    };
    let refused =
        |compiler| load(&sandbox(compiler), shipped::AUTO_REPLY, &Limits::default()).unwrap_err();
    let missing = refused(child("/nowhere/compiler", &[]));
    assert!(matches!(&missing, LoadError::Compiler { .. }), "{missing}");
    assert!(
        missing
            .to_string()
            .contains("/nowhere/compiler cannot be started"),
        "{missing}"
    );
    // Programs that are no compiler: one says nothing, one something else, one fails aloud.
    for (script, expected) in [
        ("exit 3", "exit status: 3"),
        ("echo hello", "exit status: 0"),
        ("echo 'no such thing' >&2; exit 1", "no such thing"),
        ("kill -SEGV $$", "SIGSEGV"),
    ] {
        let error = refused(child("/bin/sh", &["-c", script])).to_string();
        assert!(
            error.contains("crashed the compiler") && error.contains(expected),
            "{script}: {error}"
        );
    }
}

#[test]
fn a_memory_past_the_plugins_own_is_refused_with_the_line_that_allows_it() {
    // 256 pages of 64 KiB.
    let component = component(&plugin("(memory 256)"));
    let error = load(&sandbox(compiler()), &component, &Limits::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "plugin `greeter` cannot be loaded: its memory begins with 16 MiB, and it may have 8 MiB; to allow it, write \
         `memory = \"16 MiB\"` under `[plugin.greeter.limits]` in tollgate.toml"
    );
    let more = Limits {
        run: RunLimits {
            memory_bytes: 16 * 1024 * 1024,
            ..RunLimits::default()
        },
        ..Limits::default()
    };
    // It gets as far as being asked what it is, which it does not say well.
    let error = load(&sandbox(compiler()), &component, &more).unwrap_err();
    assert!(!error.to_string().contains("memory"), "{error}");
}

#[test]
fn no_plugin_may_be_given_more_memory_than_a_slot_has() {
    let greedy = Limits {
        run: RunLimits {
            memory_bytes: sandbox::limits::MOST_MEMORY_BYTES + 1,
            ..RunLimits::default()
        },
        ..Limits::default()
    };
    let error = load(&sandbox(Compiler::Within), shipped::AUTO_REPLY, &greedy).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("no plugin may have more than 128 MiB"),
        "{error}"
    );
}

#[test]
fn each_plugin_of_one_sandbox_has_limits_of_its_own() {
    let sandbox = sandbox(Compiler::Within);
    let small = LoadLimits {
        component_bytes: 1024,
        ..LoadLimits::default()
    };
    let small = Limits {
        load: small,
        ..Limits::default()
    };
    let error = load(&sandbox, shipped::AUTO_REPLY, &small).unwrap_err();
    assert!(
        matches!(&error, LoadError::PastLimit { key, .. } if *key == "component_bytes"),
        "{error}"
    );
    let plugin = load(&sandbox, shipped::AUTO_REPLY, &Limits::default()).unwrap();
    assert_eq!(plugin.limits(), &Limits::default());
}

#[test]
fn i07_wasi_is_a_grant_and_the_line_that_gives_it_is_said() {
    let imports = |import: &str| {
        let import = format!("(import \"{import}\" (instance))");
        component(&format!("(component {import} {TYPES} {EXPORTS})"))
    };
    let refused = |import: &str, granted: &[Interface]| {
        load_with(
            &sandbox(Compiler::Within),
            &imports(import),
            &grants(granted),
            &Limits::default(),
        )
        .unwrap_err()
        .to_string()
    };
    let error = refused("wasi:cli/environment@0.2.6", &[Interface::Gate]);
    assert!(
        error.contains("imports `wasi:cli/environment@0.2.6` and is not granted `wasi`")
            && error.contains(r#"write `grants = ["gate", "wasi"]` under `[plugin.greeter]`"#),
        "{error}"
    );
    for (import, reason) in [
        ("wasi:sockets/tcp@0.2.6", "with `lookup`"),
        ("wasi:http/outgoing-handler@0.2.6", "with `lookup`"),
        (
            "wasi:keyvalue/store@0.2.0",
            "cli, clocks, filesystem, io, random and nothing else",
        ),
        ("wasi:cli/environment@0.3.0", "of version 0.2.x"),
        (
            "shop:things/order@1.0.0",
            "a plugin may import types, log, gate",
        ),
        (
            "tollgate:plugin/wasi@1.0.0",
            "a plugin may import types, log, gate",
        ),
    ] {
        let error = refused(import, &Interface::ALL);
        assert!(
            error.contains(&format!("imports `{import}`, which no grant covers"))
                && error.contains(reason),
            "{import}: {error}"
        );
    }
}

#[test]
fn a_component_that_names_no_version_of_the_contract_is_refused() {
    let component = component(&format!("(component {EXPORTS})"));
    let error = load(&sandbox(Compiler::Within), &component, &Limits::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("it imports no `tollgate:plugin/types`"),
        "{error}"
    );
}

const TYPES: &str = r#"(import "tollgate:plugin/types@1.0.0" (instance))"#;

/// Exports of the right names around functions that do nothing.
const EXPORTS: &str = r#"
    (core module $exports (func (export "f")))
    (core instance $exported (instantiate $exports))
    (func (export "describe") (canon lift (core func $exported "f")))
    (func (export "check") (canon lift (core func $exported "f")))
    (func (export "handle") (canon lift (core func $exported "f")))"#;

/// A component with the looks of a plugin and one more core module, with these definitions in it.
pub(crate) fn plugin(definitions: &str) -> String {
    format!(
        "(component {TYPES} {EXPORTS}
            (core module $more {definitions})
            (core instance (instantiate $more)))"
    )
}
