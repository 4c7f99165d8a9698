//! What is read of a certificate: a strange field never loses an expiry date, no date is ever invented, and whatever is
//! unusable is named and costs its neighbours nothing.

use notafter_simulator::Cluster;
use notafter_simulator::certificate::Draft;
use notafter_simulator::certificate::der::{self, Fields, element};

use crate::scrape::Scrape;
use crate::world::{DAY, THEN, World, secret};

/// 2024-01-01 and 2026-01-01 (Unix seconds), the dates of [`der::certificate`].
const BEGIN: i64 = 1_704_067_200;
const END: i64 = 1_767_225_600;

/// One poll of a cluster in which each of these texts is the `tls.crt` of a secret of its own.
pub(crate) async fn scrape(texts: &[(&str, Vec<u8>)]) -> Scrape {
    let cluster = Cluster::new();
    for (name, text) in texts {
        cluster.apply(secret(
            "shop",
            name,
            &[("tls.crt", text), ("tls.key", b"not looked at")],
        ));
    }
    World::of(cluster).await.poll().await
}

/// A strange certificate as PEM.
fn strange(change: impl FnOnce(&mut Fields)) -> Vec<u8> {
    der::pem("CERTIFICATE", &der::certificate(change)).into_bytes()
}

/// The first bytes of a certificate, as PEM.
fn cut_off(length: usize) -> Vec<u8> {
    der::pem("CERTIFICATE", &der::certificate(|_| {})[..length]).into_bytes()
}

/// The dates of the only certificate of a secret.
fn dates(scrape: &Scrape, name: &str) -> (Option<i64>, Option<i64>) {
    let date = |family| match scrape.all(family, &[("name", name)])[..] {
        [] => None,
        [sample] => Some(sample.whole()),
        ref samples => panic!("{samples:?}"),
    };
    (
        date("cert_not_before_seconds"),
        date("cert_not_after_seconds"),
    )
}

fn utc(text: &str) -> Vec<u8> {
    element(der::UTC_TIME, text.as_bytes())
}

fn generalized(text: &str) -> Vec<u8> {
    element(der::GENERALIZED_TIME, text.as_bytes())
}

#[tokio::test]
async fn a_date_in_any_form_that_is_found_is_read() {
    let forms: [(&str, Vec<u8>, i64); 12] = [
        ("year-9999", generalized("99991231235959Z"), 253_402_300_799),
        ("year-2051", generalized("20510101000000Z"), 2_556_144_000),
        ("generalized-too-early", generalized("20260101000000Z"), END),
        ("year-1950", utc("500101000000Z"), -631_152_000),
        ("without-seconds", utc("2601010000Z"), END),
        ("offset-zero", utc("260101000000+0000"), END),
        ("offset-east", utc("260101053000+0530"), END),
        ("offset-west", utc("251231190000-0500"), END),
        ("fraction", generalized("20260101000000.5Z"), END),
        (
            "long-fraction",
            generalized("20260101000000.123456789Z"),
            END,
        ),
        ("leap-second", utc("251231235960Z"), END),
        (
            "generalized-leap-second",
            generalized("20251231235960Z"),
            END,
        ),
    ];
    let texts = forms
        .clone()
        .map(|(name, date, _)| (name, strange(|it| it.not_after = date)));
    let scrape = scrape(&texts).await;
    for (name, _, end) in forms {
        assert_eq!(dates(&scrape, name), (Some(BEGIN), Some(end)), "{name}");
    }
}

