//! What to type. Every command has its home here; none of them can do harm in the state it is given for.

use std::fmt::Write;

/// What mends a state, or tells more where nothing that is safe does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing.
    Nothing,
    /// Delete the secret: its manager makes a new one at once.
    DeleteSecret,
    /// Read what OLM says of the operator. A secret deleted now would not come back.
    DescribeOperator(Box<str>),
    /// Look at the operator groups beside the operators. A secret deleted now would not come back.
    ShowOperatorGroups,
    /// Look which operators there are.
    ShowOperators,
    /// Let service-ca try again for a Service; delete the secret before, where it is another Service's.
    RetryService {
        /// The Service.
        service: Box<str>,
        /// Whether the secret is in the way.
        is_foreign: bool,
    },
    /// Read what service-ca says of the Service.
    DescribeService(Box<str>),
    /// Look which Services there are.
    ShowServices,
    /// Read why the service CA is not rotated. Deleting it would break trust until every pod was restarted.
    ServiceCaLog,
    /// Let `oc` have it issued again.
    RegenerateLeaf,
    /// Look which platform operator is not well.
    ShowClusterOperators,
    /// Look which signing requests wait.
    ShowSigningRequests,
    /// Renew it now.
    RenewCertificate(Box<str>),
    /// Read what cert-manager says of the Certificate.
    DescribeCertificate(Box<str>),
    /// Look which Certificates there are.
    ShowCertificates,
    /// Give the ingress controller a certificate of one's own.
    OwnIngressCertificate(Box<str>),
    /// Read of which release it is; the chart makes it.
    ShowRelease(Box<str>),
    /// Read who owns it.
    DescribeSecret,
    /// Put a new certificate into the secret.
    ReplaceSecret,
}

/// The command line client of the cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// OpenShift's.
    Oc,
    /// Everybody's.
    #[default]
    Kubectl,
}

impl Remedy {
    /// The command, for a secret of that namespace and name; empty if there is none.
    pub fn command(&self, tool: Tool, namespace: &str, secret: &str) -> String {
        let kubectl = match tool {
            Tool::Oc => "oc",
            Tool::Kubectl => "kubectl",
        };
        let here = |what: &str| format!("{kubectl} -n {namespace} {what}");
        match self {
            Self::Nothing => String::new(),
            Self::DeleteSecret => here(&format!("delete secret {secret}")),
            Self::DescribeOperator(csv) => here(&format!("describe clusterserviceversion {csv}")),
            Self::ShowOperatorGroups => here("get operatorgroups,clusterserviceversions"),
            Self::ShowOperators => here("get clusterserviceversions,deployments"),
            Self::RetryService {
                service,
                is_foreign,
            } => {
                let retry = here(&retry(service));
                let delete = here(&format!("delete secret {secret}"));
                if *is_foreign {
                    format!("{delete} && {retry}")
                } else {
                    retry
                }
            }
            Self::DescribeService(service) => here(&format!("describe service {service}")),
            Self::ShowServices => here("get services"),
            Self::ServiceCaLog => format!(
                "{kubectl} -n openshift-service-ca-operator logs deployment/service-ca-operator"
            ),
            // Marked experimental by `oc` (openshift/oc: pkg/cli/admin/ocpcertificates).
            Self::RegenerateLeaf => {
                format!("oc adm ocp-certificates regenerate-leaf -n {namespace} secret/{secret}")
            }
            Self::ShowClusterOperators => format!("{kubectl} get clusteroperators"),
            Self::ShowSigningRequests => format!("{kubectl} get certificatesigningrequests"),
            Self::RenewCertificate(name) => format!("cmctl renew -n {namespace} {name}"),
            Self::DescribeCertificate(name) => {
                here(&format!("describe certificate.cert-manager.io {name}"))
            }
            Self::ShowCertificates => here("get certificates.cert-manager.io"),
            Self::OwnIngressCertificate(controller) => format!(
                r#"{kubectl} -n openshift-ingress-operator patch ingresscontroller {controller} --type=merge -p '{{"spec":{{"defaultCertificate":{{"name":"SECRET"}}}}}}'"#
            ),
            Self::ShowRelease(release) => format!("helm -n {namespace} get metadata {release}"),
            Self::DescribeSecret => here(&format!("describe secret {secret}")),
            Self::ReplaceSecret => format!(
                "{kubectl} -n {namespace} create secret tls {secret} --cert=FILE --key=FILE --dry-run=client -o yaml | {kubectl} apply -f -"
            ),
        }
    }
}

/// All four annotations, or it does not try (openshift/service-ca-operator: pkg/controller/servingcert/controller,
/// `getNumFailures` reads alpha where beta is absent).
fn retry(service: &str) -> String {
    let mut command = format!("annotate service {service}");
    for flavour in ["beta", "alpha"] {
        for what in ["error", "error-num"] {
            // A String never refuses.
            let _ = write!(
                command,
                " service.{flavour}.openshift.io/serving-cert-generation-{what}-"
            );
        }
    }
    command
}
