//! When to stop.

use tokio::signal::unix::{SignalKind, signal};

/// Returns at Ctrl-C, or at the signal that a supervisor sends.
pub(super) async fn asked() {
    let interrupted = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => drop(interrupted.await),
    }
}
