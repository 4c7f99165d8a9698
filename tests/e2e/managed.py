"""Secrets with certificates, and what belongs to them, as their managers leave them in a cluster: OLM 0.28 to 0.38,
service-ca-operator (June 2026), library-go, cert-manager 1.20 and the ingress operator."""

import hashlib

from certificates import secret
from signer import DAY, Signer, rfc3339

OLM_API = "operators.coreos.com/v1alpha1"


def owner(it, **more):
    """The reference to an object that was created, as what it owns has it."""
    metadata = it["metadata"]
    return {"apiVersion": it["apiVersion"], "kind": it["kind"], "name": metadata["name"], "uid": metadata["uid"], **more}


def csv(namespace, name, deployment, *, phase="Succeeded", reason="InstallSucceeded", rotate_at=None, **metadata):
    """An operator with a webhook, for whose deployment OLM makes a certificate."""
    webhook = {
        "type": "ValidatingAdmissionWebhook", "generateName": f"v{deployment}.example.com",
        "admissionReviewVersions": ["v1"], "sideEffects": "None", "deploymentName": deployment, "containerPort": 9443,
    }
    since = rfc3339(-30 * DAY)
    status = {"phase": phase, "reason": reason, "lastTransitionTime": since, "lastUpdateTime": since}
    if rotate_at is not None:
        status |= {"certsLastUpdated": since, "certsRotateAt": rfc3339(rotate_at)}
    return {
        "apiVersion": OLM_API, "kind": "ClusterServiceVersion",
        "metadata": {"namespace": namespace, "name": name, **metadata},
        "spec": {
            "displayName": name, "version": "1.4.2",
            "install": {"strategy": "deployment", "spec": {"deployments": []}},
            "webhookdefinitions": [webhook],
        },
        "status": status,
    }


def olm_signer(ends):
    return Signer("olm-selfsigned-3e7de0b108d66684", ends - 730 * DAY, ends, organization="Red Hat, Inc.")


def olm_secret(operator, deployment, signer, ends, names=3):
    """What OLM makes for a deployment of an operator: with two names before 0.29.0, with three since."""
    namespace = operator["metadata"]["namespace"]
    host = f"{deployment}-service.{namespace}"
    hosts = [host, f"{host}.svc", f"{host}.svc.cluster.local"][:names]
    return secret(
        namespace, f"{deployment}-service-cert",
        {"olmCAKey": signer.pem, "tls.crt": signer.leaf(host, ends - 730 * DAY, ends, hosts)},
        labels={"olm.managed": "true"},
        annotations={"olmcahash": hashlib.sha256(signer.pem).hexdigest()},
        ownerReferences=[owner(operator, controller=False, blockOwnerDeletion=False)],
    )


def service(namespace, name, **annotations):
    """A Service; an annotation of service-ca's is given by the end of its name, and put there in both flavours."""
    both = {
        f"service.{flavour}.openshift.io/{key.replace('_', '-')}": value
        for key, value in annotations.items() for flavour in ("alpha", "beta")
    }
    return {
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"namespace": namespace, "name": name, "annotations": both},
        "spec": {"clusterIP": "None", "ports": [{"port": 443}]},
    }


def service_ca(begins):
    """The CA of all Services; it lives for 790 days, and its successor has the same name."""
    return Signer("openshift-service-serving-signer@1795362505", begins, begins + 790 * DAY)


def service_ca_secret(service, name, signer, begins, **changed):
    """What service-ca makes for a Service. Anything of its metadata can be changed."""
    metadata = service["metadata"]
    host = f"{metadata['name']}.{metadata['namespace']}.svc"
    ends = begins + 730 * DAY
    leaf = signer.leaf(host, begins, ends, [host, f"{host}.cluster.local"])
    annotations = {
        "openshift.io/owning-component": "service-ca",
        "service.alpha.openshift.io/expiry": rfc3339(ends), "service.beta.openshift.io/expiry": rfc3339(ends),
        "service.beta.openshift.io/originating-service-name": metadata["name"],
        "service.beta.openshift.io/originating-service-uid": metadata["uid"],
    }
    usual = {"annotations": annotations, "ownerReferences": [owner(service)]}
    return secret(metadata["namespace"], name, {"tls.crt": leaf + signer.pem}, **(usual | changed))


def certrotation_secret(namespace, name, signer, begins, ends, *, kind="target", **annotations):
    """What a platform operator signs itself. An annotation that is given replaces or joins the usual ones."""
    usual = {
        "auth.openshift.io/certificate-issuer": "openshift-kube-apiserver-operator_localhost-serving-signer@1732000000",
        "auth.openshift.io/certificate-not-before": rfc3339(begins),
        "auth.openshift.io/certificate-not-after": rfc3339(ends),
        "openshift.io/owning-component": "kube-apiserver",
    }
    return secret(
        namespace, name, {"tls.crt": signer.leaf(name, begins, ends)},
        labels={"auth.openshift.io/managed-certificate-type": kind},
        annotations=usual | annotations,
    )


def issued(namespace, name, secret_name, renews=None, **spec):
    """A Certificate of cert-manager."""
    ready = {"type": "Ready", "status": "True", "reason": "Ready", "lastTransitionTime": rfc3339(-DAY)}
    status = {"conditions": [ready], "revision": 1}
    return {
        "apiVersion": "cert-manager.io/v1", "kind": "Certificate",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"secretName": secret_name, "dnsNames": ["x.shop.svc"], "issuerRef": {"name": "ca"}, **spec},
        "status": status | ({"renewalTime": rfc3339(renews)} if renews is not None else {}),
    }


def issued_secret(namespace, name, certificate, leaf, ca):
    """What cert-manager puts into a secret for a Certificate of that name."""
    named = {
        "alt-names": "x.shop.svc", "certificate-name": certificate, "common-name": "", "ip-sans": "",
        "issuer-group": "", "issuer-kind": "Issuer", "issuer-name": "ca", "uri-sans": "",
    }
    return secret(
        namespace, name, {"ca.crt": ca, "tls.crt": leaf},
        labels={"controller.cert-manager.io/fao": "true"},
        annotations={f"cert-manager.io/{key}": value for key, value in named.items()},
    )


def ingress_controller(name, **spec):
    return {
        "apiVersion": "operator.openshift.io/v1", "kind": "IngressController",
        "metadata": {"namespace": "openshift-ingress-operator", "name": name}, "spec": spec,
    }


def cluster_version():
    """What makes a cluster an OpenShift."""
    return {
        "apiVersion": "config.openshift.io/v1", "kind": "ClusterVersion", "metadata": {"name": "version"},
        "spec": {"clusterID": "0c5a4f5e-5a53-4d5c-8f63-0a5f8d7b6c11", "channel": "stable-4.20"},
    }
