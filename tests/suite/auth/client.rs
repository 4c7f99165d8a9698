//! A scraper: over TLS or not, with credentials or without.

use std::net::SocketAddr;
use std::sync::Arc;

use notafter_simulator::certificate::{Authority, Pair};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    ClientConfig, DigitallySignedStruct, ProtocolVersion, RootCertStore, SignatureScheme,
    SupportedProtocolVersion,
};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::served::PATIENCE;

/// What it believes, shows and speaks; every request is a connection of its own.
#[derive(Clone)]
pub(super) struct Client {
    address: SocketAddr,
    /// None: plain HTTP. An empty store: whatever is shown.
    roots: Option<RootCertStore>,
    pair: Option<Pair>,
    versions: Vec<&'static SupportedProtocolVersion>,
    /// The only cipher suite that it has, if it has not all of them.
    suite: Option<rustls::CipherSuite>,
    headers: String,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: Vec<u8>,
    /// The certificate that was shown, and what was agreed on.
    pub(super) certificate: Option<CertificateDer<'static>>,
    pub(super) version: Option<ProtocolVersion>,
    pub(super) protocol: Option<Vec<u8>>,
    pub(super) suite: Option<String>,
}

impl Client {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            roots: None,
            pair: None,
            versions: rustls::ALL_VERSIONS.to_vec(),
            suite: None,
            headers: String::new(),
        }
    }

    pub(super) fn believing(mut self, authority: &Authority) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(der(&authority.pair.certificate)).unwrap();
        self.roots = Some(roots);
        self
    }

    pub(super) fn believing_anything(mut self) -> Self {
        self.roots = Some(RootCertStore::empty());
        self
    }

    pub(super) fn showing(mut self, pair: &Pair) -> Self {
        self.pair = Some(pair.clone());
        self
    }

    pub(super) fn speaking(mut self, version: &'static SupportedProtocolVersion) -> Self {
        self.versions = vec![version];
        self
    }

    pub(super) fn with_suite(mut self, suite: rustls::CipherSuite) -> Self {
        self.suite = Some(suite);
        self
    }

    pub(super) fn with(mut self, header: &str) -> Self {
        self.headers.push_str(header);
        self.headers.push_str("\r\n");
        self
    }

    pub(super) fn bearing(self, token: &str) -> Self {
        self.with(&format!("authorization: Bearer {token}"))
    }

    /// The answer, or why there is no connection.
    pub(super) async fn get(&self, path: &str) -> Result<Answer, String> {
        let asked = tokio::time::timeout(PATIENCE, self.ask(path)).await;
        asked
            .expect("it is answered or refused")
            .map_err(|it| it.to_string())
    }

    /// The status, or 0 if there is no connection.
    pub(super) async fn status(&self, path: &str) -> u16 {
        self.get(path).await.map_or(0, |it| it.status)
    }

    async fn ask(&self, path: &str) -> std::io::Result<Answer> {
        let socket = TcpStream::connect(self.address).await?;
        let Some(roots) = &self.roots else {
            return self.over(socket, path).await;
        };
        let connector = TlsConnector::from(Arc::new(self.config(roots.clone())));
        let name = ServerName::try_from("localhost").unwrap();
        let stream = connector.connect(name, socket).await?;
        let session = stream.get_ref().1;
        let shown = session
            .peer_certificates()
            .map(|it| it[0].clone().into_owned());
        let (version, protocol) = (session.protocol_version(), session.alpn_protocol());
        let suite = session.negotiated_cipher_suite();
        let suite = suite.and_then(|it| it.suite().as_str()).map(str::to_owned);
        let protocol = protocol.map(<[u8]>::to_vec);
        let answer = self.over(stream, path).await?;
        Ok(Answer {
            certificate: shown,
            version,
            protocol,
            suite,
            ..answer
        })
    }

    async fn over(
        &self,
        mut stream: impl AsyncRead + AsyncWrite + Unpin,
        path: &str,
    ) -> std::io::Result<Answer> {
        let headers = &self.headers;
        let head =
            format!("GET {path} HTTP/1.1\r\nhost: notafter\r\nconnection: close\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        let Some(end) = answer.windows(4).position(|it| it == b"\r\n\r\n") else {
            return Err(std::io::Error::other("closed without an answer"));
        };
        let body = answer.split_off(end + 4);
        let head = String::from_utf8(answer).unwrap().to_lowercase();
        Ok(Answer {
            status: head[9..12].parse().unwrap(),
            head,
            body,
            certificate: None,
            version: None,
            protocol: None,
            suite: None,
        })
    }

    fn config(&self, roots: RootCertStore) -> ClientConfig {
        let mut provider = aws_lc_rs::default_provider();
        if let Some(suite) = self.suite {
            provider.cipher_suites.retain(|it| it.suite() == suite);
        }
        let builder = ClientConfig::builder_with_provider(provider.into())
            .with_protocol_versions(&self.versions)
            .unwrap();
        let builder = if roots.is_empty() {
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Anything))
        } else {
            builder.with_root_certificates(roots)
        };
        let mut config = match &self.pair {
            None => builder.with_no_client_auth(),
            Some(pair) => {
                let key = PrivateKeyDer::from_pem_slice(pair.key.as_bytes()).unwrap();
                let chain = vec![der(&pair.certificate)];
                builder.with_client_auth_cert(chain, key).unwrap()
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config
    }
}

impl Answer {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The common name of the certificate that was shown.
    pub(super) fn name(&self) -> String {
        let der = self.certificate.as_ref().expect("it was over TLS");
        let (_, certificate) = X509Certificate::from_der(der).unwrap();
        let name = certificate.subject().iter_common_name().last();
        name.map_or("", |name| name.as_str().unwrap()).to_owned()
    }
}

pub(super) fn der(pem: &str) -> CertificateDer<'static> {
    CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
}

/// As `insecureSkipVerify` has it.
#[derive(Debug)]
struct Anything;

impl ServerCertVerifier for Anything {
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
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let provider = aws_lc_rs::default_provider();
        provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
