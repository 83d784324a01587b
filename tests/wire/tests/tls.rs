//! The same server over TLS.

#![allow(clippy::expect_used, reason = "a helper of tests fails as a test does")]

use std::sync::Arc;

use sunset_wire::{Account, Ec2, Image};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

#[tokio::test]
async fn a_client_that_trusts_the_authority_is_answered_and_another_is_not() {
    let server = Ec2::start_tls(Account::new("123456789012").image(Image::new("ami-1"))).await;
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(server.ca_pem().expect("an authority").as_bytes()).expect("a certificate");
    assert!(ask(&server, roots.clone()).await.is_err());
    roots.add(ca).expect("an authority that can be trusted");
    assert!(ask(&server, roots).await.expect("an answer").contains("ami-1"));
}

async fn ask(server: &Ec2, roots: RootCertStore) -> std::io::Result<String> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let address = server.url().trim_start_matches("https://").to_owned();
    let name = ServerName::try_from("127.0.0.1").expect("a name");
    let stream = TcpStream::connect(address).await?;
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    stream.write_all(b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 29\r\n\r\nAction=DescribeImages&Version=").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
