//! I8: what is made to harm whoever loads it is refused in seconds, by the limit that it passes, and hurts nobody else.
//!
//! All of it goes through the compiler's own process, as in the product.

use std::fmt::Write as _;
use std::os::unix::fs::symlink;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use model::{Failure, Span};
use sandbox::{Compiler, Limits, LoadError, LoadLimits, Plugin, RunLimits, Sandbox, limits};
use wasmparser::{Parser, Payload};

use crate::loading::{compiler, component, load, plugin, sandbox};
use crate::stage::known;

/// A test machine may be slow and busy; these take milliseconds on an ordinary one.
const SECONDS: Duration = Duration::from_secs(20);

/// A sandbox as in the product, and a plugin in it that was loaded before anything hostile was.
fn house() -> &'static (Sandbox, Plugin) {
    static HOUSE: OnceLock<(Sandbox, Plugin)> = OnceLock::new();
    HOUSE.get_or_init(|| {
        let sandbox = sandbox(compiler());
        let plugin = load(&sandbox, shipped::ROUTER, &Limits::default()).unwrap();
        (sandbox, plugin)
    })
}

/// Loads it beside the old plugin, which must serve as if nothing had been.
async fn refused(hostile: &[u8], limits: &Limits) -> LoadError {
    let (sandbox, old) = house();
    let expected = old.check("{}", &known()).await.unwrap();
    let began = Instant::now();
    let error = load(sandbox, hostile, limits).unwrap_err();
    assert!(began.elapsed() < SECONDS, "{:?}: {error}", began.elapsed());
    assert_eq!(old.check("{}", &known()).await.unwrap(), expected);
    error
}

async fn refused_by_default(text: &str) -> LoadError {
    refused(&component(text), &Limits::default()).await
}

#[track_caller]
fn assert_says(error: &LoadError, expected: &str) {
    let said = error.to_string();
    assert!(said.contains(expected), "{said}");
}

