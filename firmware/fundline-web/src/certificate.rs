//! The certificate: made by the box itself at the first start, or put there by the customer.

use crate::file;
use rcgen::{CertificateParams, DnType, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read or written.
    #[error("{}: {source}; check the disk and the folder's owner", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// A file is not PEM.
    #[error("{}: {why}; put a PEM file there, or delete cert.pem and key.pem and start again for new ones", path.display())]
    NotPem {
        /// The file.
        path: PathBuf,
        /// The parser's word.
        why: String,
    },
    /// Certificate and key do not go together.
    #[error("cert.pem and key.pem in {}: {why}; they must be of one pair, or delete both and start again for new ones", folder.display())]
    Unusable {
        /// Their folder.
        folder: PathBuf,
        /// rustls's word.
        why: rustls::Error,
    },
    /// A certificate cannot be made.
    #[error("the self-signed certificate: {0}")]
    NotMade(#[from] rcgen::Error),
}

/// TLS as `cert.pem` and `key.pem` in `folder` say; both are made where the key is missing.
pub(crate) fn server_config(folder: &Path) -> Result<Arc<ServerConfig>, CertificateError> {
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    if !key.exists() {
        make(&certificate, &key)?;
    }
    let not_pem = |path: &Path| {
        let path = path.to_owned();
        move |why: rustls::pki_types::pem::Error| CertificateError::NotPem { path, why: why.to_string() }
    };
    let chain = CertificateDer::pem_slice_iter(&read(&certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(not_pem(&certificate))?;
    let secret = PrivateKeyDer::from_pem_slice(&read(&key)?).map_err(not_pem(&key))?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|why| CertificateError::Unusable { folder: folder.to_owned(), why })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    std::fs::read(path).map_err(|source| CertificateError::Io { path: path.to_owned(), source })
}

/// Valid for the box's whole life: without a clock at its first start it could not say from when, and what a browser is
/// asked to trust is the key, not a date.
fn make(certificate: &Path, key: &Path) -> Result<(), CertificateError> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    names.extend(host_name());
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "Fundline");
    let pair = KeyPair::generate()?;
    let made = params.self_signed(&pair)?;
    // The key last: a start that finds it finds the certificate too.
    for (path, text) in [(certificate, made.pem()), (key, pair.serialize_pem())] {
        file::write_secret(path, text.as_bytes())
            .map_err(|source| CertificateError::Io { path: path.to_owned(), source })?;
    }
    tracing::info!("a self-signed certificate was made; browsers will ask once whether to trust it");
    Ok(())
}

fn host_name() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    let name = name.trim();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
    (!name.is_empty() && name != "localhost" && name.chars().all(is_plain)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn provider() {
        // The other tests of this process may have installed it already.
        drop(rustls::crypto::ring::default_provider().install_default());
    }

    #[test]
    fn a_second_start_keeps_the_certificate_and_the_key_is_secret() {
        provider();
        let folder = tempfile::tempdir().unwrap();
        server_config(folder.path()).unwrap();
        let key = folder.path().join("key.pem");
        assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let before = std::fs::read(&key).unwrap();
        server_config(folder.path()).unwrap();
        assert_eq!(std::fs::read(&key).unwrap(), before);
    }

    #[test]
    fn a_foreign_key_is_refused_with_its_remedy() {
        provider();
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        server_config(one.path()).unwrap();
        server_config(other.path()).unwrap();
        std::fs::copy(one.path().join("key.pem"), other.path().join("key.pem")).unwrap();
        let told = server_config(other.path()).unwrap_err().to_string();
        assert!(told.contains("must be of one pair"), "{told}");
        std::fs::write(other.path().join("key.pem"), "nonsense").unwrap();
        let told = server_config(other.path()).unwrap_err().to_string();
        assert!(told.contains("key.pem") && told.contains("put a PEM file there"), "{told}");
    }
}
