//! A certificate authority that lives as long as one server.

use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) ca_pem: String,
}

/// A certificate for 127.0.0.1 and localhost, issued by an authority of its own.
pub(crate) fn issue() -> Tls {
    let key = || KeyPair::generate().expect("a key pair");

    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca.distinguished_name = DistinguishedName::new();
    ca.distinguished_name.push(DnType::CommonName, "loopback AWS");
    let ca = CertifiedIssuer::self_signed(ca, key()).expect("an authority");

    let server_key = key();
    let mut server = CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()])
        .expect("names a certificate may have");
    server.use_authority_key_identifier_extension = true;
    let certificate = server.signed_by(&server_key, &ca).expect("a certificate");

    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS versions that ring speaks")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(server_key.serialize_der()).expect("a key in PKCS #8"),
        )
        .expect("a certificate that fits its key");
    Tls { acceptor: TlsAcceptor::from(Arc::new(config)), ca_pem: ca.pem() }
}
