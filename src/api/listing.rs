//! The polling protocol of one list.
//!
//! 1. The first poll reads all objects, in pages.
//! 2. A quiet poll is one watch since the last version that ends by itself: its cost does not depend
//!    on the number of objects.
//! 3. Every tenth poll, every one that follows a failure, and every one that cannot watch, lists the
//!    metadata. An equal uid and resource version mean an unchanged object. What differs is explained
//!    by a watch since the last version or, where that cannot be, requested by name; if it is much,
//!    all objects are read again.
//! 4. After an outage of the API server, and whenever a list has changes that a watch did not report,
//!    everything is read again, unchanged objects included: equal versions prove nothing after the
//!    restoration of an etcd, which gives them again.
//! 5. Only a complete poll changes what is known, and only then is an object removed that is missing.

use std::time::Duration;

use super::changed::Changed;
use super::error::Error;
use super::events::{self, Events};
use super::metadata::{self, Differences};
use super::objects::{Objects, Update};
use super::place::Place;
use super::session::Session;
use super::values::{self, Values};
use super::watching::{Turn, Watching};
use crate::facts::Fact;
use crate::rbac::Rule;

/// The most objects that are requested one by one. Each such request costs the API server about a
/// millisecond, a page of 250 about five; and the keys of unchanged objects need not travel.
const FEW: usize = 100;

/// The most objects that an error names.
const NAMED: usize = 5;

/// One list, and its objects as they were last seen.
pub(super) struct Listing {
    pub(super) place: Place,
    objects: Objects,
    /// The version of the last complete poll; nothing before the first.
    version: Option<String>,
    watching: Watching,
    /// The number of outages of the server before the last complete poll.
    outages: u64,
    /// The number of values requested at a time; smaller once a page was too large.
    page: u32,
    /// The number of objects that a list showed otherwise than the watches before it.
    reconciled: u64,
    /// True if everything is being read again, perhaps for several polls.
    is_read_again: bool,
}

// === impl Listing ===

impl Listing {
    /// A list of which nothing is known yet. It is watched for that time, in whole seconds, in a
    /// quiet poll, or never.
    pub(super) fn new(place: Place, watch: Option<Duration>) -> Self {
        Self {
            page: place.resource.page,
            place,
            objects: Objects::default(),
            version: None,
            watching: Watching::new(watch),
            outages: 0,
            reconciled: 0,
            is_read_again: false,
        }
    }

    /// The right that the list needs.
    pub(super) fn rule(&self) -> Rule {
        self.place.resource.rule(self.watching.is_wanted())
    }

    /// The number of known objects.
    pub(super) fn objects(&self) -> usize {
        self.objects.len()
    }

    /// The number of objects so far that a list showed otherwise than the watches before it.
    pub(super) fn reconciled(&self) -> u64 {
        self.reconciled
    }