#[tokio::test]
async fn i08_a_start_function_that_loops_is_refused() {
    let hostile = starting("(func $spin (loop (br 0))) (start $spin)");
    // Less than by default, so that fuel is up before the clock is, even on a machine that is busy with other tests.
    let limits = Limits {
        run: RunLimits {
            fuel: 10_000_000,
            ..RunLimits::default()
        },
        ..Limits::default()
    };
    let error = refused(&hostile, &limits).await;
    let LoadError::Describe {
        failure: Failure::Limit { which, .. },
        ..
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!(which, "fuel");
}

#[tokio::test]
async fn i08_a_start_function_that_traps_is_refused() {
    let hostile = starting("(func $trap unreachable) (start $trap)");
    let error = refused(&hostile, &Limits::default()).await;
    assert!(
        matches!(
            &error,
            LoadError::Describe {
                failure: Failure::Trapped { .. },
                ..
            }
        ),
        "{error}"
    );
}

/// A plugin that ships with one more core module behind it, which is instantiated with the others.
fn starting(definitions: &str) -> Vec<u8> {
    let module = wat::parse_str(format!("(module {definitions})")).unwrap();
    let sections = Parser::new(0).parse_all(shipped::ROUTER);
    let modules = sections.filter(|section| matches!(section, Ok(Payload::ModuleSection { .. })));
    let index = u8::try_from(modules.count()).unwrap();
    let mut hostile = shipped::ROUTER.to_vec();
    // Section 1, a core module. Section 2, core instances: one, of that module, without arguments.
    hostile.extend(section(1, &module));
    hostile.extend(section(2, &[1, 0, index, 0]));
    hostile
}

/// A section of a component.
fn section(kind: u8, contents: &[u8]) -> Vec<u8> {
    let mut section = vec![kind];
    let mut length = contents.len();
    while length >= 0x80 {
        section.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    section.push(u8::try_from(length).unwrap());
    section.extend(contents);
    section
}

#[tokio::test]
async fn i08_a_memory_of_a_gibibyte_is_refused() {
    let error = refused_by_default(&plugin("(memory 16384)")).await;
    assert_says(
        &error,
        "its memory begins with 1 GiB, and no plugin may have more than 128 MiB",
    );
}

#[tokio::test]
async fn i08_a_memory_whose_size_overflows_is_refused() {
    let error = refused_by_default(&plugin("(memory i64 0xffff_ffff_ffff)")).await;
    assert_says(&error, "and no plugin may have more than 128 MiB");
}

#[tokio::test]
async fn i08_one_huge_function_is_refused() {
    let body = "nop ".repeat(ordinary().function_bytes);
    let error = refused_by_default(&plugin(&format!("(func {body})"))).await;
    assert!(
        matches!(
            &error,
            LoadError::PastLimit {
                key: "function_bytes",
                ..
            }
        ),
        "{error}"
    );
    assert_says(
        &error,
        "and 128 KiB are allowed; to allow it, write `function_bytes = \"129 KiB\"`",
    );
}

#[tokio::test]
async fn i08_a_hundred_thousand_functions_are_refused() {
    let error = refused_by_default(&plugin(&"(func)".repeat(100_000))).await;
    assert_says(&error, "it has more than 60000 functions");
}

#[tokio::test]
async fn i08_giant_tables_are_refused() {
    let error = refused_by_default(&plugin("(table 10000000 funcref)")).await;
    assert_says(
        &error,
        "begins with 10000000 entries, and 32768 are allowed",
    );
    let error = refused_by_default(&plugin(&"(table 1 funcref)".repeat(9))).await;
    assert_says(&error, "more than 8 tables");
}

#[tokio::test]
async fn i08_memories_beyond_the_one_are_refused() {
    let error = refused_by_default(&plugin("(memory 1) (memory 1)")).await;
    assert_says(&error, "more than 1 memories");
}

#[tokio::test]
async fn i08_modules_instances_and_imports_beyond_counting_are_refused() {
    let modules = "(core module)".repeat(100);
    let error = refused_by_default(&format!("(component {modules})")).await;
    assert_says(&error, "more than 64 core modules");

    let instances = "(core instance (instantiate 0))".repeat(100);
    let error = refused_by_default(&format!("(component (core module) {instances})")).await;
    assert_says(&error, "more than 64 core instances");

    let components = "(component)".repeat(100);
    let error = refused_by_default(&format!("(component {components})")).await;
    assert_says(&error, "more than 64 components within");

    let mut imports = String::new();
    for index in 0..300 {
        write!(imports, "(import \"a{index}\" (instance))").unwrap();
    }
    let error = refused_by_default(&format!("(component {imports})")).await;
    assert_says(&error, "more than 256 imports");
}

#[tokio::test]
async fn i08_deep_nesting_is_refused() {
    let error = refused(&nested(1000), &Limits::default()).await;
    assert_says(&error, "more than 8 levels of components within components");
}

/// Components within components, from the inside out: the text format's own parser refuses as many.
fn nested(levels: usize) -> Vec<u8> {
    const HEADER: &[u8] = b"\0asm\x0d\0\x01\0";
    let mut inner = HEADER.to_vec();
    for _ in 0..levels {
        // Section 4, a component.
        inner = [HEADER, &section(4, &inner)].concat();
    }
    inner
}

/// Instances of instances, each level ten times the one below it: few bytes, and many instances.
#[tokio::test]
async fn i08_instances_that_multiply_are_refused() {
    let mut text =
        "(component $c0 (core module $m (memory 1)) (core instance (instantiate $m)))".to_owned();
    for level in 1..6 {
        let inner = format!("$c{}", level - 1);
        let instances = format!("(instance (instantiate {inner}))").repeat(10);
        text = format!("(component $c{level} {text} {instances})");
    }
    let hostile = plugin("").replacen(
        "(core module $more",
        &format!("{text} (instance (instantiate $c5)) (core module $more"),
        1,
    );
    let error = refused_by_default(&hostile).await;
    // Only the compiler sees them all; the pool refuses what it made of them.
    assert_says(&error, "transitively contains 100002 core module instances");
}

/// A function of some ten KB whose compilation needs time and memory out of all proportion: each loop has to carry each
/// variable that is used within it, and the compiler learns which these are only when it is through.
fn bomb() -> Vec<u8> {
    const LOOPS: usize = 8_000;
    const VARIABLES: usize = 10_000;
    let mut body = format!("(local {})", "i32 ".repeat(VARIABLES));
    body.push_str(&"loop ".repeat(LOOPS));
    for variable in 0..VARIABLES {
        write!(body, "local.get {variable} drop ").unwrap();
    }
    body.push_str("i32.const 0 br_if 0 ");
    body.push_str(&"end ".repeat(LOOPS));
    component(&plugin(&format!("(func {body})")))
}

fn ordinary() -> LoadLimits {
    LoadLimits::default()
}

fn limits(load: LoadLimits) -> Limits {
    Limits {
        load,
        ..Limits::default()
    }
}

#[tokio::test]
async fn i08_a_compile_bomb_ends_at_the_compilers_memory() {
    let bomb = bomb();
    assert!(bomb.len() < ordinary().function_bytes, "{}", bomb.len());
    let error = refused(
        &bomb,
        &limits(LoadLimits {
            compile_memory_bytes: 64 * 1024 * 1024,
            // Long enough for any machine to fill so much.
            compile_time: Span::from_minutes(1),
            ..ordinary()
        }),
    )
    .await;
    assert_eq!(
        error.to_string(),
        "plugin `greeter` cannot be loaded: compiling it needed more than 64 MiB; to allow it, write \
         `compile_memory = \"128 MiB\"` under `[plugin.greeter.limits]` in tollgate.toml"
    );
}

#[tokio::test]
async fn i08_a_compile_bomb_ends_at_its_deadline_and_the_compiler_with_it() {
    // By another name, so that it can be told from the compilers of other tests even when it is dead and unburied.
    let folder = tempfile::tempdir().unwrap();
    let name = format!("bomb-{}", std::process::id());
    let program = folder.path().join(&name);
    symlink(env!("CARGO_BIN_EXE_compiler"), &program).unwrap();
    let sandbox = sandbox(Compiler::Child {
        program,
        arguments: Vec::new(),
    });
    let limits = limits(LoadLimits {
        compile_memory_bytes: 8 * 1024 * 1024 * 1024,
        // So short that no machine uses up so much memory in it, or is done.
        compile_time: Span::from_millis(100),
        ..ordinary()
    });
    let began = Instant::now();
    let error = load(&sandbox, &bomb(), &limits).unwrap_err();
    assert_eq!(
        error.to_string(),
        "plugin `greeter` cannot be loaded: compiling it took longer than 100ms; to allow it, write \
         `compile_time = \"1s\"` under `[plugin.greeter.limits]` in tollgate.toml"
    );
    assert!(began.elapsed() < SECONDS, "{:?}", began.elapsed());
    assert_eq!(processes(&name), 0);
}

#[tokio::test]
async fn i08_a_compiler_that_does_not_listen_ends_at_its_deadline_with_all_it_started() {
    let name = format!("deaf-{}", std::process::id());
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join(&name);
    symlink("/bin/sleep", &program).unwrap();
    // It starts another, which holds the pipes as well, and waits for it.
    let sandbox = sandbox(Compiler::Child {
        program: "/bin/sh".into(),
        arguments: vec![
            "-c".into(),
            format!("{} 1000; true", program.display()).into(),
        ],
    });
    let limits = limits(LoadLimits {
        compile_time: Span::from_millis(300),
        ..ordinary()
    });
    let began = Instant::now();
    let error = load(&sandbox, shipped::ROUTER, &limits).unwrap_err();
    assert_says(&error, "compiling it took longer than 300ms");
    assert!(began.elapsed() < SECONDS, "{:?}", began.elapsed());
    // It is the system's to bury, when it comes to it.
    while states(&name).any(|state| !matches!(state, 'Z' | 'X')) {
        assert!(began.elapsed() < SECONDS, "it lives");
        std::thread::yield_now();
    }
}

/// How many processes of this name there are, dead and unburied ones included.
fn processes(name: &str) -> usize {
    states(name).count()
}

/// The state of each process of this name, as `/proc` has it: `Z` is dead and unburied.
fn states(name: &str) -> impl Iterator<Item = char> {
    let all = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let stats = all.filter_map(|process| std::fs::read_to_string(process.path().join("stat")).ok());
    let marker = format!("({name}) ");
    stats.filter_map(move |stat| stat.split_once(&marker)?.1.chars().next())
}

#[test]
fn i14_the_limits_of_loading_are_what_the_pool_can_bear() {
    let load = ordinary();
    assert!(load.component_bytes <= limits::MOST_COMPONENT_BYTES);
    assert!(load.function_bytes <= load.component_bytes);
    assert!(Limits::default().run.memory_bytes <= limits::MOST_MEMORY_BYTES);
}
