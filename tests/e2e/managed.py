"""Secrets with certificates, and the objects around them, as their managers leave them.

The managers are OLM 0.28 to 0.38, service-ca-operator (June 2026), library-go, cert-manager 1.20 and
the ingress operator.
"""

import hashlib

from certificates import DAY, Authority, rfc3339, secret
from objects import fixture

CERTROTATION_SIGNER = "openshift-kube-apiserver-operator_localhost-serving-signer@1732000000"


def owner(object, **more):
    """Returns an owner reference to an object that was created."""
    metadata = {key: object["metadata"][key] for key in ("name", "uid")}
    return {"apiVersion": object["apiVersion"], "kind": object["kind"], **metadata, **more}


def csv(namespace, name, deployment, *, phase="Succeeded", reason="InstallSucceeded", rotate_at=None, **metadata):
    """Returns an operator with a webhook, for whose deployment OLM makes a certificate."""
    operator, since = fixture("csv-widgets"), rfc3339(-30 * DAY)
    status = {"phase": phase, "reason": reason, "lastTransitionTime": since, "lastUpdateTime": since}
    if rotate_at is not None:
        status |= {"certsLastUpdated": since, "certsRotateAt": rfc3339(rotate_at)}
    operator["spec"]["webhookdefinitions"][0]["deploymentName"] = deployment
    return operator | {"metadata": {"namespace": namespace, "name": name, **metadata}, "status": status}


def olm_signer(ends):
    return Authority("olm-selfsigned-3e7de0b108d66684", ends - 730 * DAY, ends, organization="Red Hat, Inc.")


def olm_secret(operator, deployment, signer, ends, names=3):
    """Returns OLM's secret for a deployment: with two names before 0.29.0, with three since."""
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
    """Returns a Service with annotations of service-ca in both flavours, named by their ends."""
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
    """Returns the CA of all Services, valid for 790 days; its successor has the same name."""
    return Authority("openshift-service-serving-signer@1795362505", begins, begins + 790 * DAY)


def service_ca_secret(service, name, signer, begins, **changed):
    """Returns service-ca's secret for a Service, with changed metadata if any is given."""
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


def certrotation_signer():
    return Authority(CERTROTATION_SIGNER, -90 * DAY, 275 * DAY)


def certrotation_secret(namespace, name, signer, begins, ends, *, kind="target", **annotations):
    """Returns a secret of a platform operator, with more or other annotations if any are given."""
    usual = {
        "auth.openshift.io/certificate-issuer": CERTROTATION_SIGNER,
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
    """Returns a Certificate of cert-manager."""
    ready = {"type": "Ready", "status": "True", "reason": "Ready", "lastTransitionTime": rfc3339(-DAY)}
    status = {"conditions": [ready], "revision": 1}
    return {
        "apiVersion": "cert-manager.io/v1", "kind": "Certificate",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"secretName": secret_name, "dnsNames": ["x.shop.svc"], "issuerRef": {"name": "ca"}, **spec},
        "status": status | ({"renewalTime": rfc3339(renews)} if renews is not None else {}),
    }


def issued_secret(namespace, name, certificate, leaf, ca):
    """Returns cert-manager's secret for a Certificate of that name."""
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


def etcd(*nodes):
    """Returns OpenShift's etcd, on those nodes."""
    states = [{"nodeName": node} for node in nodes]
    return {
        "apiVersion": "operator.openshift.io/v1", "kind": "Etcd", "metadata": {"name": "cluster"},
        "spec": {"managementState": "Managed"}, "status": {"nodeStatuses": states},
    }


def cluster_version():
    """Returns the object by which notafter recognizes OpenShift."""
    return {
        "apiVersion": "config.openshift.io/v1", "kind": "ClusterVersion", "metadata": {"name": "version"},
        "spec": {"clusterID": "0c5a4f5e-5a53-4d5c-8f63-0a5f8d7b6c11", "channel": "stable-4.20"},
    }
