"""The fields of a pod that OpenShift's SecurityContextConstraints restricted-v2 refuse or override.

Their admission plugin is not part of Kubernetes, so the rules are copied from the SCC
(openshift/cluster-kube-apiserver-operator:
bindata/bootkube/scc-manifests/0000_20_kube-apiserver-operator_00_scc-restricted-v2.yaml) and from its
defaults (openshift/apiserver-library-go: pkg/securitycontextconstraints).
"""

# `volumes` of the SCC.
VOLUMES = {
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
}
# The SCC chooses these from the ranges of the namespace; a value of the pod's own is outside them.
CHOSEN = ("runAsUser", "runAsGroup", "fsGroup", "supplementalGroups", "seLinuxOptions")
# The SCC does not allow these.
HOST = ("hostNetwork", "hostPID", "hostIPC")


def objections(template):
    """Yields everything in a pod template that restricted-v2 objects to."""
    pod = template["spec"]
    yield from (field for field in HOST if pod.get(field))
    yield from _context("pod", pod.get("securityContext", {}), pod=True)
    for volume in pod.get("volumes", []):
        [kind] = set(volume) - {"name"}
        if kind not in VOLUMES:
            yield f"volume {kind}"
    for container in (*pod.get("initContainers", []), *pod["containers"]):
        yield from _context(container["name"], container.get("securityContext", {}))
        yield from (f"hostPort {port['hostPort']}" for port in container.get("ports", []) if port.get("hostPort"))
    if template["metadata"].get("annotations", {}).get("openshift.io/required-scc") != "restricted-v2":
        yield "another SCC may be used"


def _context(name, context, pod=False):
    yield from (f"{name}: {field}" for field in CHOSEN if field in context)
    if pod:
        if context.get("runAsNonRoot") is not True:
            yield f"{name}: may run as root"
        if context.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{name}: seccompProfile"
        return
    if context.get("privileged"):
        yield f"{name}: privileged"
    if context.get("allowPrivilegeEscalation") is not False:
        yield f"{name}: allowPrivilegeEscalation"
    if "ALL" not in context.get("capabilities", {}).get("drop", []):
        yield f"{name}: capabilities are kept"
    if set(context.get("capabilities", {}).get("add", [])) - {"NET_BIND_SERVICE"}:
        yield f"{name}: capabilities are added"
    if context.get("readOnlyRootFilesystem") is not True:
        yield f"{name}: the root can be written"