    /// The facts about every known object, by namespace and name.
    pub(super) fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.objects.facts()
    }

    /// Removes every object, because the cluster lacks the resource.
    pub(super) fn clear(&mut self) -> Changed {
        self.version = None;
        self.objects.replace(Update::default())
    }

    /// Brings everything known up to date and returns the effect. After an error, nothing has
    /// changed.
    pub(super) async fn poll(&mut self, session: &mut Session<'_>) -> Result<Changed, Error> {
        let outages = session.outages();
        let changed = match self.version.clone() {
            None => self.read_all(session).await,
            Some(_) if outages > self.outages => self.read_unknown(session).await,
            Some(version) => self.update(session, version).await,
        }?;
        self.outages = outages;
        Ok(changed)
    }

    /// Reads what has changed since a version.
    async fn update(
        &mut self,
        session: &mut Session<'_>,
        version: String,
    ) -> Result<Changed, Error> {
        let turn = self.watching.turn();
        let mut failed = None;
        let explaining = match turn {
            Turn::List(explaining) => explaining,
            Turn::Watch(time, left) => match self.watch(session, &version, time).await {
                Ok(events) => {
                    self.watching.watched(left);
                    return Ok(self.apply(events.update, events.version));
                }
                Err(reason @ Error::Behind) => return self.read_again(session, &reason).await,
                Err(error) if error.is_of_the_server() => return Err(error),
                Err(error) => {
                    failed = Some(error);
                    None
                }
            },
        };
        let changed = match self.compare(session, &version, explaining).await {
            Err(reason @ (Error::Behind | Error::Unreported { .. })) => {
                self.read_again(session, &reason).await
            }
            compared => compared,
        }?;
        if let Some(error) = failed.filter(|error| self.watching.failed(error)) {
            let (list, scope) = (self.place.resource.name(), self.place.scope());
            tracing::warn!(%list, scope, %error, "watch failed; listing metadata instead");
        }
        Ok(changed)
    }

    async fn watch(
        &self,
        session: &mut Session<'_>,
        version: &str,
        time: Duration,
    ) -> Result<Events, Error> {
        events::follow(&self.place, &self.objects, session, version, time).await
    }

    /// Compares what is known with a list of metadata, and reads what differs.
    async fn compare(
        &mut self,
        session: &mut Session<'_>,
        version: &str,
        explaining: Option<Duration>,
    ) -> Result<Changed, Error> {
        let mut open = metadata::compare(&self.place, &mut self.objects, session, version).await?;
        let (mut update, mut newest) = (Update::default(), open.version.clone());
        if let Some(time) = explaining.filter(|_| !open.is_empty()) {
            match self.watch(session, version, time).await {
                Ok(events) => {
                    open.retain(|object| !events.update.has(object));
                    self.report(&open)?;
                    newest = events.newest(newest);
                    update = events.update;
                }
                Err(error) if error.is_of_the_server() || matches!(error, Error::Behind) => {
                    return Err(error);
                }
                Err(_) => {}
            }
        }
        // Metadata do not say of which kind they are: a list of another resource would look as if
        // every object were gone. The pages that are read then say it.
        let few = FEW.min(1 + self.objects.len() / 10);
        if open.changed.len() > few || open.gone.len() >= few {
            return self.read_all(session).await;
        }
        session.allow(open.changed.len());
        for object in &open.changed {
            values::read_one(&self.place, &self.objects, session, object, &mut update).await?;
        }
        for object in &open.gone {
            update.set(object, None)?;
        }
        self.watching.listed();
        Ok(self.apply(update, newest))
    }

    /// Counts the differences that a watch has not explained.
    fn report(&mut self, open: &Differences) -> Result<(), Error> {
        if open.is_empty() {
            return Ok(());
        }
        self.reconciled += u64::try_from(open.len()).unwrap_or(u64::MAX);
        let named: Vec<&str> = open.objects().take(NAMED).collect();
        Err(Error::Unreported {
            count: open.len(),
            named: named.join(", "),
        })
    }

    /// Reads everything again for a reason that is worth a line in the log.
    async fn read_again(
        &mut self,
        session: &mut Session<'_>,
        reason: &Error,
    ) -> Result<Changed, Error> {
        if !std::mem::replace(&mut self.is_read_again, true) {
            let (list, scope) = (self.place.resource.name(), self.place.scope());
            tracing::warn!(%list, scope, %reason, "reading the whole list again");
        }
        self.read_unknown(session).await
    }

    /// Reads everything as if nothing were known.
    async fn read_unknown(&mut self, session: &mut Session<'_>) -> Result<Changed, Error> {
        let nothing = Objects::default();
        let values = values::read_all(&self.place, &nothing, session, &mut self.page).await?;
        Ok(self.replace(values))
    }

    async fn read_all(&mut self, session: &mut Session<'_>) -> Result<Changed, Error> {
        let known = &self.objects;
        let values = values::read_all(&self.place, known, session, &mut self.page).await?;
        Ok(self.replace(values))
    }

    fn replace(&mut self, values: Values) -> Changed {
        self.watching.listed();
        self.version = values.version.filter(|version| !version.is_empty());
        self.objects.replace(values.update)
    }

    fn apply(&mut self, update: Update, version: String) -> Changed {
        self.is_read_again = false;
        self.version = Some(version);
        self.objects.apply(update)
    }
}