#[tokio::test]
async fn a_date_that_is_none_is_named_and_does_not_cost_the_other() {
    let both = |it: &mut Fields| {
        it.not_before = utc("240230000000Z");
        it.not_after = utc("not a date at all");
    };
    let scrape = scrape(&[
        (
            "february",
            strange(|it| it.not_before = utc("240230000000Z")),
        ),
        (
            "month-13",
            strange(|it| it.not_after = utc("261301000000Z")),
        ),
        (
            "a-text",
            strange(|it| it.not_after = element(der::UTF8, b"2026-01-01")),
        ),
        (
            "sixty-at-noon",
            strange(|it| it.not_after = utc("260101120060Z")),
        ),
        (
            "somewhere-on-earth",
            strange(|it| it.not_after = generalized("20260101000000")),
        ),
        ("cut-off", cut_off(70)),
        ("both", strange(both)),
    ])
    .await;
    assert_eq!(dates(&scrape, "february"), (None, Some(END)));
    for name in [
        "month-13",
        "a-text",
        "sixty-at-noon",
        "somewhere-on-earth",
        "cut-off",
    ] {
        assert_eq!(dates(&scrape, name), (Some(BEGIN), None), "{name}");
    }
    assert_eq!(dates(&scrape, "both"), (None, None));
    assert_eq!(scrape.problems().len(), 7);
    assert!(
        scrape
            .problems()
            .iter()
            .all(|it| it.ends_with("tls.crt: malformed"))
    );
}

#[tokio::test]
async fn a_strange_field_costs_neither_dates_nor_peace() {
    let serial = |bytes: &'static [u8]| strange(|it| it.serial = element(der::INTEGER, bytes));
    let unknown = der::extension(&[0x06, 3, 0x2a, 3, 4], true, b"nobody knows");
    let san = |value: &[u8]| der::extension(der::ALTERNATIVE_NAME, false, value);
    let texts = [
        ("serial-negative", serial(&[0x85, 0x1e])),
        ("serial-zero", serial(&[0])),
        ("serial-empty", serial(&[])),
        ("serial-padded", serial(&[0, 0, 0x12])),
        ("serial-21-bytes", serial(&[0x11; 21])),
        ("serial-64-bytes", serial(&[0x11; 64])),
        (
            "version-4",
            strange(|it| it.version = element(0xa0, &element(der::INTEGER, &[3]))),
        ),
        ("version-1", strange(|it| it.version = Vec::new())),
        (
            "trailing-bytes",
            strange(|it| it.trailing = b"and more".to_vec()),
        ),
        (
            "unknown-critical",
            strange(|it| it.extensions = vec![unknown.clone()]),
        ),
        (
            "extension-twice",
            strange(|it| it.extensions = vec![unknown.clone(), unknown.clone()]),
        ),
        (
            "garbage-in-san",
            strange(|it| it.extensions = vec![san(b"garbage")]),
        ),
        (
            "ia5-of-latin1",
            strange(|it| it.extensions = vec![san(&der::sequence(&[&element(0x82, b"\xe4.de")]))]),
        ),
        (
            "ip-of-5-bytes",
            strange(|it| it.extensions = vec![san(&der::sequence(&[&element(0x87, &[1; 5])]))]),
        ),
        ("empty-subject", strange(|it| it.subject = der::name(&[]))),
        (
            "t61",
            strange(|it| it.subject = der::name(&[(der::COMMON_NAME, der::T61, b"M\xfcller")])),
        ),
        (
            "bad-utf8",
            strange(|it| it.subject = der::name(&[(der::COMMON_NAME, der::UTF8, b"\xff")])),
        ),
    ];
    let scrape = scrape(&texts).await;
    for (name, _) in &texts {
        assert_eq!(dates(&scrape, name), (Some(BEGIN), Some(END)), "{name}");
    }
    assert!(scrape.problems().is_empty(), "{:?}", scrape.problems());
}

#[tokio::test]
async fn a_certificate_that_the_parser_refuses_keeps_its_dates_and_is_named() {
    let texts = [
        (
            "no-public-key",
            strange(|it| it.public_key = element(0x05, &[])),
        ),
        (
            "issuer-of-text",
            strange(|it| it.issuer = element(der::UTF8, b"issuer")),
        ),
        (
            "serial-of-text",
            strange(|it| it.serial = element(der::UTF8, b"one")),
        ),
        ("cut-off", cut_off(100)),
    ];
    let scrape = scrape(&texts).await;
    for (name, _) in &texts {
        assert_eq!(dates(&scrape, name), (Some(BEGIN), Some(END)), "{name}");
    }
    assert_eq!(
        scrape.problems().len(),
        texts.len(),
        "{:?}",
        scrape.problems()
    );
    assert!(
        scrape.problems().iter().all(|it| it.ends_with("malformed")),
        "{:?}",
        scrape.problems()
    );
}

