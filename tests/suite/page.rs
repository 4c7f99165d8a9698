//! The pages for people, and the JSON for programs.

mod explained;
mod hostile;
mod json;
mod links;
mod markup;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use notafter::page::{self, View};
use notafter::report::{Query, query};
use notafter::urgency::Thresholds;
use notafter_simulator::certificate::{Draft, Pair};
use notafter_simulator::{Cluster, openshift};
use sha2::{Digest, Sha256};

use self::markup::texts;
use crate::served::Served;
use crate::world::{DAY, THEN, World, certificate, secret, tls};

const PACKAGESERVER: (&str, &str) = (
    "openshift-operator-lifecycle-manager",
    "packageserver-service-cert",
);

/// A cluster, polled once.
async fn polled(cluster: Cluster) -> World {
    let mut world = World::listed(cluster);
    world.watch().await;
    world
}

fn view(world: &World) -> View<'_> {
    View {
        snapshot: &world.snapshot,
        at: THEN,
        thresholds: &Thresholds::DEFAULT,
    }
}

/// The overview with a query, at the reference time.
fn overview(world: &World, text: &str) -> String {
    page::render(view(world), &Query::read(text, query::OF_PAGE))
}

/// The page about a secret, at the reference time.
fn about(world: &World, (namespace, name): (&str, &str)) -> String {
    page::secret(view(world), namespace, name).unwrap()
}

/// A certificate that was issued a year ago and expires after so many days.
fn expiring(name: &str, days: i64) -> Pair {
    let (from, until) = (THEN - 365 * DAY, THEN + days * DAY);
    Draft::named(name).valid(from, until).self_signed()
}

/// A cluster with one secret for each number of days until expiry.
fn with_days_left(days: &[i64]) -> Cluster {
    let cluster = Cluster::new();
    for days in days {
        let pair = expiring(&format!("web-{days}.example.com"), *days);
        cluster.apply(tls("shop", &format!("web-{days}"), &pair));
    }
    cluster
}

/// The names in the table of certificates.
fn chosen(page: &str) -> Vec<String> {
    let (_, table) = page
        .split_once("Certificates, those that need a person first")
        .unwrap_or_default();
    let (table, _) = table.split_once("</table>").unwrap_or_default();
    texts(table, "bdi")
        .into_iter()
        .filter(|text| text.contains('/'))
        .collect()
}

#[tokio::test]
async fn the_overview_has_every_section_in_the_order_in_which_they_are_needed() {
    let cluster = openshift(THEN);
    cluster.refuse("routes", "");
    let mut world = polled(cluster).await;
    world.watch().await; // what is denied twice is denied
    let page = overview(&world, "");
    assert_eq!(
        texts(&page, "h2"),
        [
            "Needs a person",
            "Expiry calendar",
            "What comes next",
            "By manager",
            "Operators",
            "Problems",
            "All certificates",
            "Lists",
            "More",
        ]
    );
    assert_eq!(texts(&page, "h1"), ["2 certificates need a person"]);
    for text in [
        "APIService/v1.packages.operators.coreos.com",
        "An OLM before v0.29.0 manages the certificate and will not renew it before it expires.",
        "<code class=\"command\">oc -n openshift-operator-lifecycle-manager delete secret packageserver-service-cert</code>",
        "Expires 2024-03-05 13:07 UTC; its renewal is due by 2024-03-04 14:07 UTC.",
        "<strong class=\"urgency\">blocked</strong> 11 days left",
        "href=\"runbooks/CertificateRotationBlocked\"",
        "1 list could not be read: certificates may be missing here.",
        "href=\"runbooks/NotafterBlind\"",
        "- {apiGroups: [&#34;route.openshift.io&#34;], resources: [&#34;routes&#34;], verbs: [&#34;list&#34;]}",
        "RequirementsNotMet",
        "The text holds no certificate in PEM.",
    ] {
        assert!(page.contains(text), "{text}\n{page}");
    }
}

