//! Services, which may request a certificate from service-ca.

use crate::object::{Mark, Marks, ObjectRef};

/// A Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The object.
    pub object: ObjectRef,
    /// The uid, which a replacement of the same name does not share.
    pub uid: Box<str>,
    /// The annotations of service-ca.
    pub marks: Marks,
}

impl Service {
    /// The secret that it requests from service-ca.
    pub fn requested_secret(&self) -> Option<&str> {
        self.marks.get(Mark::ServingSecret)
    }
}
