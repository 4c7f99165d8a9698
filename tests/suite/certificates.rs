//! How certificates are read: an odd field never costs the expiry date, no date is ever invented,
//! and unusable data is reported without affecting any other certificate.

use notafter_simulator::Cluster;
use notafter_simulator::certificate::Draft;
use notafter_simulator::certificate::der::{self, Fields, element};

use crate::scrape::Scrape;
use crate::world::{DAY, THEN, World, secret};

/// The validity dates of [`der::certificate`], 2024-01-01 and 2026-01-01, in Unix seconds.
const NOT_BEFORE: i64 = 1_704_067_200;
const NOT_AFTER: i64 = 1_767_225_600;

/// Result of polling a cluster that has a secret for each of these texts, with the text
/// as its `tls.crt`.
pub(crate) async fn scrape(texts: &[(&str, Vec<u8>)]) -> Scrape {
    let cluster = Cluster::new();
    for (name, text) in texts {
        cluster.apply(secret(
            "shop",
            name,
            &[("tls.crt", text), ("tls.key", b"not looked at")],
        ));
    }
    World::of(cluster).poll().await
}

/// A certificate with altered fields, as PEM.
fn altered(change: impl FnOnce(&mut Fields)) -> Vec<u8> {
    der::pem("CERTIFICATE", &der::certificate(change)).into_bytes()
}

/// A certificate truncated to its first `length` bytes, as PEM.
fn truncated(length: usize) -> Vec<u8> {
    der::pem("CERTIFICATE", &der::certificate(|_| {})[..length]).into_bytes()
}

/// The `notBefore` and `notAfter` dates of the only certificate in a secret.
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

