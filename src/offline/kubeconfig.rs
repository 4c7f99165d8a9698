//! Kubeconfigs: the client certificates of their users, and the CAs of their clusters.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::clean::Clean;
use super::file::File;
use super::problem::Reason;
use crate::facts::{Field, Holder, MOST_BLOCKS, Purpose};
use crate::object::{Kind, Meta};

/// The places of certificates (kubernetes/client-go: tools/clientcmd/api/v1/types.go).
const FIELDS: [(&str, &str, &str, Purpose); 2] = [
    ("users", "user", "client-certificate-data", Purpose::Serving),
    (
        "clusters",
        "cluster",
        "certificate-authority-data",
        Purpose::Trust,
    ),
];

/// Adds the certificates in a kubeconfig.
pub(super) fn read(file: &mut File<'_>, line: usize, clean: &Clean) {
    let config: Value = serde_json::from_slice(&clean.json).unwrap_or_default();
    let object = file.object(Kind::Kubeconfig);
    let mut fields: Vec<Field> = Vec::new();
    for (list, entry, key, purpose) in FIELDS {
        for named in config[list].as_array().into_iter().flatten() {
            let value = &named[entry][key];
            let name = named["name"].as_str().unwrap_or_default();
            let path = format!("{list}[{name}].{entry}.{key}");
            let text = value.as_str().unwrap_or_default();
            let text: String = text.chars().filter(|char| !char.is_whitespace()).collect();
            let Ok(pem) = STANDARD.decode(&text) else {
                let message = "the value is not base64";
                let problem = file.problem(line, Reason::BadBase64, message);
                file.report(problem.of(Some(object.clone()), &path));
                continue;
            };
            let read: usize = fields.iter().map(|field| field.blocks.len()).sum();
            if let Some(most) = MOST_BLOCKS.checked_sub(read) {
                let field = Field::read(&path, purpose, &pem, most);
                let is_empty = pem.is_empty() || purpose == Purpose::Trust;
                if !field.blocks.is_empty() || !is_empty {
                    fields.push(field);
                }
            }
        }
    }
    if !fields.is_empty() {
        let meta = Meta::default();
        let fields = fields.into();
        let holder = Holder {
            object,
            meta,
            fields,
        };
        let source = file.source(line);
        file.collection.add_file(Arc::new(holder), source);
    }
}
