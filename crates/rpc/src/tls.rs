//! TLS: the files that say who we are and whom to trust, the handshake, and who the client is.
//!
//! Only TLS 1.2 and 1.3 with the suites that rustls has. Sessions are not resumed: each connection is verified
//! anew, against the revocation list of the day.

mod files;
mod layer;
mod name;

use std::{
    fmt, io,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
};

use rustls::{ServerConfig, ServerConnection, pki_types::CertificateDer};
use thiserror::Error;
use tokio::io::Interest;

pub(crate) use self::layer::TlsLayer;
pub use self::name::matches as matches_pattern;
use crate::socket::{Raw, Stream};

/// What a TLS server needs to know. The names of the daemon's configuration are in brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    /// Certificates of the authorities that sign clients' certificates, in PEM (`ca_file`).
    pub ca_file: PathBuf,
    /// The server's certificate, and those between it and the authority if there are any (`cert_file`).
    pub cert_file: PathBuf,
    /// The key of the server's certificate (`key_file`).
    pub key_file: PathBuf,
    /// Revoked certificates (`crl_file`). `None`: libvirt's file, if it is there.
    pub crl_file: Option<PathBuf>,
    /// Whether a client needs a certificate; the opposite of `tls_no_verify_certificate`.
    pub verify: bool,
    /// Whether the server's own certificate is checked first; the opposite of `tls_no_sanity_certificate`.
    pub sanity: bool,
    /// Patterns of which one must match the name in the client's certificate (`tls_allowed_dn_list`).
    pub allowed_names: Option<Vec<String>>,
}

impl Default for TlsSettings {
    /// libvirt's file locations, and everything checked.
    fn default() -> Self {
        Self {
            ca_file: "/etc/pki/CA/cacert.pem".into(),
            cert_file: "/etc/pki/libvirt/servercert.pem".into(),
            key_file: "/etc/pki/libvirt/private/serverkey.pem".into(),
            crl_file: None,
            verify: true,
            sanity: true,
            allowed_names: None,
        }
    }
}

/// Why a server cannot speak TLS.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file holds nothing of what it should.
    #[error("{path}: {problem}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

/// A TLS server: its settings and what was read from its files.
pub struct Tls {
    settings: TlsSettings,
    config: RwLock<Arc<ServerConfig>>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Why a handshake came to nothing.
#[derive(Debug, Error)]
pub(crate) enum Refused {
    #[error("TLS handshake failed: {0}")]
    Handshake(#[from] io::Error),
    #[error("TLS handshake failed: {0}")]
    Tls(#[from] rustls::Error),
    #[error("the client's certificate cannot be read: {0}")]
    Unreadable(String),
    #[error("the client's distinguished name '{0}' is not in tls_allowed_dn_list")]
    Name(String),
}

/// What tells the client after the handshake that it is welcome.
const WELCOME: u8 = 1;

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// A file cannot be read, does not hold what it should, or the server's certificate is not good for a server.
    pub fn load(settings: TlsSettings) -> Result<Self, TlsError> {
        let config = RwLock::new(Arc::new(files::load(&settings)?));
        Ok(Self { settings, config })
    }

    /// Reads the files again, for clients that come from now on.
    ///
    /// # Errors
    /// As [`Tls::load`]; then everything stays as it was.
    pub fn reload(&self) -> Result<(), TlsError> {
        let config = Arc::new(files::load(&self.settings)?);
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    /// Shakes hands with a client, checks who it is, and welcomes it. Returns the name in its certificate.
    pub(crate) async fn accept(&self, stream: &Stream) -> Result<(TlsLayer, Option<String>), Refused> {
        let config = Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner));
        let mut session = ServerConnection::new(config)?;
        while session.is_handshaking() {
            if session.wants_write() {
                write(&mut session, stream).await?;
            } else {
                read(&mut session, stream).await?;
            }
        }
        let name = match session.peer_certificates() {
            Some([certificate, ..]) => Some(self.check_name(certificate)?),
            _ => None,
        };
        io::Write::write_all(&mut session.writer(), &[WELCOME])?;
        while session.wants_write() {
            write(&mut session, stream).await?;
        }
        Ok((TlsLayer::new(session), name))
    }

    fn check_name(&self, certificate: &CertificateDer<'_>) -> Result<String, Refused> {
        let name = name::of(certificate).map_err(|error| Refused::Unreadable(error.to_string()))?;
        match &self.settings.allowed_names {
            Some(patterns) if !patterns.iter().any(|pattern| name::matches(pattern, &name)) => {
                Err(Refused::Name(name))
            }
            _ => Ok(name),
        }
    }
}

/// Sends what waits to be sent.
async fn write(session: &mut ServerConnection, stream: &Stream) -> io::Result<()> {
    stream.ready(Interest::WRITABLE).await?;
    let written = stream.try_io(Interest::WRITABLE, || session.write_tls(&mut Raw::of(stream)));
    unless_blocked(written.map(drop))
}

/// Reads and works on what came. What the client did wrong is told to it.
async fn read(session: &mut ServerConnection, stream: &Stream) -> Result<(), Refused> {
    stream.ready(Interest::READABLE).await?;
    match stream.try_io(Interest::READABLE, || session.read_tls(&mut Raw::of(stream))) {
        Ok(0) => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
        read => unless_blocked(read.map(drop))?,
    }
    if let Err(error) = session.process_new_packets() {
        // The alert.
        let _ = session.write_tls(&mut Raw::of(stream));
        return Err(error.into());
    }
    Ok(())
}

fn unless_blocked(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {
            Ok(())
        }
        result => result,
    }
}
