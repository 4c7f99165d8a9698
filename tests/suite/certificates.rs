//! What is read of certificates and of the texts they come in: a strange field never loses an expiry date,
//! no date is ever invented, and whatever is unusable is named and costs its neighbours nothing.

use notafter_simulator::Cluster;
use notafter_simulator::certificate::Draft;

use crate::der::{self, Fields, element};
use crate::scrape::Scrape;
use crate::world::{DAY, THEN, World, certificate, secret};

/// 2024-01-01 and 2026-01-01 (Unix seconds), the dates of [`der::certificate`].
const BEGIN: i64 = 1_704_067_200;
const END: i64 = 1_767_225_600;

/// One poll of a cluster in which each of these texts is the `tls.crt` of a secret of its own.
async fn scrape(texts: &[(&str, Vec<u8>)]) -> Scrape {
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

#[tokio::test]
async fn pem_is_found_however_it_was_pasted() {
    let pem = certificate("web", 90).certificate;
    let body = pem
        .trim_end()
        .lines()
        .filter(|line| !line.starts_with("---"))
        .collect::<String>();
    let trusted = der::pem(
        "TRUSTED CERTIFICATE",
        &der::certificate(|it| it.trailing = vec![0x30, 2, 5, 0]),
    );
    let texts: [(&str, Vec<u8>, usize); 17] = [
        ("plain", pem.clone().into_bytes(), 1),
        ("crlf", pem.replace('\n', "\r\n").into_bytes(), 1),
        ("cr", pem.replace('\n', "\r").into_bytes(), 1),
        ("no-newline-at-the-end", pem.trim_end().into(), 1),
        (
            "one-line-of-base64",
            format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----").into_bytes(),
            1,
        ),
        ("all-in-one-line", pem.replace('\n', " ").into_bytes(), 1),
        ("indented", pem.replace('\n', "\n    ").into_bytes(), 1),
        ("tabs", pem.replace('\n', "\n\t").into_bytes(), 1),
        (
            "byte-order-mark",
            [b"\xef\xbb\xbf", pem.as_bytes()].concat(),
            1,
        ),
        (
            "explained",
            format!("Bag Attributes\n  friendlyName: web\nsubject=CN = web\n{pem}").into_bytes(),
            1,
        ),
        (
            "junk-between",
            [pem.as_bytes(), b"\xff\xfe\x00junk\n", pem.as_bytes()].concat(),
            2,
        ),
        ("glued", pem.trim_end().repeat(2).into_bytes(), 2),
        ("without-padding", pem.replace('=', "").into_bytes(), 1),
        (
            "old-label",
            pem.replace(" CERTIFICATE", " X509 CERTIFICATE")
                .into_bytes(),
            1,
        ),
        ("trusted", trusted.into_bytes(), 1),
        (
            "too-few-dashes",
            pem.replacen("CERTIFICATE-----", "CERTIFICATE", 1)
                .into_bytes(),
            1,
        ),
        (
            "too-many-dashes",
            pem.replacen("CERTIFICATE-----", "CERTIFICATE-------", 1)
                .into_bytes(),
            1,
        ),
    ];
    let scrape = scrape(&texts.clone().map(|(name, text, _)| (name, text))).await;
    for (name, _, count) in texts {
        assert_eq!(
            scrape
                .all("cert_not_after_seconds", &[("name", name)])
                .len(),
            count,
            "{name}"
        );
    }
    assert!(scrape.problems().is_empty(), "{:?}", scrape.problems());
}

#[tokio::test]
async fn a_damaged_block_keeps_its_place_and_costs_no_other() {
    let pem = certificate("web", 90).certificate;
    let headless = pem.replacen("-----END CERTIFICATE-----", "", 1);
    let wrong = "-----BEGIN CERTIFICATE-----\n!!! not base64 !!!\n-----END CERTIFICATE-----\n";
    let nothing = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
    let scrape = scrape(&[
        ("bad-base64", format!("{pem}{wrong}{pem}").into_bytes()),
        ("no-end", format!("{headless}{pem}").into_bytes()),
        ("cut-off", pem.as_bytes()[..pem.len() / 2].to_vec()),
        ("empty-block", format!("{nothing}{pem}").into_bytes()),
    ])
    .await;
    let certificates = [
        "shop/bad-base64/tls.crt/0",
        "shop/bad-base64/tls.crt/2",
        "shop/empty-block/tls.crt/1",
        "shop/no-end/tls.crt/1",
    ];
    assert_eq!(scrape.certificates(), certificates);
    let problems = [
        "bad-base64/tls.crt: bad_base64",
        "cut-off/tls.crt: unterminated",
        "empty-block/tls.crt: malformed",
        "no-end/tls.crt: unterminated",
    ];
    assert_eq!(scrape.problems(), problems);
}

#[tokio::test]
async fn a_text_without_certificate_is_a_problem_only_where_one_belongs() {
    let cluster = Cluster::new();
    let key = certificate("web", 90).key;
    let pem = certificate("web", 90).certificate;
    let utf16: Vec<u8> = pem.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let csr = der::pem("CERTIFICATE REQUEST", b"asks for one");
    let attribute = der::pem("ATTRIBUTE CERTIFICATE", b"is not one");
    for (name, text) in [
        ("empty", &b""[..]),
        ("words", b"paste it here"),
        ("utf16", &utf16),
        ("der", &der::certificate(|_| {})),
        ("a-key", key.as_bytes()),
        ("request", csr.as_bytes()),
        ("attributes", attribute.as_bytes()),
    ] {
        let data = [
            ("tls.crt", text),
            ("ca.crt", b"".as_slice()),
            ("password", b"hunter2"),
        ];
        cluster.apply(secret("shop", name, &data));
    }
    let scrape = World::of(cluster).await.poll().await;
    assert!(scrape.certificates().is_empty());
    let problems = ["a-key", "attributes", "der", "request", "utf16", "words"];
    assert_eq!(
        scrape.problems(),
        problems.map(|name| format!("{name}/tls.crt: no_certificate"))
    );
}

#[tokio::test]
async fn the_private_key_is_never_looked_at_and_keys_in_other_places_are_stepped_over() {
    let cluster = Cluster::new();
    let pair = certificate("web", 90);
    let both = format!("{}{}{}", pair.certificate, pair.key, pair.certificate);
    let data = [
        ("tls.crt", both.as_bytes()),
        ("tls.key", pair.certificate.as_bytes()),
    ];
    cluster.apply(secret("shop", "web", &data));
    let scrape = World::of(cluster).await.poll().await;
    assert_eq!(
        scrape.certificates(),
        ["shop/web/tls.crt/0", "shop/web/tls.crt/1"]
    );
    assert!(scrape.problems().is_empty());
}

#[tokio::test]
async fn a_bundle_of_any_length_is_read_to_its_end() {
    let cluster = Cluster::new();
    let bundle = certificate("ca", 90).certificate.repeat(1500);
    let pair = certificate("web", 90);
    let data = [
        ("ca-bundle.crt", bundle.as_bytes()),
        ("tls.crt", pair.certificate.as_bytes()),
    ];
    cluster.apply(secret("shop", "web", &data));
    let scrape = World::of(cluster).await.poll().await;
    assert_eq!(scrape.certificates().len(), 1501);
    scrape.value(
        "cert_not_after_seconds",
        &[("key", "ca-bundle.crt"), ("position", "1499")],
    );
}

#[tokio::test]
async fn a_role_follows_from_the_place_and_from_who_signed() {
    let root = Draft::named("root")
        .valid(THEN, THEN + 900 * DAY)
        .authority();
    let middle = Draft::named("middle")
        .valid(THEN, THEN + 500 * DAY)
        .signed_by(&root);
    let leaf = Draft::named("leaf")
        .valid(THEN, THEN + 90 * DAY)
        .signed_by(&root);
    let alone = certificate("alone", 90);
    let chain = format!(
        "{}{}{}",
        leaf.certificate, middle.certificate, root.pair.certificate
    );
    let cluster = Cluster::new();
    let ca = root.pair.certificate.as_bytes();
    cluster.apply(secret(
        "shop",
        "chain",
        &[("tls.crt", chain.as_bytes()), ("ca.crt", ca)],
    ));
    cluster.apply(secret(
        "shop",
        "alone",
        &[("tls.crt", alone.certificate.as_bytes())],
    ));
    let scrape = World::of(cluster).await.poll().await;
    let role = |name, key, position| {
        let labels = [("name", name), ("key", key), ("position", position)];
        scrape.all("cert_not_after_seconds", &labels)[0]
            .label("role")
            .to_owned()
    };
    assert_eq!(role("chain", "tls.crt", "0"), "leaf");
    assert_eq!(role("chain", "tls.crt", "1"), "chain");
    assert_eq!(role("chain", "tls.crt", "2"), "root");
    assert_eq!(role("chain", "ca.crt", "0"), "trust");
    assert_eq!(role("alone", "tls.crt", "0"), "leaf");
}

#[tokio::test]
async fn the_owner_is_an_object_or_else_the_component_that_says_so() {
    let cluster = Cluster::new();
    let pair = certificate("web", 90);
    let data = [("tls.crt", pair.certificate.as_bytes())];
    let mut owned = secret("shop", "owned", &data);
    owned["metadata"]["ownerReferences"] = serde_json::json!([{"kind": "Service", "name": "web"}]);
    owned["metadata"]["annotations"]["openshift.io/owning-component"] = "service-ca".into();
    let mut component = secret("shop", "component", &data);
    component["metadata"]["annotations"]["openshift.io/owning-component"] = "etcd".into();
    for object in [owned, component, secret("shop", "nobodys", &data)] {
        cluster.apply(object);
    }
    let scrape = World::of(cluster).await.poll().await;
    let told = |name| {
        scrape.all("cert_info", &[("name", name)])[0]
            .label("owner")
            .to_owned()
    };
    assert_eq!(
        (told("owned"), told("component"), told("nobodys")),
        ("Service/web".into(), "etcd".into(), String::new())
    );
}
