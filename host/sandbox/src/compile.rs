//! From a component to machine code, contained (I8): compiling is work that a component's author controls.
//!
//! It happens in a child process that has its own limits of memory and processor time, and that is killed when its time
//! is up. Whatever becomes of the child, it is gone when [`compile`] returns.

mod child;
mod parent;
mod wire;

use std::ffi::OsString;
use std::path::PathBuf;

use crate::Shared;
use crate::code::Code;
use crate::limits::LoadLimits;

pub use child::compile_child;

/// Where components are compiled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Compiler {
    /// In this process, where nothing limits it: for components that are trusted, such as those of a test.
    #[default]
    Within,
    /// In a child process: a program that calls [`compile_child`] and is of the same build as this one.
    Child {
        /// The program: this one itself.
        program: PathBuf,
        /// What makes it call that function and nothing else.
        arguments: Vec<OsString>,
    },
}

/// Why there is no code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failed {
    /// The component is at fault, and this is what the engine says.
    Refused(String),
    /// The deadline passed, or the processor time that goes with it.
    TooLong,
    /// The compiler's memory was used up.
    TooMuchMemory,
    /// The compiler itself failed over it.
    Crashed(String),
    /// There is no compiler that could be used: the host's fault.
    Unusable(String),
}

/// Compiles a component for this sandbox.
pub(crate) fn compile(
    shared: &Shared,
    component: &[u8],
    limits: &LoadLimits,
) -> Result<Code, Failed> {
    match &shared.compiler {
        Compiler::Within => shared
            .engine
            .precompile_component(component)
            .map(Code::of_our_compiler)
            .map_err(|error| Failed::Refused(format!("{error:#}"))),
        Compiler::Child { program, arguments } => {
            parent::compile(program, arguments, shared.build, component, limits)
        }
    }
}