#[tokio::test]
async fn the_verdict_is_as_certain_as_the_lists_are_complete() {
    let unread = World::listed(Cluster::new());
    let page = overview(&unread, "");
    assert_eq!(texts(&page, "h1"), ["Nothing is known yet"]);
    let well = with_days_left(&[300]);
    let page = overview(&polled(well.clone()).await, "");
    assert_eq!(texts(&page, "h1"), ["Nothing needs a person"]);
    well.refuse("services", "");
    let page = overview(&polled(well).await, "");
    assert_eq!(
        texts(&page, "h1"),
        ["Nothing needs a person, as far as can be seen"]
    );
    let page = overview(&polled(with_days_left(&[-1, 300])).await, "");
    assert_eq!(texts(&page, "h1"), ["1 certificate needs a person"]);
}

#[tokio::test]
async fn the_calendar_shows_a_cliff_as_a_picture_in_words_and_as_a_table() {
    let cluster = with_days_left(&[3, 400]);
    for index in 0..30 {
        let name = format!("cliff-{index:02}");
        cluster.apply(tls("cliff", &name, &certificate(&name, 100)));
    }
    let page = overview(&polled(cluster).await, "");
    for text in [
        "31 of 32 secrets expire within a year, 31 of them without a known renewal.",
        "Most in one week: 30, from 2024-05-31. 1 expire later.",
        ">30</text>",
        "height=\"120\"",
        "Week from 2024-05-31: 30 expire, 30 without known renewal",
        "<th scope=\"row\" class=\"date\">2024-05-31</th><td class=\"number\">30</td>",
        "and 22 more",
    ] {
        assert!(page.contains(text), "{text}\n{page}");
    }
    let description = "aria-labelledby=\"calendar-title calendar-text\"";
    assert!(page.contains(description));
}

#[tokio::test]
async fn filters_choose_among_the_certificates_and_stay_in_the_form() {
    let world = polled(openshift(THEN)).await;
    let checkout = "shop/checkout-tls".to_owned();
    for (query, count, field) in [
        ("namespace=shop", 4, "value=\"shop\""),
        ("q=CHECKOUT.shop", 1, "value=\"CHECKOUT.shop\""),
        (
            "q=shop/check&urgency=soon",
            1,
            "<option value=\"soon\" selected>",
        ),
        (
            "manager=none&namespace=shop",
            4,
            "<option selected>none</option>",
        ),
        ("within=25d&namespace=shop", 2, "value=\"25d\""),
    ] {
        let page = overview(&world, query);
        let names = chosen(&page);
        assert_eq!(names.len(), count, "{query}: {names:?}");
        assert!(names.contains(&checkout), "{query}: {names:?}");
        assert!(page.contains(field), "{query}: {page}");
        let heading = format!("{count} of 240 certificates");
        assert_eq!(texts(&page, "h2"), [heading], "{query}");
    }
    let nothing = overview(&world, "q=nothing-is-called-so");
    assert!(nothing.contains("No certificate matches."), "{nothing}");
    let everything = overview(&world, "q=&namespace=&manager=&urgency=&within=");
    assert_eq!(
        everything,
        overview(&world, ""),
        "as the empty form sends it"
    );
}

#[tokio::test]
async fn a_fingerprint_or_a_serial_number_finds_its_certificate() {
    let world = polled(with_days_left(&[20, 300])).await;
    let page = about(&world, ("shop", "web-20"));
    let codes = texts(&page, "code");
    let at = codes.iter().position(|code| code.len() == 64).unwrap();
    let (serial, fingerprint) = (&codes[at - 1], &codes[at]);
    let start = &fingerprint[..12];
    let bytes: Vec<&str> = (0..32).map(|at| &fingerprint[2 * at..][..2]).collect();
    for text in [serial, fingerprint, start, &bytes.join("%3A")] {
        let names = chosen(&overview(&world, &format!("q={text}")));
        assert_eq!(names, ["shop/web-20"], "{text}");
    }
}

