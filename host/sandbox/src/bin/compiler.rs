//! The compiler's child process by itself, for the tests of this crate. The product's binary is its own.

fn main() -> std::process::ExitCode {
    sandbox::compile_child()
}