#[tokio::test]
async fn names_are_text_whatever_they_are_written_in() {
    let subject = |tag, value: &'static [u8]| {
        strange(move |it| it.subject = der::name(&[(der::COMMON_NAME, tag, value)]))
    };
    let two = [
        (der::ORGANIZATION, der::UTF8, &b"Red Hat, Inc."[..]),
        (der::COMMON_NAME, der::UTF8, b"a b"),
    ];
    let oid: &[u8] = &[0x06, 3, 0x2a, 3, 4];
    let texts = [
        ("utf8", subject(der::UTF8, "Zoë".as_bytes()), "CN=Zoë"),
        (
            "printable",
            subject(der::PRINTABLE, b"*.example.com"),
            "CN=*.example.com",
        ),
        ("t61", subject(der::T61, b"M\xfcller"), "CN=Müller"),
        ("ia5", subject(der::IA5, b"plain"), "CN=plain"),
        ("bmp", subject(der::BMP, &[0, b'A', 0x26, 0x3a]), "CN=A☺"),
        (
            "universal",
            subject(der::UNIVERSAL, &[0, 1, 0xf6, 0]),
            "CN=😀",
        ),
        (
            "not-text",
            subject(der::UTF8, b"\xff\xfe"),
            "CN=\u{fffd}\u{fffd}",
        ),
        (
            "quotes-and-lines",
            subject(der::UTF8, b"a\"b\\c\nd"),
            r#"CN=a\"b\\c\0Ad"#,
        ),
        ("blanks", subject(der::UTF8, b" a "), r"CN=\ a\ "),
        (
            "most-specific-first",
            strange(|it| it.subject = der::name(&two)),
            r"CN=a b,O=Red Hat\, Inc.",
        ),
        (
            "unknown-type",
            strange(|it| it.subject = der::name(&[(oid, der::UTF8, b"x")])),
            "1.2.3.4=x",
        ),
        ("empty", strange(|it| it.subject = der::name(&[])), ""),
    ];
    let scrape = scrape(&texts.clone().map(|(name, text, _)| (name, text))).await;
    for (name, _, subject) in texts {
        assert_eq!(
            scrape.all("cert_info", &[("name", name)])[0].label("subject"),
            subject,
            "{name}"
        );
    }
}

#[tokio::test]
async fn nobody_can_write_an_endless_label() {
    let long = "x".repeat(100_000);
    let hosts: Vec<String> = (0..3000)
        .map(|index| format!("host-{index}.example.com"))
        .collect();
    let hosts = hosts.iter().map(String::as_str).collect::<Vec<_>>();
    let draft = Draft::of(&long, "many")
        .hosts(&hosts)
        .valid(THEN, THEN + DAY);
    let scrape = scrape(&[("many", draft.self_signed().certificate.into_bytes())]).await;
    let info = scrape.all("cert_info", &[("name", "many")])[0];
    assert!(info.label("subject").len() <= 256 && info.label("subject").ends_with('…'));
    assert!(
        info.label("dns_names")
            .starts_with("host-0.example.com,host-1.example.com,")
    );
    assert!(info.label("dns_names").len() <= 512 && info.label("dns_names").ends_with('…'));
}

#[tokio::test]
async fn a_certificate_is_known_by_what_openssl_says_of_it() {
    let named = |it: &mut Fields| {
        let name = der::sequence(&[&element(0x82, b"web.shop.svc"), &element(0x82, b"web")]);
        it.extensions = vec![der::extension(der::ALTERNATIVE_NAME, false, &name)];
        it.serial = element(der::INTEGER, &[0, 0x8b, 0x01]);
    };
    let scrape = scrape(&[("web", strange(named))]).await;
    let info = scrape.all("cert_info", &[])[0];
    assert_eq!(info.label("serial"), "8B01");
    assert_eq!(info.label("issuer"), "CN=issuer");
    assert_eq!(info.label("dns_names"), "web.shop.svc,web");
    let der = der::certificate(named);
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&der);
    assert_eq!(
        info.label("fingerprint"),
        notafter::certificate::hexadecimal(&digest)
    );
}
