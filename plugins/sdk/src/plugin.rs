//! A plugin as Rust sees it, and how it becomes the contract's exports.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use crate::bindings::Guest;
use crate::{Description, Failure, Known, Outcome, Problem, Problems, Turn, Want, log, settings};

/// A plugin. [`export_plugin!`](crate::export_plugin) makes a component of it.
pub trait Plugin {
    /// Its settings. Keys that the type does not name are problems, with the nearest spelling; no attribute is needed.
    type Settings: DeserializeOwned;

    /// Says what it is.
    fn describe() -> Description;

    /// Says what is wrong with settings that fit the type. Nothing may be proposed here.
    fn check(settings: &Self::Settings, known: &Known, problems: &mut Problems);

    /// Takes one turn.
    fn handle(turn: &Turn, settings: &Self::Settings) -> Result<Outcome, Failure>;
}

impl Description {
    /// What a plugin is: its name, its version and a JSON Schema of its settings.
    pub fn new(name: &str, version: &str, settings_schema: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            wants: Vec::new(),
            settings_schema: settings_schema.to_owned(),
        }
    }

    /// Adds an interface that the plugin needs, and why.
    #[must_use]
    pub fn wants(mut self, interface: &str, reason: &str) -> Self {
        self.wants.push(Want {
            interface: interface.to_owned(),
            reason: reason.to_owned(),
        });
        self
    }
}

impl Failure {
    /// A failure with its cause.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

/// The contract's exports, made of a [`Plugin`]. Named by [`export_plugin!`](crate::export_plugin) alone.
pub struct Exported<P>(PhantomData<P>);

impl<P: Plugin> Guest for Exported<P> {
    fn describe() -> Description {
        leave_last_words();
        P::describe()
    }

    fn check(text: String, known: Known) -> Vec<Problem> {
        leave_last_words();
        let (settings, mut problems) = settings::parse::<P::Settings>(&text);
        if let Some(settings) = settings {
            P::check(&settings, &known, &mut problems);
        }
        problems.into_list()
    }

    fn handle(turn: Turn, text: String) -> Result<Outcome, Failure> {
        leave_last_words();
        let result = match settings::parse::<P::Settings>(&text) {
            (Some(settings), _) => {
                let result = P::handle(&turn, &settings);
                done_with(settings);
                result
            }
            (None, problems) => Err(Failure::new(format!("its settings do not fit: {problems}"))),
        };
        done_with((turn, text));
        result
    }
}

/// Frees it, unless the instance ends before anybody could use what is freed.
pub(crate) fn done_with<T>(value: T) {
    if cfg!(all(
        target_arch = "wasm32",
        not(feature = "standard-allocator")
    )) {
        std::mem::forget(value);
    }
}

/// A panic's message would be lost with the instance: it goes to the host first.
fn leave_last_words() {
    std::panic::set_hook(Box::new(|panic| log::last_words(&panic.to_string())));
}

/// Makes a component of a [`Plugin`](crate::Plugin): once, at the root of the plugin's crate.
#[macro_export]
macro_rules! export_plugin {
    ($plugin:ty) => {
        #[cfg(target_arch = "wasm32")]
        #[allow(unsafe_code, reason = "exports are C functions by nature")]
        #[allow(unreachable_pub, missing_docs, reason = "generated code")]
        const _: () = {
            type Component = $crate::Exported<$plugin>;
    $crate::bindings::export_bindings!(Component with_types_in $crate::bindings);
        };
    };
}
