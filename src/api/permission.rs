//! The questions of `notafter doctor`: whether an API server answers, whose the credentials are, and
//! whether they, or a service account, may list and watch what notafter reads.
//!
//! One's own lists are requested, as the metadata of one object, which contain no key: an answer proves
//! more than a right does. The rights of a service account, and those to watch, are reviewed by the API
//! server's authorizer.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec, SubjectAccessReview,
    SubjectAccessReviewSpec, SubjectAccessReviewStatus,
};
use kube::core::params::ListParams;

use super::config::Access;
use super::connection::Connection;
use super::error::{Error, beginning};
use super::place::Place;
use super::session::Session;
use super::{Polling, places};
use crate::kinds::Resource;
use crate::rbac::ServiceAccount;
use crate::wire::Form;

/// The questions that are asked at a time. The rate limit lets each of so few through within a fraction
/// of a second, so that its deadline measures the API server alone.
const AT_A_TIME: usize = 16;

/// The questions to an API server.
#[derive(Clone, Debug)]
pub struct Examination {
    /// The namespaces to list; none for the whole cluster.
    pub namespaces: Vec<String>,
    /// True to ask whether the lists may be watched, too.
    pub watch: bool,
    /// The service account whose rights are asked about; nothing for one's own.
    pub account: Option<ServiceAccount>,
    /// The deadline of each answer.
    pub timeout: Duration,
}

/// The answers of an API server.
#[derive(Clone)]
pub struct Examined {
    /// The address of the server.
    pub server: Arc<str>,
    /// The version of Kubernetes; nothing if the server does not tell.
    pub version: Option<String>,
    /// The user that the credentials belong to.
    pub user: User,
    /// The permission to each list.
    pub permissions: Vec<Permission>,
}

/// The user that the credentials belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum User {
    /// A user of that name.
    Named(String),
    /// The API server does not have the review that names the user: one before Kubernetes 1.28 answers
    /// that there is none, or that it is not allowed.
    Unsupported,
    /// The review failed, for this reason.
    Unknown(String),
}

/// The permission to read a list of the cluster, or of one namespace.
#[derive(Clone)]
pub struct Permission {
    /// The resource.
    pub resource: &'static Resource,
    /// The namespace; nothing for the whole cluster.
    pub namespace: Option<Arc<str>>,
    /// The answer to a list.
    pub list: Answer,
    /// The answer to a watch; nothing if it was not asked for.
    pub watch: Option<Answer>,
}

/// The answer of an API server to the question whether something may be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Reading is allowed.
    Allowed,
    /// The cluster does not have the resource. Nothing is broken.
    Absent,
    /// A right is missing; with the reason of the authorizer, which may be empty.
    Denied(String),
    /// Reading it fails for another reason.
    Failed(String),
    /// The right cannot be reviewed, for this reason.
    Unknown(String),
}

/// The subject of the questions, over a connection.
struct Examiner<'a> {
    connection: &'a Connection,
    examination: &'a Examination,
}

// === impl Examination ===

impl Examination {
    /// Asks the API server that `access` leads to.
    ///
    /// # Errors
    /// If the configuration cannot be used, or the server does not answer or rejects the credentials;
    /// the message is one sentence.
    pub async fn of(&self, access: Access) -> Result<Examined, String> {
        let connection = Connection::open(access, "an examination", self.timeout).await;
        let connection = connection.map_err(|error| error.to_string())?;
        let examiner = Examiner {
            connection: &connection,
            examination: self,
        };
        let version = match examiner.session().version().await {
            Ok(version) => Some(version.git_version),
            Err(Error::Forbidden) => None,
            Err(error) => return Err(error.to_string()),
        };
        let polling = Polling {
            namespaces: self.namespaces.clone(),
            ..Polling::listing(self.timeout)
        };
        let permissions = places(&polling).into_iter();
        let permissions = permissions.map(|(resource, namespace)| {
            let labels = Arc::default();
            examiner.permission(Place {
                resource,
                namespace,
                labels,
            })
        });
        Ok(Examined {
            server: connection.url().await,
            version,
            user: examiner.user().await,
            permissions: stream::iter(permissions)
                .buffered(AT_A_TIME)
                .collect()
                .await,
        })
    }
}

