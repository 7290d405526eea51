//! The listener: TLS, HTTP/1.1, and bounds on who holds how much for how long.

use crate::app::Peer;
use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

/// Connections at once. Further ones wait in the kernel's queue.
const CONNECTIONS: usize = 512;
/// A handshake takes no longer.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// A request's headers come within this time, the first as the next.
const HEADERS: Duration = Duration::from_secs(30);
/// Pause when the system has no more file descriptors.
const EXHAUSTED: Duration = Duration::from_millis(100);
/// A TLS record of a handshake begins with this octet (RFC 8446 §5.1).
const TLS_HANDSHAKE: u8 = 22;

const PLAIN_HTTP: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n\
This port speaks HTTPS: write https:// in front of the address.\n";

/// Serves for ever.
pub(crate) async fn serve(listener: TcpListener, tls: TlsAcceptor, router: Router) -> Infallible {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = Arc::clone(&places).acquire_owned().await;
        match listener.accept().await {
            Ok((stream, peer)) => {
                let (tls, router) = (tls.clone(), router.clone());
                tokio::spawn(async move {
                    connection(stream, peer, tls, router).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                sleep(EXHAUSTED).await;
            }
        }
    }
}

/// How a connection ends is told at debug: on an open port anything comes.
async fn connection(mut stream: TcpStream, peer: SocketAddr, tls: TlsAcceptor, router: Router) {
    // Small answers go out at once; without it they are only slower.
    drop(stream.set_nodelay(true));
    let mut first = [0];
    match timeout(HANDSHAKE, stream.peek(&mut first)).await {
        Ok(Ok(1)) if first[0] == TLS_HANDSHAKE => {}
        Ok(Ok(1)) => {
            drop(timeout(HANDSHAKE, stream.write_all(PLAIN_HTTP)).await);
            return;
        }
        Ok(_) | Err(_) => return,
    }
    let stream = match timeout(HANDSHAKE, tls.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return tracing::debug!(%peer, %error, "TLS handshake failed"),
        Err(_) => return tracing::debug!(%peer, "TLS handshake took too long"),
    };
    let service = TowerToHyperService::new(router.layer(Extension(Peer(peer.ip()))));
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADERS);
    if let Err(error) = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).await {
        tracing::debug!(%peer, %error, "connection ended");
    }
}
