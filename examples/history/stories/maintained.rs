//! A day on which people work. What is normal then, and for how long, was seen with the real OLM.

use std::io::Write;

use anyhow::Context;
use notafter_simulator::Managers;
use serde_json::Value;

use super::{HOUR, MINUTE, OLM, THEN};
use crate::recorder::Recorder;

const STEP: i64 = 2 * MINUTE;

/// OLM looks at an operator every five minutes, and up to a fifth later; no event tells it of what happens here.
const RESYNC: i64 = 6 * MINUTE;

const NAMESPACE: &str = "openshift-operators";
const CSV: &str = "ClusterServiceVersion";
const OLD: &str = "devworkspace-operator.v0.26.0";
const NEW: &str = "devworkspace-operator.v0.27.0";
const SECRET: &str = "devworkspace-controller-manager-service-cert";

/// Everything that happens to an operator, and after each two hours in which an alert would fire.
pub(super) async fn day(output: &mut dyn Write) -> anyhow::Result<()> {
    let mut recorder = Recorder::new(Managers::openshift(THEN), output).await?;
    let recorder = &mut recorder;
    passes(recorder, HOUR).await?;
    upgrade(recorder, OLD, NEW).await?;
    upgrade(recorder, NEW, OLD).await?;

    distrust(&recorder.managers)?;
    until_resync(recorder).await?;

    recorder
        .managers
        .cluster
        .delete("Secret", NAMESPACE, SECRET);
    until_resync(recorder).await?;

    install_slowly(recorder).await?;
    remove(recorder).await
}

/// The new operator has no dates, and then no secret, since that was the old one's.
async fn upgrade(recorder: &mut Recorder<'_>, old: &str, new: &str) -> anyhow::Result<()> {
    recorder.managers.switches.garbage_collection = false;
    recorder.managers.upgrade(NAMESPACE, old, new);
    passes(recorder, 2 * STEP).await?;
    recorder.managers.switches.garbage_collection = true;
    until_resync(recorder).await
}

/// Makes a webhook trust another CA than the one that its certificate is of.
fn distrust(managers: &Managers) -> anyhow::Result<()> {
    const KIND: &str = "ValidatingWebhookConfiguration";
    let cluster = &managers.cluster;
    let other = cluster.get("Secret", OLM, "packageserver-service-cert");
    let other = other.context("no package server")?["data"]["olmCAKey"].clone();
    let webhooks = cluster.list(KIND);
    let belongs = |it: &&Value| it["metadata"]["labels"]["olm.owner"] == OLD;
    let webhook = webhooks.iter().find(belongs).context("no webhook")?;
    let name = webhook["metadata"]["name"].as_str().context("no name")?;
    cluster.edit(KIND, "", name, |webhook| {
        webhook["webhooks"][0]["clientConfig"]["caBundle"] = other;
    });
    Ok(())
}

/// Twenty minutes, as where an image has to be fetched from far away.
async fn install_slowly(recorder: &mut Recorder<'_>) -> anyhow::Result<()> {
    recorder.managers.switches.olm = false;
    for (phase, reason) in [
        ("Pending", "NeedsReinstall"),
        ("Installing", "InstallWaiting"),
    ] {
        let change = |csv: &mut Value| {
            csv["status"]["phase"] = phase.into();
            csv["status"]["reason"] = reason.into();
        };
        recorder.managers.cluster.edit(CSV, NAMESPACE, OLD, change);
        passes(recorder, 10 * MINUTE).await?;
    }
    recorder.managers.switches.olm = true;
    recorder.managers.reinstall(NAMESPACE, OLD);
    passes(recorder, 2 * HOUR).await
}

/// The garbage collector is busy.
async fn remove(recorder: &mut Recorder<'_>) -> anyhow::Result<()> {
    recorder.managers.switches.garbage_collection = false;
    recorder.managers.cluster.delete(CSV, NAMESPACE, OLD);
    passes(recorder, 2 * STEP).await?;
    recorder.managers.switches.garbage_collection = true;
    passes(recorder, 2 * HOUR).await
}

async fn until_resync(recorder: &mut Recorder<'_>) -> anyhow::Result<()> {
    recorder.managers.switches.olm = false;
    passes(recorder, RESYNC).await?;
    recorder.managers.switches.olm = true;
    passes(recorder, 2 * HOUR).await
}

async fn passes(recorder: &mut Recorder<'_>, time: i64) -> anyhow::Result<()> {
    let end = recorder.managers.now() + time;
    recorder.until(end, STEP).await
}
