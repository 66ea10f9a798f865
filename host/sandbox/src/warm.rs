//! An instance that is used again, which the product never does: what a fresh one is compared with.
//!
//! Owns: the benchmark's view into a plugin, behind the feature `bench`. A guest keeps what it allocated and what it left
//! in its statics from turn to turn here, which is why nothing but a benchmark may have this.
//! Promises: a turn given here crosses the boundary, is metered and is answered as in [`Plugin::run`]; instantiating alone
//! is left out.
//! Bounds: as those of a run.

use model::{Failure, Outcome, Turn};
use wasmtime::Store;

use crate::calls::Calls;
use crate::plugin::{Patience, failure, returned, within_wall};
use crate::{Description, Host, Plugin, contract, convert, ending};

/// A plugin in one instance for all its turns.
pub struct Warm {
    plugin: Plugin,
    store: Store<Calls>,
    instance: contract::Plugin,
}

impl Warm {
    /// Makes the instance.
    pub async fn new(plugin: &Plugin) -> Result<Self, Failure> {
        let loaded = &plugin.0;
        let calls = Calls::mute(loaded.limits.run);
        let mut store = loaded.shared.store(calls, Patience::Yields);
        let instance = loaded.instances.instantiate_async(&mut store).await;
        let instance = instance.map_err(|error| failure(&error, &store))?;
        Ok(Self {
            plugin: plugin.clone(),
            store,
            instance,
        })
    }

    /// Gives the plugin a turn, with as much to use as a run has.
    pub async fn run<H: Host>(
        &mut self,
        turn: &Turn,
        settings: &str,
        host: H,
    ) -> Result<(Outcome, H), Failure> {
        let Self {
            plugin,
            store,
            instance,
        } = self;
        let limits = plugin.0.limits.run;
        let _slot = plugin.0.shared.slot().await?;
        *store.data_mut() = Calls::turn(limits, turn, Box::new(host));
        store.set_epoch_deadline(1);
        let fuelled = store.set_fuel(limits.fuel);
        let ended = within_wall(limits.wall, async {
            fuelled?;
            let (turn, bytes) = convert::turn(turn, limits.string_bytes);
            let meter = &mut store.data_mut().meter;
            meter.cross_string(settings.len())?;
            meter.cross_strings(bytes.all, bytes.longest)?;
            instance.call_handle(&mut *store, &turn, settings).await
        })
        .await?;
        let outcome = match ended.map_err(|error| failure(&error, store))? {
            Ok(outcome) => convert::outcome(outcome),
            Err(failure) => return Err(ending::said(failure.message)),
        };
        Ok((outcome, returned(store.data_mut().host.take())))
    }
}

/// Asks a plugin what it is, in an instance that is thrown away, as loading does.
pub async fn describe(plugin: &Plugin) -> Result<Description, Failure> {
    let loaded = &plugin.0;
    let calls = Calls::mute(loaded.limits.run);
    let mut store = loaded.shared.store(calls, Patience::Keeps);
    let said = async {
        let instance = loaded.instances.instantiate_async(&mut store).await?;
        instance.call_describe(&mut store).await
    };
    let said = said.await.map_err(|error| failure(&error, &store))?;
    Ok(Description {
        name: said.name,
        version: said.version,
        // Checked when it was loaded.
        wants: loaded.description.wants.clone(),
        settings_schema: said.settings_schema,
    })
}