// === impl Examiner ===

impl Examiner<'_> {
    fn session(&self) -> Session<'_> {
        Session::new(self.connection, self.examination.timeout)
    }

    /// Asks who sends the requests.
    async fn user(&self) -> User {
        let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
        let question = SelfSubjectReview::default();
        let review = self.session().ask(path, &question).await;
        let review = match review {
            Ok(review) => review,
            Err(Error::NotFound | Error::Forbidden) => return User::Unsupported,
            Err(error) => return User::Unknown(error.to_string()),
        };
        let user = review.status.and_then(|status| status.user_info);
        match user.and_then(|user| user.username) {
            Some(name) => User::Named(name),
            None => User::Unknown("the answer names no user".into()),
        }
    }

    async fn permission(&self, place: Place) -> Permission {
        let list = match &self.examination.account {
            Some(_) => self.may("list", &place).await,
            None => self.list(&place).await,
        };
        let watch = match list {
            Answer::Allowed if self.examination.watch => Some(self.may("watch", &place).await),
            _ => None,
        };
        Permission {
            resource: place.resource,
            namespace: place.namespace,
            list,
            watch,
        }
    }

    /// Lists the metadata of one object.
    async fn list(&self, place: &Place) -> Answer {
        let query = ListParams {
            limit: Some(1),
            ..place.query()
        };
        let form = (Form::Metadata, place.resource.kind);
        let mut session = self.session();
        let listed = session
            .list(&place.path(), &query, form, &mut |_| Ok(()))
            .await;
        match listed {
            Ok(_) => Answer::Allowed,
            Err(Error::Forbidden) => Answer::Denied(String::new()),
            Err(Error::NotFound) if place.resource.is_optional => Answer::Absent,
            Err(error) => Answer::Failed(error.to_string()),
        }
    }

    /// Asks the authorizer about the service account, or about the user of the credentials.
    async fn may(&self, verb: &str, place: &Place) -> Answer {
        let Place {
            resource,
            namespace,
            ..
        } = place;
        let text = |text: &str| Some(text.to_owned());
        let attributes = Some(ResourceAttributes {
            group: text(resource.group),
            version: text(resource.version),
            resource: text(resource.plural),
            name: resource.rule(false).name.and_then(text),
            namespace: namespace.as_deref().and_then(text),
            verb: text(verb),
            ..ResourceAttributes::default()
        });
        let reviewed = match &self.examination.account {
            Some(account) => self.account_may(account, attributes).await,
            None => self.user_may(attributes).await,
        };
        reviewed.map_or_else(|error| Answer::Unknown(error.to_string()), answer)
    }

    async fn user_may(
        &self,
        attributes: Option<ResourceAttributes>,
    ) -> Result<Option<SubjectAccessReviewStatus>, Error> {
        let question = SelfSubjectAccessReview {
            spec: SelfSubjectAccessReviewSpec {
                resource_attributes: attributes,
                ..SelfSubjectAccessReviewSpec::default()
            },
            ..SelfSubjectAccessReview::default()
        };
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        Ok(self.session().ask(path, &question).await?.status)
    }

    async fn account_may(
        &self,
        account: &ServiceAccount,
        attributes: Option<ResourceAttributes>,
    ) -> Result<Option<SubjectAccessReviewStatus>, Error> {
        let question = SubjectAccessReview {
            spec: SubjectAccessReviewSpec {
                user: Some(account.user()),
                groups: Some(account.groups().into()),
                resource_attributes: attributes,
                ..SubjectAccessReviewSpec::default()
            },
            ..SubjectAccessReview::default()
        };
        let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
        Ok(self.session().ask(path, &question).await?.status)
    }
}

/// The answer of an authorizer. One that fails allows nothing, which is no denial.
fn answer(status: Option<SubjectAccessReviewStatus>) -> Answer {
    let Some(status) = status else {
        return Answer::Unknown("the answer to the review has no status".into());
    };
    if status.allowed {
        return Answer::Allowed;
    }
    let quoted = |text: Option<String>| beginning(&text.unwrap_or_default());
    match quoted(status.evaluation_error) {
        failure if failure.is_empty() => Answer::Denied(quoted(status.reason)),
        failure => Answer::Unknown(failure),
    }
}
