//! The declarations of people about a secret, by annotations and by flags.

mod labels;

use notafter::rotation::{Declarations, Selector, time_before_expiry};
use notafter::urgency::{Assessor, Thresholds, Urgency};
use notafter_simulator::Cluster;
use serde_json::json;

use crate::managed::annotated;
use crate::scrape::Scrape;
use crate::world::{DAY, THEN, World, certificate, tls};

const LIFE: i64 = 90;
const WEB: [(&str, &str); 3] = [
    ("kind", "Secret"),
    ("cert_namespace", "shop"),
    ("name", "web"),
];

/// A cluster whose secret `shop/web` is valid for 90 days and has these annotations.
fn cluster(annotations: &[(&str, &str)]) -> Cluster {
    let cluster = Cluster::new();
    let mut secret = tls("shop", "web", &certificate("web", LIFE));
    secret["metadata"]["annotations"] = json!({});
    for (name, value) in annotations {
        secret["metadata"]["annotations"][format!("notafter.io/{name}")] = json!(value);
    }
    cluster.apply(secret);
    cluster
}

/// A world whose secret has these annotations, polled with these flags.
async fn polled(annotations: &[(&str, &str)], declarations: Declarations) -> (World, Scrape) {
    let mut world = World::of(cluster(annotations));
    world.declarations = declarations;
    let scrape = world.poll().await;
    (world, scrape)
}

async fn with(annotations: &[(&str, &str)]) -> (World, Scrape) {
    polled(annotations, Declarations::default()).await
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap()
}

fn renewed_before(text: &str, seconds: i64) -> Declarations {
    Declarations {
        renewed_before: vec![(selector(text), seconds)],
        ..Declarations::default()
    }
}

fn ignored(text: &str, reason: &str) -> Declarations {
    Declarations {
        ignore: vec![(selector(text), reason.into())],
        ..Declarations::default()
    }
}

/// The urgency of the secret when so many days are left.
fn urgency(world: &World, left: i64) -> Urgency {
    let now = THEN + (LIFE - left) * DAY;
    let assessed = Assessor::new(&world.snapshot.inventory, now, Thresholds::default()).all();
    assessed[0].urgency
}

#[tokio::test(start_paused = true)]
async fn a_secret_that_somebody_renews_is_silent_until_that_time() {
    let by_flag = || renewed_before("sh*/we?", 10 * DAY);
    let annotation = [("renewed-before", "10d")];
    for (annotations, declarations) in
        [(&annotation[..], Declarations::default()), (&[], by_flag())]
    {
        let (world, scrape) = polled(annotations, declarations).await;
        let due = scrape.value("cert_renewal_due_seconds", &WEB);
        assert_eq!(due, THEN + (LIFE - 10) * DAY);
        let expiry = scrape.all("cert_expiry_seconds", &WEB);
        assert_eq!(expiry[0].label("manager"), "owner");
        assert_eq!(urgency(&world, 11), Urgency::Ok);
        assert_eq!(urgency(&world, 10), Urgency::Overdue);
        assert_eq!(scrape.problems(), [""; 0]);
    }
    let (world, _) = with(&[]).await;
    assert_eq!(urgency(&world, 11), Urgency::Soon, "without a declaration");
}

#[tokio::test(start_paused = true)]
async fn a_warning_comes_as_early_as_the_owner_wants() {
    let (world, scrape) = with(&[("warn-before", "60d")]).await;
    assert_eq!(scrape.value("cert_warn_before_seconds", &WEB), 60 * DAY);
    assert_eq!(urgency(&world, 61), Urgency::Ok);
    assert_eq!(urgency(&world, 60), Urgency::Soon);
    let (world, _) = with(&[("warn-before", "36h")]).await;
    assert_eq!(urgency(&world, 2), Urgency::Ok);
    assert_eq!(urgency(&world, 1), Urgency::Imminent);
}

#[tokio::test(start_paused = true)]
async fn the_owner_is_a_label_of_what_the_alerts_are_made_of() {
    let (_, scrape) = with(&[("owner", "team-shop")]).await;
    let expiry = scrape.all("cert_expiry_seconds", &WEB);
    assert_eq!(expiry[0].label("owner"), "team-shop");
    let (_, scrape) = with(&[]).await;
    assert_eq!(
        scrape.all("cert_expiry_seconds", &WEB)[0].label("owner"),
        ""
    );
}

#[tokio::test(start_paused = true)]
async fn an_ignored_secret_is_shown_with_the_reason_and_not_alerted() {
    let reason = "replaced by shop/web-2, see OPS-7";
    for (annotations, declarations) in [
        (&[("ignore", reason)][..], Declarations::default()),
        (&[], ignored("shop/web", reason)),
    ] {
        let (world, scrape) = polled(annotations, declarations).await;
        let shown = scrape.all("notafter_ignored", &WEB);
        assert_eq!(shown[0].label("explanation"), reason);
        assert!(scrape.all("cert_expiry_seconds", &WEB).is_empty());
        assert_eq!(scrape.all("cert_not_after_seconds", &WEB).len(), 1);
        assert_eq!(urgency(&world, -1), Urgency::Ok);
    }
}

#[tokio::test(start_paused = true)]
async fn an_ignored_secret_silences_no_other_one() {
    let cluster = cluster(&[("ignore", "a test")]);
    cluster.apply(tls("shop", "api", &certificate("api", LIFE)));
    cluster.apply(tls("bank", "web", &certificate("web", LIFE)));
    let scrape = World::of(cluster).poll().await;
    let told = scrape.all("cert_expiry_seconds", &[]);
    let told: Vec<_> = told
        .iter()
        .map(|sample| (sample.label("cert_namespace"), sample.label("name")))
        .collect();
    assert_eq!(told, [("bank", "web"), ("shop", "api")]);
}

