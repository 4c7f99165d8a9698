//! The inputs of the bench: dumps, and files that mean no good.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use notafter_simulator::certificate::Draft;

pub(super) const SECRETS: usize = 10_000;
const NOW: i64 = 1_708_682_825;
const YEAR: i64 = 365 * 24 * 3600;

/// The sizes of keystores that fill a secret of cert-manager up to 20 kB, before base64.
const KEYSTORES: [(&str, usize); 2] = [("keystore.jks", 6600), ("truststore.jks", 2200)];

/// Writes the same secrets in YAML and in JSON.
pub(super) fn write_dumps(yaml: &Path, json: &Path) -> anyhow::Result<()> {
    let root = Draft::named("root").valid(NOW, NOW + 10 * YEAR).authority();
    let issuing = Draft::named("issuing").valid(NOW, NOW + 5 * YEAR);
    let issuing = issuing.authority_under(&root);
    let mut yaml = BufWriter::new(File::create(yaml)?);
    let mut json = BufWriter::new(File::create(json)?);
    writeln!(yaml, "apiVersion: v1\nitems:")?;
    write!(json, "{{\n    \"apiVersion\": \"v1\",\n    \"items\": [")?;
    for index in 0..SECRETS {
        let (namespace, name) = (format!("shop-{}", index / 100), format!("web-{index}"));
        let host = format!("{name}.{namespace}.svc");
        let draft = Draft::named(&host).hosts(&[&host]).valid(NOW, NOW + YEAR);
        let pair = draft.signed_by(&issuing);
        let chain = [&*pair.certificate, &issuing.pair.certificate].concat();
        let mut data = vec![
            ("ca.crt", STANDARD.encode(&root.pair.certificate)),
            ("tls.crt", STANDARD.encode(chain)),
            ("tls.key", STANDARD.encode(&pair.key)),
        ];
        data.extend(KEYSTORES.map(|(key, size)| (key, STANDARD.encode(noise(index, size)))));
        data.sort_unstable();
        let mut values = String::new();
        for (key, value) in &data {
            writeln!(values, "    {key}: {value}")?;
        }
        write!(
            yaml,
            "- apiVersion: v1\n  data:\n{values}  kind: Secret\n  metadata:\n    annotations:\n      \
             cert-manager.io/alt-names: {host}\n      cert-manager.io/certificate-name: {name}\n      \
             cert-manager.io/common-name: \"\"\n      cert-manager.io/issuer-kind: ClusterIssuer\n    \
             creationTimestamp: \"2024-02-23T10:07:05Z\"\n    name: {name}\n    namespace: {namespace}\n    \
             resourceVersion: \"{index}\"\n    uid: 7b730372-bfd8-4182-b87b-{index:012}\n  \
             type: kubernetes.io/tls\n"
        )?;
        let item = serde_json::json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "data": data.iter().map(|(key, value)| (*key, value.as_str())).collect::<std::collections::BTreeMap<_, _>>(),
            "metadata": {"name": name, "namespace": namespace, "resourceVersion": index.to_string()},
        });
        let comma = if index > 0 { "," } else { "" };
        write!(json, "{comma}\n{}", serde_json::to_string_pretty(&item)?)?;
    }
    writeln!(yaml, "kind: List\nmetadata:\n  resourceVersion: \"\"")?;
    write!(json, "],\n    \"kind\": \"List\", \"metadata\": {{}}\n}}\n")?;
    yaml.flush()?;
    json.flush()?;
    Ok(())
}

/// Bytes that no compression makes smaller, as a keystore's.
fn noise(seed: usize, size: usize) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(seed as u64);
    std::iter::repeat_with(|| random.u8(..))
        .take(size)
        .collect()
}

/// Writes a scalar of a gigabyte, and little that becomes much.
pub(super) fn write_bad_input(folder: &Path) -> anyhow::Result<()> {
    let line = "A".repeat(1 << 20);
    for (name, start, end) in [
        (
            "scalar.yaml",
            "apiVersion: v1\nkind: Secret\ndata:\n  tls.crt: ",
            "\n",
        ),
        (
            "scalar.json",
            "{\"apiVersion\": \"v1\", \"kind\": \"",
            "\"}\n",
        ),
        ("flow.yaml", "{\"apiVersion\": v1, x: [", "]}\n"),
    ] {
        let mut file = BufWriter::new(File::create(folder.join(name))?);
        write!(file, "{start}")?;
        for _ in 0..1000 {
            write!(file, "{line}")?;
        }
        write!(file, "{end}")?;
        file.flush()?;
    }
    let mut bomb = GzEncoder::new(File::create(folder.join("bomb.gz"))?, Compression::best());
    writeln!(bomb, "apiVersion: v1\nkind: List\nitems:")?;
    let blank = vec![b'\n'; 1 << 20];
    for _ in 0..10_000 {
        bomb.write_all(&blank)?;
    }
    bomb.finish()?;
    let mut aliases = String::from("apiVersion: v1\nkind: Secret\na: &a [x,x,x,x,x,x,x,x,x]\n");
    for (from, to) in ('a'..='y').zip('b'..='z') {
        writeln!(
            aliases,
            "{to}: &{to} [{}]",
            vec![format!("*{from}"); 9].join(",")
        )?;
    }
    fs::write(folder.join("aliases.yaml"), aliases)?;
    Ok(())
}