#[tokio::test]
async fn a_long_list_is_paged_and_the_pages_keep_the_filter() {
    let days: Vec<i64> = (100..220).collect();
    let world = polled(with_days_left(&days)).await;
    let mut seen = Vec::new();
    for page in 1..=3 {
        let text = overview(&world, &format!("namespace=shop&page={page}"));
        assert!(text.contains(&format!("Page {page} of 3")), "{text}");
        let next = format!("?namespace=shop&#38;page={}#certificates", page + 1);
        assert_eq!(text.contains(&next), page < 3, "{page}: {text}");
        seen.extend(chosen(&text));
    }
    let expected: Vec<String> = days.iter().map(|days| format!("shop/web-{days}")).collect();
    assert_eq!(seen, expected, "in the order of expiry");
    let beyond = overview(&world, "page=999");
    assert!(beyond.contains("Page 3 of 3"), "{beyond}");
}

#[tokio::test]
async fn many_that_need_a_person_are_cut_short_and_the_others_are_a_link_away() {
    let days: Vec<i64> = (1..26).collect();
    let world = polled(with_days_left(&days)).await;
    let page = overview(&world, "");
    assert_eq!(page.matches("<li class=\"card").count(), 20);
    let link = "<a href=\"?urgency=expired&#38;urgency=not_yet_valid&#38;urgency=imminent&#38;urgency=blocked\
                &#38;urgency=overdue&#38;urgency=soon#certificates\">See all 25 in the table</a>";
    assert!(page.contains(link), "{page}");
    let all = "urgency=expired&urgency=not_yet_valid&urgency=imminent&urgency=blocked&urgency=overdue&urgency=soon";
    assert_eq!(chosen(&overview(&world, all)).len(), 25);
}

#[tokio::test]
async fn the_page_of_a_secret_has_everything_that_is_concluded_about_it() {
    let world = polled(openshift(THEN)).await;
    let page = about(&world, PACKAGESERVER);
    assert_eq!(
        texts(&page, "h1"),
        [format!("{}/{}", PACKAGESERVER.0, PACKAGESERVER.1)]
    );
    assert_eq!(
        texts(&page, "h2"),
        ["Manager", "Certificates", "If nothing changes"]
    );
    for text in [
        "needs a person, as of 2024-02-23 10:07 UTC",
        "ClusterServiceVersion/packageserver <span class=\"muted\">(reach: cluster)",
        "(evidence <code>rotate_at_too_late</code>)",
        "<code class=\"command\">oc -n openshift-operator-lifecycle-manager delete secret packageserver-service-cert</code>",
        "annotation <code>olmcahash</code>; or a name",
        "by 2024-03-04 14:07 UTC",
        "2022-03-07 13:07 UTC to 2024-03-05 13:07 UTC",
        "<bdi>CN=olm-selfsigned-4b781bd09d47d1d1,O=Red Hat\\, Inc.</bdi>",
        "packageserver-service.openshift-operator-lifecycle-manager.svc",
        "<bdi>olmCAKey</bdi>[0] <small>trust</small>",
        "<th scope=\"row\">2024-02-27 13:07 UTC</th><td><span class=\"urgency\">imminent</span></td><td>needed</td>",
        "<th scope=\"row\"><code>openshift.io/owning-component</code></th>",
    ] {
        assert!(page.contains(text), "{text}\n{page}");
    }
    let unreadable = about(&world, ("shop", "legacy-tls"));
    assert!(
        unreadable.contains("The text holds no certificate in PEM."),
        "{unreadable}"
    );
}

#[tokio::test]
async fn what_the_owner_declares_is_on_the_page_of_the_secret() {
    let cluster = Cluster::new();
    for (name, annotation, value) in [
        ("silent", "ignore", "a test <env>"),
        ("owned", "owner", "team & friends"),
    ] {
        let mut object = tls("shop", name, &certificate(name, 5));
        object["metadata"]["annotations"][format!("notafter.io/{annotation}")] = value.into();
        cluster.apply(object);
    }
    let world = polled(cluster).await;
    let silent = about(&world, ("shop", "silent"));
    assert!(
        silent.contains("<dt>Ignored</dt><dd><bdi>a test &#60;env&#62;</bdi>"),
        "{silent}"
    );
    let owned = about(&world, ("shop", "owned"));
    assert!(
        owned.contains("<dt>Owner</dt><dd><bdi>team &#38; friends</bdi>"),
        "{owned}"
    );
}

