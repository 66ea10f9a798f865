//! Why a simulator does not start.

use std::net::SocketAddr;

/// Why a simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// It would be reachable from elsewhere, and it trusts everybody.
    #[error("the simulator listens on loopback alone, and {0} is not: use 127.0.0.1:{port}", port = .0.port())]
    ListenNotLoopback(SocketAddr),
    /// It would send made-up messages to a machine that may take them for real ones.
    #[error(
        "the simulator speaks to a host on loopback alone, and {0:?} is not: use http://127.0.0.1:PORT"
    )]
    HostNotLoopback(String),
    /// The address is none.
    #[error("the host address {url:?} is none: {cause}")]
    HostAddress {
        /// As given.
        url: String,
        /// What is wrong.
        cause: String,
    },
    /// Nothing could be signed.
    #[error(
        "the app secret is empty: webhooks are signed with it, and the host checks the signature"
    )]
    NoSecret,
    /// The port is taken, or not allowed.
    #[error("cannot listen on {address}: {cause}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        #[source]
        cause: std::io::Error,
    },
    /// The client that delivers webhooks cannot be made.
    #[error("the HTTP client cannot start: {0}")]
    Client(#[source] reqwest::Error),
}
