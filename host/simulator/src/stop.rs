//! The one signal that ends everything a simulator started.

use tokio::sync::watch;

/// Waits for the end.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

/// Brings it about, at the latest when it is dropped.
pub(crate) struct Stopper(watch::Sender<bool>);

impl Stop {
    pub(crate) fn new() -> (Self, Stopper) {
        let (sender, receiver) = watch::channel(false);
        (Self(receiver), Stopper(sender))
    }

    pub(crate) async fn stopped(&mut self) {
        // An error says that the stopper is gone, which is the end too.
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }
}

impl Stopper {
    pub(crate) fn stop(&self) {
        self.0.send_replace(true);
    }
}
