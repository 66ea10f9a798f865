//! Builds the guests with a cargo of their own and leaves the components in `OUT_DIR`.

use std::env;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "plugin";

/// Guests for the tests of the sandbox.
const TEST_GUESTS: [&str; 4] = ["test-guest", "wasi-guest", "fixture-v1", "asking-guest"];

/// The examples in Rust, whose rule tests run with everybody's.
const EXAMPLES: [&str; 3] = ["plugin-greeter", "plugin-order-status", "plugin-verify"];

/// This one keeps its names and lines, as a developer's build does: traps are told by them.
const WITH_SYMBOLS: [&str; 2] = [
    "profile.plugin.package.test-guest.strip=false",
    r#"profile.plugin.package.test-guest.debug="line-tables-only""#,
];

fn main() {
    if let Err(error) = build() {
        for line in error.to_string().lines() {
            println!("cargo::error={line}");
        }
    }
}

fn build() -> Result<(), Box<dyn Error>> {
    let workspace = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?)
        .join("../..")
        .canonicalize()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut guests = vec!["auto-reply", "kb-answer", "router", "opt-out"];
    if env::var_os("CARGO_FEATURE_TEST_GUEST").is_some() {
        guests.extend(TEST_GUESTS);
        guests.extend(EXAMPLES);
    }
    watch(&workspace, &guests);
    demand_target()?;

    let target_directory = target_directory(&out);
    compile(&workspace, &target_directory, &guests, &[])?;
    for guest in guests {
        let file = format!("{}.wasm", guest.replace('-', "_"));
        take(&target_directory, &file, &out.join(&file))?;
    }
    if env::var_os("CARGO_FEATURE_BENCH").is_some() {
        // A directory of its own: the same file of the other, with another allocator, must never be taken for the product's.
        let target_directory = target_directory.with_file_name("guests-with-standard-allocator");
        let features = ["--features", "sdk/standard-allocator"];
        compile(&workspace, &target_directory, &["auto-reply"], &features)?;
        take(
            &target_directory,
            "auto_reply.wasm",
            &out.join("auto_reply_with_standard_allocator.wasm"),
        )?;
    }
    Ok(())
}

fn take(target_directory: &Path, file: &str, to: &Path) -> Result<(), Box<dyn Error>> {
    let built = target_directory.join(TARGET).join(PROFILE).join(file);
    fs::copy(&built, to)
        .map_err(|error| format!("{} cannot be copied: {error}", built.display()))?;
    Ok(())
}

/// Whatever a component is made of.
fn watch(workspace: &Path, guests: &[&str]) {
    let crates = guests.iter().chain(&["sdk"]).flat_map(|name| {
        ["src", "wit", "Cargo.toml", "settings.schema.json"].map(|part| {
            match name.starts_with("plugin-") {
                true => format!("examples/{name}/{part}"),
                false => format!("plugins/{name}/{part}"),
            }
        })
    });
    let shared = [
        "wit",
        "Cargo.toml",
        "Cargo.lock",
        ".cargo/config.toml",
        "rust-toolchain.toml",
    ]
    .map(str::to_owned);
    for path in crates
        .chain(shared)
        .map(|path| workspace.join(path))
        .filter(|path| path.exists())
    {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    println!("cargo::rerun-if-changed=build.rs");
}

fn demand_target() -> Result<(), Box<dyn Error>> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let answer = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()?;
    let library = PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim());
    if answer.status.success() && library.is_dir() {
        return Ok(());
    }
    Err(format!("plugins are built for {TARGET}, and that target is not installed\nrun: rustup target add {TARGET}").into())
}

/// A directory beside the outer build's, shared by all its profiles. The outer directory itself is locked by the cargo
/// that waits for this script.
fn target_directory(out: &Path) -> PathBuf {
    let outer = out
        .ancestors()
        .find(|directory| directory.join("CACHEDIR.TAG").is_file());
    outer.unwrap_or(out).join("guests")
}

fn compile(
    workspace: &Path,
    target_directory: &Path,
    guests: &[&str],
    features: &[&str],
) -> Result<(), Box<dyn Error>> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace).args([
        "build",
        "--locked",
        "--profile",
        PROFILE,
        "--target",
        TARGET,
        "--target-dir",
    ]);
    cargo.arg(target_directory);
    cargo.arg("--config").arg(without_paths_of_this_machine()?);
    for setting in WITH_SYMBOLS {
        cargo.args(["--config", setting]);
    }
    for guest in guests {
        cargo.args(["--package", guest]);
    }
    cargo.args(features);
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(belongs_to_the_outer_build) {
            cargo.env_remove(name);
        }
    }
    let result = cargo.output()?;
    if result.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&result.stderr);
    Err(format!(
        "the plugins ({}) cannot be built:\n{said}",
        guests.join(", ")
    )
    .into())
}

/// Panics name their place in the source. Where this machine keeps its crates is nobody's business, and a component
/// should have the same bytes wherever it was built.
fn without_paths_of_this_machine() -> Result<String, Box<dyn Error>> {
    let home = match env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => env::home_dir()
            .ok_or("neither CARGO_HOME nor a home directory is known")?
            .join(".cargo"),
    };
    let flag = format!("--remap-path-prefix={}=cargo", home.display());
    // Arrays of several configurations are joined: the flags of .cargo/config.toml stay.
    Ok(format!("target.{TARGET}.rustflags=[{flag:?}]"))
}

/// Flags, wrappers (clippy's, coverage's) and settings of the outer build must not reach the guests'. The job server
/// (`CARGO_MAKEFLAGS`) must, so that both together keep to one number of jobs; so must where and how to download.
fn belongs_to_the_outer_build(name: &str) -> bool {
    const KEPT: [&str; 2] = ["CARGO_MAKEFLAGS", "CARGO_HOME"];
    const KEPT_KINDS: [&str; 5] = [
        "CARGO_NET_",
        "CARGO_HTTP_",
        "CARGO_REGISTRIES_",
        "CARGO_REGISTRY_",
        "CARGO_SOURCE_",
    ];
    let kept = KEPT.contains(&name) || KEPT_KINDS.iter().any(|kind| name.starts_with(kind));
    let of_cargo =
        name.starts_with("CARGO_") || name.starts_with("RUSTC") || name.starts_with("RUSTDOC");
    let of_the_compiler = [
        "RUSTFLAGS",
        "TARGET",
        "HOST",
        "PROFILE",
        "OPT_LEVEL",
        "DEBUG",
        "NUM_JOBS",
        "OUT_DIR",
        "LLVM_PROFILE_FILE",
    ];
    (of_cargo && !kept) || of_the_compiler.contains(&name)
}
