//! The JSON for programs.

use notafter::report::{Filter, Report, Source};
use notafter::urgency::Thresholds;
use notafter_simulator::Cluster;
use serde_json::Value;

use super::polled;
use crate::served::Served;
use crate::world::{certificate, tls};

/// A cluster whose certificates have expired long ago.
fn cluster() -> Cluster {
    let cluster = Cluster::new();
    for (namespace, name) in [("shop", "web"), ("shop", "pay"), ("bank", "web")] {
        cluster.apply(tls(namespace, name, &certificate(name, 300)));
    }
    cluster
}

async fn served() -> Served {
    let served = Served::of(cluster()).await;
    served.until("/ready", 200).await;
    served
}

fn names(body: &str) -> Vec<String> {
    let report: Value = serde_json::from_str(body).unwrap();
    let certificates = report["certificates"].as_array().unwrap().iter();
    let name = |one: &Value| {
        let text = |field: &str| one[field].as_str().unwrap().to_owned();
        format!("{}/{} {}", text("namespace"), text("name"), text("urgency"))
    };
    certificates.map(name).collect()
}

#[tokio::test]
async fn the_report_is_that_of_notafter_scan() {
    let served = served().await;
    let is_complete = |_, body: &str| body.contains("\"complete\": true");
    served.until_response("/api/v1/report", is_complete).await;
    let answer = served.request("GET", "/api/v1/report", "").await;
    assert_eq!(answer.status, 200);
    for header in [
        "content-type: application/json\r\n",
        "cache-control: no-store\r\n",
        "x-content-type-options: nosniff\r\n",
    ] {
        assert!(answer.head.contains(header), "{}", answer.head);
    }
    let body = String::from_utf8(answer.body).unwrap();
    let mut report: Value = serde_json::from_str(&body).unwrap();
    let at: jiff::Timestamp = report["at"].as_str().unwrap().parse().unwrap();
    let world = polled(cluster()).await;
    let source = Source {
        cluster: None,
        snapshot: &world.snapshot,
        files: None,
        problems: &[],
    };
    let expected = Report::of(
        &[source],
        at.as_second(),
        &Thresholds::DEFAULT,
        &Filter::default(),
    );
    assert_eq!(expected.certificates.len(), 3);
    let mut expected = serde_json::to_value(expected).unwrap();
    for report in [&mut report, &mut expected] {
        for one in report["certificates"].as_array_mut().unwrap() {
            // Each certificate is made anew.
            one["fingerprint"].take();
            one["serial"].take();
        }
    }
    for field in [
        "summary",
        "certificates",
        "operators",
        "problems",
        "lists",
        "complete",
    ] {
        assert_eq!(report[field], expected[field], "{field}");
    }
    assert_eq!(report, expected);
    let head = served.request("HEAD", "/api/v1/report", "").await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    served.stop().await;
}

#[tokio::test]
async fn parameters_choose_certificates_as_the_flags_of_scan_do() {
    let served = served().await;
    for (query, expected) in [
        (
            "",
            vec!["bank/web expired", "shop/pay expired", "shop/web expired"],
        ),
        (
            "?namespace=shop",
            vec!["shop/pay expired", "shop/web expired"],
        ),
        (
            "?namespace=shop&namespace=bank&manager=none&manager=olm&within=1d",
            vec!["bank/web expired", "shop/pay expired", "shop/web expired"],
        ),
        ("?manager=olm", vec![]),
        (
            "?namespace=",
            vec!["bank/web expired", "shop/pay expired", "shop/web expired"],
        ),
    ] {
        for path in ["/api/v1/report", "/api/v1/certificates"] {
            let (status, body) = served.get(&format!("{path}{query}")).await;
            assert_eq!(status, 200, "{path}{query}: {body}");
            assert_eq!(names(&body), expected, "{path}{query}");
        }
    }
    let (_, body) = served
        .get("/api/v1/certificates?urgency=expired&urgency=soon")
        .await;
    assert_eq!(names(&body).len(), 3);
    let (_, body) = served.get("/api/v1/certificates?urgency=ok").await;
    assert!(names(&body).is_empty());
    served.stop().await;
}

#[tokio::test]
async fn nonsense_is_a_400_that_names_the_parameter() {
    let served = served().await;
    for (query, message) in [
        (
            "namespaces=shop",
            "\"namespaces\": unknown parameter; expected one of namespace, ",
        ),
        ("q=x", "\"q\": unknown parameter"),
        ("page=2", "\"page\": unknown parameter"),
        (
            "within=30",
            "within=\"30\": expected a duration with its unit, such as 12h or 30d",
        ),
        (
            "within=1000000000000d",
            "within=\"1000000000000d\": expected",
        ),
        (
            "manager=nobody",
            "manager=\"nobody\": expected one of olm, service-ca, ",
        ),
        ("namespace=A%20B", "namespace=\"A B\": expected a namespace"),
        (
            "namespace=%0aX-Evil:%201",
            "namespace=\"X-Evil: 1\": expected a namespace",
        ),
        ("%00=1", "\"\\0\": unknown parameter"),
    ] {
        for path in ["report", "certificates"] {
            let answer = served
                .request("GET", &format!("/api/v1/{path}?{query}"), "")
                .await;
            let body = String::from_utf8(answer.body).unwrap();
            assert_eq!(answer.status, 400, "{query}: {body}");
            assert!(body.starts_with(message), "{query}: {body}");
            assert!(
                answer
                    .head
                    .contains("content-type: text/plain; charset=utf-8\r\n")
            );
        }
    }
    let (status, body) = served.get("/api/v1/report?urgency=soon").await;
    assert_eq!(status, 400, "as scan has no such flag: {body}");
    let (status, body) = served.get("/api/v1/certificates?urgency=urgent").await;
    assert_eq!(
        (
            status,
            body.starts_with("urgency=\"urgent\": expected one of expired, ")
        ),
        (400, true),
        "{body}"
    );
    for path in ["/api", "/api/v1", "/api/v1/", "/api/v1/secrets"] {
        assert_eq!(served.get(path).await.0, 404, "{path}");
    }
    served.stop().await;
}
