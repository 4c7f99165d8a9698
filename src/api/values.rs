//! The values of objects: of all, in pages, or of single ones, each with a list of its name, so that
//! no right is needed to get an object.

use kube::core::params::ListParams;

use super::error::Error;
use super::list::ListMeta;
use super::objects::{Objects, Update};
use super::place::Place;
use super::session::Session;

/// The values of all objects.
#[derive(Default)]
pub(super) struct Values {
    pub(super) update: Update,
    /// The version of the first page: what changed after it may be missing from later ones, if the
    /// list expired in between.
    pub(super) version: Option<String>,
}

/// Reads all objects, in pages of a number of objects that becomes smaller where a page is too large.
pub(super) async fn read_all(
    place: &Place,
    objects: &Objects,
    session: &mut Session<'_>,
    page: &mut u32,
) -> Result<Values, Error> {
    let path = place.path();
    let (mut values, mut next, mut expired) = (Values::default(), None, 0);
    loop {
        let query = ListParams {
            limit: Some(*page),
            continue_token: next.clone(),
            ..place.query()
        };
        match read(place, objects, session, (&path, &query), &mut values.update).await {
            Ok((meta, is_progress)) => {
                session.allow(usize::from(is_progress));
                values.version.get_or_insert(meta.resource_version);
                next = meta.continue_token;
                if next.is_none() {
                    return Ok(values);
                }
            }
            Err(Error::TooLarge(_)) if *page > 1 => {
                *page = (*page / 5).max(1);
                (values, next) = (Values::default(), None);
            }
            Err(Error::Expired(token)) => {
                expired += 1;
                match token {
                    // The first time a fresh start gives a consistent list.
                    _ if expired == 1 => (values, next) = (Values::default(), None),
                    Some(token) => next = Some(token),
                    None => return Err(Error::Expired(None)),
                }
                if expired == 2 {
                    let list = place.resource.name();
                    tracing::warn!(%list, "the list expired twice: its last pages are newer than its first");
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// Reads a single object into an update; one that was deleted in the meantime is gone.
pub(super) async fn read_one(
    place: &Place,
    objects: &Objects,
    session: &mut Session<'_>,
    object: &str,
    update: &mut Update,
) -> Result<(), Error> {
    let (namespace, name) = object.split_once('/').unwrap_or(("", object));
    let path = place.path_in(Some(namespace).filter(|namespace| !namespace.is_empty()));
    update.set(object, None)?;
    read(
        place,
        objects,
        session,
        (&path, &place.query_for(name)),
        update,
    )
    .await?;
    Ok(())
}

/// Reads a list into an update; returns the list's metadata, and whether it had any new object.
async fn read(
    place: &Place,
    objects: &Objects,
    session: &mut Session<'_>,
    (path, query): (&str, &ListParams),
    update: &mut Update,
) -> Result<(ListMeta, bool), Error> {
    let mut object = String::new();
    let mut is_progress = false;
    let mut read = |bytes: &[u8]| {
        let item = place.item(bytes)?;
        item.identity.write_path(&mut object);
        let state = objects.read(&object, place.resource, &item)?;
        is_progress |= update.set(&object, Some(state))?;
        Ok(())
    };
    let form = (place.resource.form, place.resource.kind);
    let meta = session.list(path, query, form, &mut read).await?;
    Ok((meta, is_progress))
}
