//! Encryption to a server, as `sslmode` says: `disable`, `prefer`, `require`, `verify-ca` or `verify-full`.

use std::path::Path;
use std::sync::Arc;

use postgres::config::SslMode;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::diagnostic::{Diagnostic, Result};

/// What the address says of encryption.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tls {
    /// `sslmode`; libpq's default is `prefer`.
    pub(super) mode: Option<String>,
    /// `sslrootcert`: a file of certificates in PEM.
    pub(super) roots: Option<String>,
}

impl Tls {
    /// Returns the driver's mode; whose certificate it is, is judged by [`Tls::connector`].
    ///
    /// # Errors
    /// `Project` for a word that is none of libpq's.
    pub(super) fn mode(&self) -> Result<SslMode> {
        match self.mode.as_deref() {
            Some("disable") => Ok(SslMode::Disable),
            None | Some("allow" | "prefer") => Ok(SslMode::Prefer),
            Some("require" | "verify-ca" | "verify-full") => Ok(SslMode::Require),
            Some(other) => Err(Diagnostic::project(format!("`sslmode` is `{other}`"))
                .hint("use one of: disable, prefer, require, verify-ca, verify-full")
                .into()),
        }
    }

    /// Returns what connects. With `verify-ca` and `verify-full` a server must prove its name; without them, as in
    /// libpq, nothing but listening is prevented.
    ///
    /// # Errors
    /// `Environment` when the certificates cannot be read.
    pub(super) fn connector(&self, root: &Path) -> Result<MakeRustlsConnect> {
        let provider = Arc::new(ring::default_provider());
        let broken = |err: rustls::Error| {
            Diagnostic::environment("encryption cannot be set up").because(err)
        };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(broken)?;
        let verifies = matches!(self.mode.as_deref(), Some("verify-ca" | "verify-full"));
        let config = match verifies {
            true => builder.with_root_certificates(self.trusted(root)?),
            false => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyServer(provider))),
        };
        Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
    }

    fn trusted(&self, root: &Path) -> Result<RootCertStore> {
        let mut store = RootCertStore::empty();
        let Some(file) = &self.roots else {
            store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
            return Ok(store);
        };
        let unreadable = || {
            Diagnostic::environment(format!("the certificates in `{file}` cannot be read"))
                .hint("`sslrootcert` names a file in PEM")
        };
        let found = CertificateDer::pem_file_iter(root.join(file))
            .map_err(|err| unreadable().because(anyhow::anyhow!("{err}")))?;
        for certificate in found {
            let certificate =
                certificate.map_err(|err| unreadable().because(anyhow::anyhow!("{err}")))?;
            store
                .add(certificate)
                .map_err(|err| unreadable().because(err))?;
        }
        Ok(store)
    }
}

/// Takes any server for what it says it is, as `sslmode=require` does.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
