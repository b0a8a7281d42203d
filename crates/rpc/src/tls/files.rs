//! From files to a configuration of rustls.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, UnixTime, pem, pem::PemObject},
    server::{NoServerSessionStorage, WebPkiClientVerifier, danger::ClientCertVerifier},
};
use webpki::{EndEntityCert, KeyUsage};

use super::{TlsError, TlsSettings};

/// Where libvirt has the revocation list.
const CRL: &str = "/etc/pki/CA/cacrl.pem";

/// Reads all files.
pub(super) fn load(settings: &TlsSettings) -> Result<ServerConfig, TlsError> {
    let provider = Arc::new(ring::default_provider());
    let authorities: Vec<CertificateDer<'static>> = objects(&settings.ca_file, "certificate")?;
    let chain: Vec<CertificateDer<'static>> = objects(&settings.cert_file, "certificate")?;
    let key = PrivateKeyDer::from_pem_file(&settings.key_file)
        .map_err(|error| of_pem(&settings.key_file, error, "private key"))?;
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(authority).map_err(|error| content(&settings.ca_file, &error))?;
    }
    let roots = Arc::new(roots);
    if settings.sanity {
        check_own(&chain, &roots, &provider).map_err(|error| content(&settings.cert_file, &error))?;
    }
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| content(&settings.cert_file, &error))?;
    let builder = if settings.verify {
        builder.with_client_cert_verifier(verifier(settings, roots, provider)?)
    } else {
        builder.with_no_client_auth()
    };
    let mut config =
        builder.with_single_cert(chain, key).map_err(|error| content(&settings.key_file, &error))?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// Checks clients' certificates: the chain to an authority, dates, purpose, revocation.
fn verifier(
    settings: &TlsSettings,
    roots: Arc<RootCertStore>,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
    let file = settings.crl_file.clone().or_else(|| {
        let file = PathBuf::from(CRL);
        file.exists().then_some(file)
    });
    let mut builder = WebPkiClientVerifier::builder_with_provider(roots, provider);
    if let Some(file) = &file {
        let lists: Vec<CertificateRevocationListDer<'static>> = objects(file, "revocation list")?;
        // An authority without a list has revoked nothing; a list that is out of date says nothing any more.
        builder = builder.with_crls(lists).allow_unknown_revocation_status().enforce_revocation_expiration();
    }
    let culprit = file.as_ref().unwrap_or(&settings.ca_file);
    builder.build().map_err(|error| content(culprit, &error))
}

/// Checks that our own certificate is one for a server, valid today, and signed by an authority that clients know.
fn check_own(
    chain: &[CertificateDer<'_>],
    roots: &RootCertStore,
    provider: &CryptoProvider,
) -> Result<(), webpki::Error> {
    let (own, between) = chain.split_first().ok_or(webpki::Error::BadDer)?;
    EndEntityCert::try_from(own)?.verify_for_usage(
        provider.signature_verification_algorithms.all,
        &roots.roots,
        between,
        UnixTime::now(),
        KeyUsage::server_auth(),
        None,
        None,
    )?;
    Ok(())
}

/// All objects of a kind in a PEM file, at least one.
fn objects<T: PemObject>(path: &Path, kind: &str) -> Result<Vec<T>, TlsError> {
    let objects: Result<Vec<T>, _> = T::pem_file_iter(path).and_then(Iterator::collect);
    match objects {
        Ok(objects) if objects.is_empty() => Err(of_pem(path, pem::Error::NoItemsFound, kind)),
        Ok(objects) => Ok(objects),
        Err(error) => Err(of_pem(path, error, kind)),
    }
}

fn of_pem(path: &Path, error: pem::Error, kind: &str) -> TlsError {
    match error {
        pem::Error::Io(source) => TlsError::Read { path: path.to_owned(), source },
        pem::Error::NoItemsFound => content(path, &format!("no {kind} in PEM form")),
        error => content(path, &io::Error::other(error)),
    }
}

fn content(path: &Path, problem: &dyn ToString) -> TlsError {
    TlsError::Content { path: path.to_owned(), problem: problem.to_string() }
}