#[tokio::test(start_paused = true)]
async fn every_date_format_found_in_practice_is_read() {
    let formats: [(&str, Vec<u8>, i64); 12] = [
        ("year-9999", generalized("99991231235959Z"), 253_402_300_799),
        ("year-2051", generalized("20510101000000Z"), 2_556_144_000),
        (
            "generalized-too-early",
            generalized("20260101000000Z"),
            NOT_AFTER,
        ),
        ("year-1950", utc("500101000000Z"), -631_152_000),
        ("without-seconds", utc("2601010000Z"), NOT_AFTER),
        ("offset-zero", utc("260101000000+0000"), NOT_AFTER),
        ("offset-east", utc("260101053000+0530"), NOT_AFTER),
        ("offset-west", utc("251231190000-0500"), NOT_AFTER),
        ("fraction", generalized("20260101000000.5Z"), NOT_AFTER),
        (
            "long-fraction",
            generalized("20260101000000.123456789Z"),
            NOT_AFTER,
        ),
        ("leap-second", utc("251231235960Z"), NOT_AFTER),
        (
            "generalized-leap-second",
            generalized("20251231235960Z"),
            NOT_AFTER,
        ),
    ];
    let texts = formats
        .clone()
        .map(|(name, date, _)| (name, altered(|fields| fields.not_after = date)));
    let scrape = scrape(&texts).await;
    for (name, _, expiry) in formats {
        assert_eq!(
            dates(&scrape, name),
            (Some(NOT_BEFORE), Some(expiry)),
            "{name}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_invalid_date_is_reported_and_does_not_cost_the_other_date() {
    let both = |fields: &mut Fields| {
        fields.not_before = utc("240230000000Z");
        fields.not_after = utc("not a date at all");
    };
    let scrape = scrape(&[
        (
            "february",
            altered(|fields| fields.not_before = utc("240230000000Z")),
        ),
        (
            "month-13",
            altered(|fields| fields.not_after = utc("261301000000Z")),
        ),
        (
            "a-text",
            altered(|fields| fields.not_after = element(der::UTF8, b"2026-01-01")),
        ),
        (
            "sixty-at-noon",
            altered(|fields| fields.not_after = utc("260101120060Z")),
        ),
        (
            "somewhere-on-earth",
            altered(|fields| fields.not_after = generalized("20260101000000")),
        ),
        ("cut-off", truncated(70)),
        ("both", altered(both)),
    ])
    .await;
    assert_eq!(dates(&scrape, "february"), (None, Some(NOT_AFTER)));
    for name in [
        "month-13",
        "a-text",
        "sixty-at-noon",
        "somewhere-on-earth",
        "cut-off",
    ] {
        assert_eq!(dates(&scrape, name), (Some(NOT_BEFORE), None), "{name}");
    }
    assert_eq!(dates(&scrape, "both"), (None, None));
    assert_eq!(scrape.problems().len(), 7);
    assert!(
        scrape
            .problems()
            .iter()
            .all(|problem| problem.ends_with("tls.crt: malformed"))
    );
}

#[tokio::test(start_paused = true)]
async fn an_odd_field_costs_no_date_and_is_not_a_problem() {
    let serial =
        |bytes: &'static [u8]| altered(|fields| fields.serial = element(der::INTEGER, bytes));
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
            altered(|fields| fields.version = element(0xa0, &element(der::INTEGER, &[3]))),
        ),
        ("version-1", altered(|fields| fields.version = Vec::new())),
        (
            "trailing-bytes",
            altered(|fields| fields.trailing = b"and more".to_vec()),
        ),
        (
            "unknown-critical",
            altered(|fields| fields.extensions = vec![unknown.clone()]),
        ),
        (
            "extension-twice",
            altered(|fields| fields.extensions = vec![unknown.clone(), unknown.clone()]),
        ),
        (
            "garbage-in-san",
            altered(|fields| fields.extensions = vec![san(b"garbage")]),
        ),
        (
            "ia5-of-latin1",
            altered(|fields| {
                fields.extensions = vec![san(&der::sequence(&[&element(0x82, b"\xe4.de")]))];
            }),
        ),
        (
            "ip-of-5-bytes",
            altered(|fields| {
                fields.extensions = vec![san(&der::sequence(&[&element(0x87, &[1; 5])]))];
            }),
        ),
        (
            "empty-subject",
            altered(|fields| fields.subject = der::name(&[])),
        ),
        (
            "t61",
            altered(|fields| {
                fields.subject = der::name(&[(der::COMMON_NAME, der::T61, b"M\xfcller")]);
            }),
        ),
        (
            "bad-utf8",
            altered(|fields| fields.subject = der::name(&[(der::COMMON_NAME, der::UTF8, b"\xff")])),
        ),
    ];
    let scrape = scrape(&texts).await;
    for (name, _) in &texts {
        assert_eq!(
            dates(&scrape, name),
            (Some(NOT_BEFORE), Some(NOT_AFTER)),
            "{name}"
        );
    }
    assert!(scrape.problems().is_empty(), "{:?}", scrape.problems());
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_the_parser_rejects_keeps_its_dates_and_is_reported() {
    let texts = [
        (
            "no-public-key",
            altered(|fields| fields.public_key = element(0x05, &[])),
        ),
        (
            "issuer-of-text",
            altered(|fields| fields.issuer = element(der::UTF8, b"issuer")),
        ),
        (
            "serial-of-text",
            altered(|fields| fields.serial = element(der::UTF8, b"one")),
        ),
        ("cut-off", truncated(100)),
    ];
    let scrape = scrape(&texts).await;
    for (name, _) in &texts {
        assert_eq!(
            dates(&scrape, name),
            (Some(NOT_BEFORE), Some(NOT_AFTER)),
            "{name}"
        );
    }
    assert_eq!(
        scrape.problems().len(),
        texts.len(),
        "{:?}",
        scrape.problems()
    );
    assert!(
        scrape
            .problems()
            .iter()
            .all(|problem| problem.ends_with("malformed")),
        "{:?}",
        scrape.problems()
    );
}

#[tokio::test(start_paused = true)]
async fn names_are_decoded_from_every_string_type() {
    let subject = |tag, value: &'static [u8]| {
        altered(move |fields| fields.subject = der::name(&[(der::COMMON_NAME, tag, value)]))
    };
    let two_attributes = [
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
            altered(|fields| fields.subject = der::name(&two_attributes)),
            r"CN=a b,O=Red Hat\, Inc.",
        ),
        (
            "unknown-type",
            altered(|fields| fields.subject = der::name(&[(oid, der::UTF8, b"x")])),
            "1.2.3.4=x",
        ),
        (
            "empty",
            altered(|fields| fields.subject = der::name(&[])),
            "",
        ),
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

#[tokio::test(start_paused = true)]
async fn the_length_of_a_label_value_is_limited() {
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

#[tokio::test(start_paused = true)]
async fn a_certificate_is_identified_by_the_values_that_openssl_prints() {
    let with_names = |fields: &mut Fields| {
        let name = der::sequence(&[&element(0x82, b"web.shop.svc"), &element(0x82, b"web")]);
        fields.extensions = vec![der::extension(der::ALTERNATIVE_NAME, false, &name)];
        fields.serial = element(der::INTEGER, &[0, 0x8b, 0x01]);
    };
    let scrape = scrape(&[("web", altered(with_names))]).await;
    let info = scrape.all("cert_info", &[])[0];
    assert_eq!(info.label("serial"), "8B01");
    assert_eq!(info.label("issuer"), "CN=issuer");
    assert_eq!(info.label("dns_names"), "web.shop.svc,web");
    let der = der::certificate(with_names);
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&der);
    assert_eq!(
        info.label("fingerprint"),
        notafter::certificate::hexadecimal(&digest)
    );
}
