//! Where a guest trapped, in the words of its own source: functions, and file and line where the component carries them.

use wasmtime::WasmBacktrace;

use crate::limits;

/// Names that a reader of a failure did not write: what compilers and bindings put around a plugin.
const GLUE_PREFIXES: [&str; 14] = [
    "core::",
    "std::",
    "alloc::",
    "<core::",
    "<std::",
    "<alloc::",
    "__rust",
    "__rdl",
    "__rg",
    "rust_",
    "cabi_",
    "wit_bindgen",
    "sdk::bindings",
    "sdk::allocator",
];
const GLUE_PARTS: [&str; 4] = ["_export_", "__wasm_export", "Exported<", "cabi_post"];

const GLUE_FOLDERS: [&str; 7] = [
    "/library/core/src/",
    "/library/std/src/",
    "/library/alloc/src/",
    "/library/panic_abort/src/",
    "sdk/src/",
    "/dlmalloc-",
    "/wit-bindgen-",
];
/// What a component exports is called so in the machine: it calls what somebody wrote.
const EXPORTS: [&str; 3] = ["describe", "check", "handle"];

/// Where a guest was.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// There was no guest's frame at all.
    Nowhere,
    /// There were frames, and none of them has a name: the component was stripped.
    Unnamed,
    /// `a::b (src/lib.rs:41), called from c::d (src/lib.rs:7)`
    Named(String),
}

impl Place {
    /// Where the guest was when this error arose.
    pub(crate) fn of(error: &wasmtime::Error) -> Self {
        let Some(trace) = error.downcast_ref::<WasmBacktrace>() else {
            return Self::Nowhere;
        };
        if trace.frames().is_empty() {
            return Self::Nowhere;
        }
        let frames: Vec<Frame> = trace.frames().iter().flat_map(frames).collect();
        if frames.is_empty() {
            return Self::Unnamed;
        }
        match told(&frames) {
            Some(told) => Self::Named(told),
            None => Self::Nowhere,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Frame {
    function: String,
    at: Option<String>,
    is_glue: bool,
}

/// One frame of the machine is several of the source where functions were inlined; the last is the machine's.
fn frames(frame: &wasmtime::FrameInfo) -> Vec<Frame> {
    let own = frame.func_name();
    let of_the_machine = |at, is_glue| {
        own.map(|name| Frame {
            function: demangled(name),
            at,
            is_glue: is_glue || EXPORTS.contains(&name),
        })
    };
    let Some((outermost, inlined)) = frame.symbols().split_last() else {
        return of_the_machine(None, false).into_iter().collect();
    };
    let place = |symbol: &wasmtime::FrameSymbol| {
        let file = symbol.file()?;
        let short = within_its_crate(file);
        Some(match symbol.line() {
            Some(line) => format!("{short}:{line}"),
            None => short.to_owned(),
        })
    };
    let is_glue = |symbol: &wasmtime::FrameSymbol| symbol.file().is_some_and(is_glue_file);
    let inlined = inlined.iter().filter_map(|symbol| {
        Some(Frame {
            function: demangled(symbol.name()?),
            at: place(symbol),
            is_glue: is_glue(symbol),
        })
    });
    // Names of functions are whole in the name section, where lines have short ones.
    let outermost = of_the_machine(place(outermost), is_glue(outermost));
    inlined.chain(outermost).collect()
}

/// The frames that somebody wrote, innermost first; a function that calls itself is told once.
fn told(frames: &[Frame]) -> Option<String> {
    let mut written: Vec<&Frame> = frames
        .iter()
        .filter(|frame| !frame.is_glue && !is_glue(&frame.function))
        .collect();
    written.dedup_by(|one, other| one.function == other.function);
    let shown: Vec<String> = written
        .iter()
        .take(limits::FRAMES_SHOWN)
        .map(|frame| match &frame.at {
            Some(at) => format!("{} ({at})", frame.function),
            None => frame.function.clone(),
        })
        .collect();
    (!shown.is_empty()).then(|| shown.join(", called from "))
}

/// Where the standard library, the sdk and generated bindings stand.
fn is_glue_file(file: &str) -> bool {
    GLUE_FOLDERS.iter().any(|folder| file.contains(folder))
}

fn is_glue(function: &str) -> bool {
    GLUE_PREFIXES
        .iter()
        .any(|prefix| function.starts_with(prefix))
        || GLUE_PARTS.iter().any(|part| function.contains(part))
}

/// Without the hash that tells instances of a generic function apart.
fn demangled(name: &str) -> String {
    let name = format!("{:#}", rustc_demangle::demangle(name));
    match name.char_indices().nth(limits::NAME_SHOWN) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name,
    }
}

/// A source file without the directories of the machine that the plugin was built on.
fn within_its_crate(file: &str) -> &str {
    match file.rfind("/src/") {
        Some(place) => file.get(place + 1..).unwrap_or(file),
        None => file.rsplit(['/', '\\']).next().unwrap_or(file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(function: &str, at: &str) -> Frame {
        Frame {
            function: function.to_owned(),
            at: Some(at.to_owned()).filter(|at| !at.is_empty()),
            is_glue: false,
        }
    }

    #[test]
    fn glue_is_left_out_and_recursion_is_told_once() {
        let frames = [
            frame("core::panicking::panic", "src/panicking.rs:1"),
            frame("shop::price", "src/lib.rs:41"),
            frame("shop::price", "src/lib.rs:42"),
            frame("<shop::Shop as sdk::plugin::Plugin>::handle", ""),
            frame("sdk::bindings::_export_handle_cabi", "src/bindings.rs:9"),
        ];
        assert_eq!(
            told(&frames).unwrap(),
            "shop::price (src/lib.rs:41), called from <shop::Shop as sdk::plugin::Plugin>::handle"
        );
        assert_eq!(told(&frames[..1]), None);
    }

    #[test]
    fn no_more_than_a_few_frames_are_told() {
        let frames: Vec<_> = (0..100)
            .map(|index| frame(&format!("f{index}"), ""))
            .collect();
        let told = told(&frames).unwrap();
        assert_eq!(
            told.matches(", called from ").count() + 1,
            limits::FRAMES_SHOWN
        );
    }

    #[test]
    fn no_path_of_the_machine_that_built_it_is_told() {
        assert_eq!(
            within_its_crate("/home/somebody/shop/src/prices/vat.rs"),
            "src/prices/vat.rs"
        );
        assert_eq!(within_its_crate("/home/somebody/app.py"), "app.py");
        assert_eq!(within_its_crate("c:\\somebody\\app.js"), "app.js");
        assert_eq!(within_its_crate("lib.rs"), "lib.rs");
    }

    #[test]
    fn names_are_demangled_without_their_hash() {
        assert_eq!(
            demangled("_ZN4shop5price17h0123456789abcdefE"),
            "shop::price"
        );
        assert_eq!(demangled("PyEval_EvalFrame"), "PyEval_EvalFrame");
    }
}
