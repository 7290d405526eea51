//! From exec to the first octet of a page over TLS and the first SABME on a span, whichever is later.

use crate::figure::{Figure, Goal, Taken};
use crate::lab::Place;
use base::Instant as Moment;
use ports::span::SpanEvent;
use pseudowire::packet::{Format, Rows};
use pseudowire::span::{Receiver, Sink};
use pseudowire::{Signaling, Statistics};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);
/// Frames in a packet of 5 ms, as the box sends them.
const FRAMES: usize = 40;
const STARTS: usize = 5;

/// The median of some starts of a box that has been up before: the first of all makes keys and a store.
pub(crate) fn start() -> Taken {
    let place = Place::new(2)?;
    once(&place)?;
    let mut times = (0..STARTS).map(|_| once(&place)).collect::<Result<Vec<f64>, String>>()?;
    times.sort_by(f64::total_cmp);
    Ok(vec![Figure {
        name: "lab.start_to_ready_s",
        value: times[STARTS / 2],
        unit: "s",
        goal: Goal::AtMost(0.1),
        peer: None,
        how: format!("median of {STARTS} starts after a first one; slowest {:.3} s", times[STARTS - 1]),
    }])
}

fn once(place: &Place) -> Result<f64, String> {
    let sockets = place.spans.iter().map(|(_, far_end)| UdpSocket::bind(far_end)).collect::<Result<Vec<_>, _>>();
    let sockets = sockets.map_err(|error| error.to_string())?;
    let began = Instant::now();
    let _fundlined = place.start_box()?;
    let first = &sockets[0];
    let (page, link) = std::thread::scope(|scope| {
        let page = scope.spawn(|| page_at(place.page, began));
        let link = sabme_at(first, began);
        (page.join().unwrap_or_else(|_| Err("the page's client has failed".into())), link)
    });
    Ok(page?.max(link?).as_secs_f64())
}

fn sabme_at(socket: &UdpSocket, began: Instant) -> Result<Duration, String> {
    let mut receiver = Receiver::new(Format { frames: FRAMES, signaling: Signaling::DChannel, rtp: None });
    let (mut statistics, mut seen) = (Statistics::default(), Frames::default());
    let mut datagram = [0; 2048];
    socket.set_read_timeout(Some(PATIENCE)).map_err(|error| error.to_string())?;
    while began.elapsed() < PATIENCE {
        let length = socket.recv(&mut datagram).map_err(|error| format!("no packet of the span: {error}"))?;
        let now = began.elapsed();
        receiver.handle(Moment::new(now), &datagram[..length], &mut statistics, &mut seen);
        if seen.sabme {
            return Ok(now);
        }
    }
    Err(format!("no SABME within {PATIENCE:?}: {statistics:?}"))
}

#[derive(Default)]
struct Frames {
    sabme: bool,
}

impl Sink for Frames {
    fn rows(&mut self, _rows: &Rows) {}

    fn event(&mut self, event: SpanEvent) -> bool {
        // SABME with P, Q.921 §3.6.2.
        self.sabme |= matches!(event, SpanEvent::Frame(frame) if frame.get(2) == Some(&0x7F));
        true
    }
}

fn page_at(address: SocketAddr, began: Instant) -> Result<Duration, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let schemes = provider.signature_verification_algorithms.supported_schemes();
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(schemes)))
        .with_no_client_auth();
    let config = Arc::new(config);
    while began.elapsed() < PATIENCE {
        if let Some(first) = first_octet(address, &config) {
            return if first == b'H' { Ok(began.elapsed()) } else { Err("the page does not speak HTTP".into()) };
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Err(format!("no page within {PATIENCE:?}"))
}

fn first_octet(address: SocketAddr, config: &Arc<ClientConfig>) -> Option<u8> {
    let socket = TcpStream::connect(address).ok()?;
    socket.set_read_timeout(Some(PATIENCE)).ok()?;
    let client = ClientConnection::new(config.clone(), ServerName::try_from("localhost").ok()?).ok()?;
    let mut page = StreamOwned::new(client, socket);
    page.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
    let mut first = [0];
    page.read_exact(&mut first).ok()?;
    Some(first[0])
}

/// Takes any certificate: the box's own is self-signed, and it is not what is measured.
#[derive(Debug)]
struct Anybody(Vec<SignatureScheme>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.clone()
    }
}
