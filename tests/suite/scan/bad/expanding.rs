//! Little that becomes much: aliases, a value of a gigabyte, and compressed data.

use std::fs::{self, File};
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::{assert_scan, documents, scan};
use crate::offline::Files;

#[test]
fn aliases_that_explode_are_a_problem_with_the_line_of_one() {
    let files = Files::new();
    let sequence = |(from, to): (char, char)| {
        format!("{to}: &{to} [{}]\n", vec![format!("*{from}"); 9].join(","))
    };
    let sequences: Vec<String> = ('a'..='y').zip('b'..='z').map(sequence).collect();
    let start = "apiVersion: v1\nkind: Secret\na: &a [x,x,x]\n";
    let aliases = format!("{start}{}", sequences.concat());
    let path = files.write("aliases.yaml", documents(&aliases));
    let report = scan(&path, &["table", "json"]).1;
    let source = report["problems"][0]["source"].as_str().unwrap();
    let line = source.rsplit(' ').next().unwrap().parse().unwrap();
    assert!((4..=28).contains(&line), "{source}");
    assert_scan(&path, &[("aliases", Some(line))], &["well"], &[]);
}

#[test]
fn little_that_becomes_much_is_a_problem_and_the_rest_is_shown() {
    let files = Files::new();
    let start = documents("apiVersion: v1\nkind: Secret\ndata:\n  tls.crt: ");
    let (bad, rest) = start.split_once("---\n").unwrap();
    // A gigabyte in one value, in a file that takes no room.
    let scalar = files.write("scalar.yaml", format!("{rest}---\n{bad}"));
    let line = 1 + fs::read_to_string(&scalar).unwrap().matches('\n').count();
    File::options()
        .write(true)
        .open(&scalar)
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    assert_scan(&scalar, &[("too_large", Some(line))], &["well"], &[]);
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    writeln!(bomb, "{rest}---").unwrap();
    let comment = format!("#{}\n", "x".repeat(1 << 20));
    (0..100).for_each(|_| bomb.write_all(comment.as_bytes()).unwrap());
    let bomb = files.write("bomb.yaml.gz", bomb.finish().unwrap());
    assert_scan(&bomb, &[("compression_bomb", None)], &["well"], &[]);
}
