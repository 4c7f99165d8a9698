//! The certificates in the keys of a secret: every one in every value, with its position.

use notafter_simulator::Cluster;
use notafter_simulator::certificate::der;

use crate::certificates::scrape;
use crate::world::{World, certificate, secret};

#[tokio::test(start_paused = true)]
async fn pem_is_found_however_it_was_pasted() {
    let pem = certificate("web", 90).certificate;
    let body = pem
        .trim_end()
        .lines()
        .filter(|line| !line.starts_with("---"))
        .collect::<String>();
    let trusted = der::pem(
        "TRUSTED CERTIFICATE",
        &der::certificate(|fields| fields.trailing = vec![0x30, 2, 5, 0]),
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

#[tokio::test(start_paused = true)]
async fn a_damaged_block_keeps_its_position_and_costs_no_other_block() {
    let pem = certificate("web", 90).certificate;
    let unterminated_pem = pem.replacen("-----END CERTIFICATE-----", "", 1);
    let not_base64 = "-----BEGIN CERTIFICATE-----\n!!! not base64 !!!\n-----END CERTIFICATE-----\n";
    let empty = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
    let scrape = scrape(&[
        ("bad-base64", format!("{pem}{not_base64}{pem}").into_bytes()),
        ("no-end", format!("{unterminated_pem}{pem}").into_bytes()),
        ("cut-off", pem.as_bytes()[..pem.len() / 2].to_vec()),
        ("empty-block", format!("{empty}{pem}").into_bytes()),
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

#[tokio::test(start_paused = true)]
async fn a_value_without_a_certificate_is_a_problem_only_where_one_is_expected() {
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
    let scrape = World::of(cluster).poll().await;
    assert!(scrape.certificates().is_empty());
    let problems = ["a-key", "attributes", "der", "request", "utf16", "words"];
    assert_eq!(
        scrape.problems(),
        problems.map(|name| format!("{name}/tls.crt: no_certificate"))
    );
}

#[tokio::test(start_paused = true)]
async fn the_private_key_is_never_read_and_private_keys_elsewhere_are_skipped() {
    let cluster = Cluster::new();
    let pair = certificate("web", 90);
    let both = format!("{}{}{}", pair.certificate, pair.key, pair.certificate);
    let data = [
        ("tls.crt", both.as_bytes()),
        ("tls.key", pair.certificate.as_bytes()),
    ];
    cluster.apply(secret("shop", "web", &data));
    let scrape = World::of(cluster).poll().await;
    assert_eq!(
        scrape.certificates(),
        ["shop/web/tls.crt/0", "shop/web/tls.crt/1"]
    );
    assert!(scrape.problems().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_bundle_larger_than_any_in_use_is_read_completely() {
    let cluster = Cluster::new();
    let bundle = certificate("ca", 90).certificate.repeat(400);
    let pair = certificate("web", 90);
    let data = [
        ("ca-bundle.crt", bundle.as_bytes()),
        ("tls.crt", pair.certificate.as_bytes()),
    ];
    cluster.apply(secret("shop", "web", &data));
    let scrape = World::of(cluster).poll().await;
    assert_eq!(scrape.certificates().len(), 401);
    scrape.value(
        "cert_not_after_seconds",
        &[("key", "ca-bundle.crt"), ("position", "399")],
    );
}

#[tokio::test(start_paused = true)]
async fn the_owner_is_the_owning_object_or_else_the_owning_component() {
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
    let scrape = World::of(cluster).poll().await;
    let owner_of = |name| {
        scrape.all("cert_info", &[("name", name)])[0]
            .label("owner")
            .to_owned()
    };
    assert_eq!(
        (
            owner_of("owned"),
            owner_of("component"),
            owner_of("nobodys")
        ),
        ("Service/web".into(), "etcd".into(), String::new())
    );
}
