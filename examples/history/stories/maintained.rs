//! A day of maintenance. The durations were observed with the real OLM.

use std::io::Write;

use anyhow::Context;
use notafter_simulator::Managers;
use serde_json::Value;

use super::{HOUR, MINUTE, OLM, THEN};
use crate::recorder::Recorder;

const STEP: i64 = 2 * MINUTE;

/// The resync of OLM: every five minutes, plus up to a fifth. No event triggers it earlier here.
const RESYNC: i64 = 6 * MINUTE;

const NAMESPACE: &str = "openshift-operators";
const CSV: &str = "ClusterServiceVersion";
const OLD: &str = "devworkspace-operator.v0.26.0";
const NEW: &str = "devworkspace-operator.v0.27.0";
const SECRET: &str = "devworkspace-controller-manager-service-cert";

/// Writes everything that normally happens to an operator, each followed by two hours in which an
/// alert could fire.
pub(super) async fn day(output: &mut dyn Write) -> anyhow::Result<()> {
    let mut recorder = Recorder::new(Managers::openshift(THEN), output);
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

/// Upgrades the operator: the new one has no dates, and then no secret, because the old one owned
/// it.
async fn upgrade(recorder: &mut Recorder<'_>, old: &str, new: &str) -> anyhow::Result<()> {
    recorder.managers.switches.garbage_collection = false;
    recorder.managers.upgrade(NAMESPACE, old, new);
    passes(recorder, 2 * STEP).await?;
    recorder.managers.switches.garbage_collection = true;
    until_resync(recorder).await
}

/// Makes a webhook trust a CA other than the one that issued its certificate.
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
