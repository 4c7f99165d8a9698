//! Input that means no good: it costs little, and everything else is read.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use notafter::offline::Reason;
use serde_json::json;

use super::{api, list, names, reasons, text, web, yaml};

#[test]
fn aliases_that_explode_are_a_problem() {
    let sequence = |(from, to): (char, char)| {
        format!("{to}: &{to} [{}]\n", vec![format!("*{from}"); 9].join(","))
    };
    let sequences: Vec<String> = ('a'..='y').zip('b'..='z').map(sequence).collect();
    let start = "apiVersion: v1\nkind: Secret\na: &a [x,x,x,x,x,x,x,x,x]\n";
    let contents = format!("{start}{}---\n{}", sequences.concat(), yaml(&web()));
    let inspected = text("aliases.yaml", contents);
    assert_eq!(reasons(&inspected), [Reason::Aliases]);
    assert_eq!(names(&inspected), ["shop/web"]);
    let long = "x".repeat(1 << 20);
    let contents = format!(
        "apiVersion: v1\nkind: Secret\na: &a {long}\nb: [{}]\n",
        vec!["*a"; 90].join(",")
    );
    assert_eq!(reasons(&text("aliases.yaml", contents)), [Reason::Aliases]);
}

#[test]
fn an_object_that_is_too_large_is_passed_over() {
    let large = "x".repeat(17 << 20);
    let large =
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "large"}, "data": large});
    let whole = list(&[api(), large, web()]);
    for (name, contents) in [
        ("dump.json", whole.to_string()),
        ("dump.yaml", yaml(&whole)),
    ] {
        let inspected = text(name, contents);
        assert_eq!(reasons(&inspected), [Reason::TooLarge], "{name}");
        assert_eq!(names(&inspected), ["api/web", "shop/web"], "{name}");
    }
}

#[test]
fn compressed_data_that_is_damaged_or_expands_without_end_is_a_problem() {
    let gzip = |contents: &mut dyn Iterator<Item = &[u8]>| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        contents.for_each(|part| gzip.write_all(part).unwrap());
        gzip.finish().unwrap()
    };
    let contents = yaml(&list(&[api(), web()]));
    let whole = gzip(&mut [contents.as_bytes()].into_iter());
    let cut = text("cut.yaml.gz", &whole[..whole.len() - 20]);
    assert_eq!(reasons(&cut), [Reason::Cut]);
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 40].fill(0xff);
    let damaged = reasons(&text("damaged.yaml.gz", damaged));
    assert!(damaged.contains(&Reason::BadCompression), "{damaged:?}");
    let start = format!("{}---\n", yaml(&web()));
    let comment = format!("#{}\n", "x".repeat(1 << 20));
    let endless = std::iter::repeat_n(comment.as_bytes(), 100);
    let bomb = gzip(&mut [start.as_bytes()].into_iter().chain(endless));
    let inspected = text("bomb.yaml.gz", bomb);
    assert_eq!(reasons(&inspected), [Reason::CompressionBomb]);
    assert_eq!(names(&inspected), ["shop/web"]);
}

#[test]
fn a_name_that_no_api_server_accepts_becomes_part_of_no_command() {
    for (field, name) in [
        ("name", "web; reboot"),
        ("name", "$(reboot)"),
        ("name", "-o"),
        ("name", "\u{1b}[2Jweb"),
        ("namespace", "shop --all"),
        ("namespace", "../shop"),
    ] {
        let mut secret = web();
        secret["metadata"][field] = name.into();
        let inspected = text("dump.yaml", yaml(&list(&[secret, api()])));
        assert_eq!(reasons(&inspected), [Reason::InvalidObject], "{name}");
        assert_eq!(&*inspected.problems[0].key, format!("metadata.{field}"));
        assert_eq!(names(&inspected), ["api/web"], "{name}");
    }
}
