//! Services: the requests for certificates that service-ca answers. All of that is metadata.

use std::sync::Arc;

use super::{ObjectFacts, Resource};
use crate::facts::{Fact, Service};
use crate::object::Kind;
use crate::wire::{Form, Item, Malformed};

pub(super) static SERVICES: Resource = Resource::new(Kind::Service, ("", "v1"), "services", read)
    .form(Form::Metadata)
    .page(500)
    .purpose("the Services that request a certificate from service-ca.");

fn read(item: &Item<'_>, facts: &mut ObjectFacts) -> Result<(), Malformed> {
    facts.push(Fact::Service(Arc::new(Service {
        object: item.object(),
        uid: (*item.identity.uid).into(),
        marks: item.meta()?.marks,
    })));
    Ok(())
}
