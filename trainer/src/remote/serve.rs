//! Lending devices: the engine's own server, let in by a token.

use std::net::TcpListener;

use anyhow::{Context, Result, anyhow};
use burn::server::{RemoteServer, TokenAuthorizer, WebSocketTransport};
use burn::tensor::Device;

/// Listens at `address`, `HOST:PORT`, and lends `devices` to whoever has the token, until the process is told to end.
/// `ready` hears the address once it is taken; port 0 becomes a free one.
///
/// The devices must be of one kind: an engine serves its own alone.
pub fn serve(address: &str, token: String, devices: Vec<Device>, ready: impl FnOnce(&str)) -> Result<()> {
    let listener = TcpListener::bind(address)
        .with_context(|| format!("cannot listen at {address}; write HOST:PORT of this machine, with a free port"))?;
    let authorizer = TokenAuthorizer::new(token).map_err(|error| anyhow!("the token is of no use: {error}"))?;
    ready(&listener.local_addr()?.to_string());
    RemoteServer::new(devices)
        .with_authorizer(authorizer)
        .serve(WebSocketTransport::from_listener(listener))
        .map_err(|error| anyhow!("cannot lend the devices: {error}"))
}