#[tokio::test(start_paused = true)]
async fn a_declaration_without_effect_is_a_problem_and_never_silence() {
    for (annotation, values) in [
        (
            "renewed-before",
            &["", "0s", "-1h", "soon", "10", "90d", "200d", "1 month"][..],
        ),
        (
            "warn-before",
            &["", "0d", "-5d", "1y", "91d", "99999999999999999999d"],
        ),
        ("owner", &["", "  "]),
        ("ignore", &["", " ", "\n"]),
    ] {
        for value in values {
            let (world, scrape) = with(&[(annotation, value)]).await;
            let problem = format!("web/notafter.io/{annotation}: invalid_field");
            assert_eq!(scrape.problems(), [problem], "{annotation}={value:?}");
            assert_eq!(urgency(&world, 20), Urgency::Soon, "{annotation}={value:?}");
            assert_eq!(
                urgency(&world, -1),
                Urgency::Expired,
                "{annotation}={value:?}"
            );
        }
    }
    let (_, scrape) = polled(&[], renewed_before("shop/*", 100 * DAY)).await;
    assert_eq!(scrape.problems(), ["web/--renewed-before: invalid_field"]);
}

#[tokio::test(start_paused = true)]
async fn an_annotation_counts_before_a_flag() {
    let flag = renewed_before("*/web", 10 * DAY);
    let (_, scrape) = polled(&[("renewed-before", "20d")], flag).await;
    let due = scrape.value("cert_renewal_due_seconds", &WEB);
    assert_eq!(due, THEN + (LIFE - 20) * DAY);
    let (_, scrape) = polled(&[("ignore", "mine")], ignored("*/web", "theirs")).await;
    assert_eq!(
        scrape.all("notafter_ignored", &WEB)[0].label("explanation"),
        "mine"
    );
}

#[tokio::test(start_paused = true)]
async fn a_flag_leaves_the_other_annotations_of_a_secret_in_effect() {
    let annotations = [("owner", "team-shop"), ("warn-before", "60d")];
    let (_, scrape) = polled(&annotations, renewed_before("*/web", 10 * DAY)).await;
    let expiry = scrape.all("cert_expiry_seconds", &WEB);
    let labels = ["manager", "owner"].map(|label| expiry[0].label(label));
    assert_eq!(labels, ["owner", "team-shop"]);
    assert_eq!(scrape.value("cert_warn_before_seconds", &WEB), 60 * DAY);
}

#[tokio::test(start_paused = true)]
async fn a_flag_that_selects_nothing_is_a_problem_once_the_secrets_are_known() {
    let declarations = || Declarations {
        ignore: vec![(selector("bank/old-*"), "gone".into())],
        ..renewed_before("shop/web", DAY)
    };
    let (_, scrape) = polled(&[], declarations()).await;
    assert_eq!(scrape.problems(), ["old-*/--ignore: matches_nothing"]);
    let cluster = cluster(&[]);
    cluster.refuse("secrets", "");
    let mut world = World::of(cluster);
    world.declarations = declarations();
    assert_eq!(world.poll().await.problems(), [""; 0], "nothing is known");
}

#[tokio::test(start_paused = true)]
async fn a_copy_stays_a_copy() {
    let cluster = Cluster::new();
    let original = tls("shop", "web", &certificate("web", LIFE));
    let mut copy = annotated(
        original.clone(),
        "reflector.v1.k8s.emberstack.com/reflects",
        "shop/web",
    );
    copy["metadata"]["namespace"] = json!("bank");
    copy["metadata"]["annotations"]["notafter.io/renewed-before"] = json!("1d");
    cluster.apply(original);
    cluster.apply(copy);
    let scrape = World::of(cluster).poll().await;
    let managers = scrape.all("cert_expiry_seconds", &[]);
    let managers: Vec<_> = managers
        .iter()
        .map(|sample| sample.label("manager"))
        .collect();
    assert_eq!(managers, ["copy", "none"]);
}

#[test]
fn a_selector_names_a_namespace_and_a_name_and_never_everything() {
    for invalid in [
        "",
        "web",
        "/web",
        "shop/",
        "*/*",
        "**/*",
        "*/**",
        "shop/web,",
        "shop/web,stage",
        "shop/web,=lab",
        "shop/web,/stage=lab",
        "shop/web,stage=-lab",
        "shop/web,stage=l*b",
        "shop/web,stage=lab,tier=web",
        "/web,stage=lab",
        "stage=lab",
    ] {
        assert!(Selector::parse(invalid).is_err(), "{invalid}");
    }
    for valid in [
        "shop/web",
        "shop/*",
        "*/web",
        "*-prod/tls-?",
        "*/*,stage=lab",
        "shop/*,stage=",
        "shop/*,example.com/stage=lab_2.1-a",
    ] {
        assert!(Selector::parse(valid).is_ok(), "{valid}");
    }
}

#[test]
fn durations_are_those_of_go_with_days() {
    for (text, seconds) in [
        ("36h", 36 * 3600),
        ("1d12h", 36 * 3600),
        ("90m", 5400),
        ("30d", 30 * DAY),
    ] {
        assert_eq!(time_before_expiry(text), Ok(seconds), "{text}");
    }
    for invalid in ["", "30", "d", "-1h", "0s", "1 month", "nan"] {
        assert!(time_before_expiry(invalid).is_err(), "{invalid}");
    }
}