#[tokio::test]
async fn a_secret_with_many_certificates_names_the_first_and_counts_the_others() {
    let authority = Draft::named("ca").valid(THEN, THEN + 900 * DAY).authority();
    let bundle = authority.pair.certificate.repeat(70);
    let pair = certificate("web", 300);
    let cluster = Cluster::new();
    cluster.apply(secret(
        "shop",
        "web",
        &[
            ("ca.crt", bundle.as_bytes()),
            ("tls.crt", pair.certificate.as_bytes()),
        ],
    ));
    let page = about(&polled(cluster).await, ("shop", "web"));
    assert_eq!(page.matches("<article").count(), 50);
    assert!(page.contains("21 more are in the"), "{page}");
}

#[tokio::test]
async fn the_policy_allows_the_style_and_the_script_of_the_page_and_nothing_else() {
    let served = Served::of(with_days_left(&[300])).await;
    served.until("/ready", 200).await;
    let browser = "accept: text/html\r\n";
    for path in [
        "/",
        "/secrets/shop/web-300",
        "/secrets/shop/gone",
        "/runbooks/",
        "/runbooks/NotafterDown",
    ] {
        let answer = served.request("GET", path, browser).await;
        let page = String::from_utf8(answer.body).unwrap();
        let hash = |tag: &str| {
            let (_, rest) = page.split_once(&format!("<{tag}>")).unwrap();
            let (text, _) = rest.split_once(&format!("</{tag}>")).unwrap();
            STANDARD.encode(Sha256::digest(text)).to_lowercase()
        };
        let policy = format!(
            "content-security-policy: default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; \
             img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'\r\n",
            hash("style"),
            hash("script"),
        );
        for header in [
            &policy,
            "x-content-type-options: nosniff\r\n",
            "referrer-policy: no-referrer\r\n",
            "cache-control: no-store\r\n",
            "content-type: text/html; charset=utf-8\r\n",
        ] {
            assert!(
                answer.head.contains(header),
                "{path}: {header}{}",
                answer.head
            );
        }
        let head = served.request("HEAD", path, browser).await;
        assert_eq!((head.status, head.body.len()), (answer.status, 0), "{path}");
    }
    served.stop().await;
}

#[tokio::test]
async fn a_value_that_cannot_be_used_is_named_on_the_page_and_an_unknown_parameter_means_nothing() {
    let served = Served::of(with_days_left(&[300])).await;
    served.until("/ready", 200).await;
    for (query, message) in [
        ("within=soon", "within=&#34;soon&#34;: expected a duration"),
        ("within=-3d", "within=&#34;-3d&#34;: expected a duration"),
        ("manager=me", "manager=&#34;me&#34;: expected one of olm, "),
        (
            "urgency=1",
            "urgency=&#34;1&#34;: expected one of expired, ",
        ),
        ("page=0", "page=&#34;0&#34;: expected the number of a page"),
        ("page=99999999999999999999", "expected the number of a page"),
        (
            "namespace=%3Cb%3E",
            "namespace=&#34;&#60;b&#62;&#34;: expected a namespace",
        ),
    ] {
        let (status, page) = served.get(&format!("/?{query}")).await;
        assert_eq!(status, 400, "{query}");
        assert!(page.contains(message), "{query}: {page}");
        assert!(page.contains("shop/web-300"), "{query}: the rest is shown");
    }
    for query in [
        "?",
        "?&&=&",
        "?x=1&utm_source=a",
        "?q=%ff%00%",
        "?page=7",
        "?q",
        "?q=%E2%80%AE",
    ] {
        assert_eq!(served.get(&format!("/{query}")).await.0, 200, "{query}");
    }
    for path in [
        "/secrets/shop/gone",
        "/secrets/%ff/x",
        "/secrets/a/b/c",
        "/secrets/shop/",
        "/secrets/shop",
    ] {
        assert_eq!(served.get(path).await.0, 404, "{path}");
    }
    assert_eq!(
        served
            .request("POST", "/", "content-length: 0\r\n")
            .await
            .status,
        405
    );
    served.stop().await;
}
