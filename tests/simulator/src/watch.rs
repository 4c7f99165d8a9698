//! Watches: the changes since a version, then new ones as they happen, until the time is over.

use std::collections::VecDeque;
use std::future;
use std::time::Duration;

use axum::body::Bytes;
use futures_util::{Stream, stream};
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, sleep_until};

use crate::cluster::Cluster;
use crate::event::Event;
use crate::form::Form;
use crate::query::Query;
use crate::resource::Resource;
use crate::selector::Requirement;
use crate::state::State;
use crate::status::Status;
use crate::store::Key;

/// The time between bookmarks, and the number of them before the end: "right before the watcher
/// timeout" (kubernetes/apiserver: `pkg/storage/cacher/cache_watcher.go`, `nextBookmarkTime`). A
/// watch that is not longer than both has none.
const BOOKMARK_INTERVAL: Duration = Duration::from_secs(1);
const BOOKMARKS: u32 = 2;

/// A watch that goes on.
pub(crate) struct Watch {
    cluster: Cluster,
    pub(crate) resource: Resource,
    pub(crate) form: Form,
    namespace: Option<String>,
    selector: Vec<Requirement>,
    /// The revision of the last change that was looked at.
    seen: u64,
    /// The revision up to which the watch began with known changes: bookmarks are newer.
    began: u64,
    /// The start of the API server at which the watch began.
    start: u64,
    changed: Receiver<u64>,
    deadline: Instant,
    /// The times of the bookmarks to come.
    bookmarks: VecDeque<Instant>,
    /// The frames to be sent.
    frames: VecDeque<Vec<u8>>,
    /// True if the watch ends after its frames.
    ends: bool,
}

impl Watch {
    pub(crate) fn new(
        (cluster, state): (&Cluster, &State),
        resource: Resource,
        namespace: Option<&str>,
        query: &Query,
        form: Form,
    ) -> Result<Self, Status> {
        let selector = query.selector(&resource)?;
        let timeout = query.timeout()?;
        let version = query.watched_version()?;
        let history = &state.store.history;
        let deadline = Instant::now() + timeout;
        let changed = history.subscribe();
        let start = *changed.borrow();
        let mut watch = Self {
            cluster: cluster.clone(),
            resource,
            form,
            namespace: namespace.map(str::to_owned),
            selector,
            seen: version,
            began: version,
            start,
            changed,
            deadline,
            bookmarks: VecDeque::new(),
            frames: VecDeque::new(),
            ends: timeout.is_zero(),
        };
        if query.allows_bookmarks() && timeout > BOOKMARK_INTERVAL * BOOKMARKS {
            watch.bookmarks = (1..=BOOKMARKS)
                .rev()
                .map(|left| deadline - BOOKMARK_INTERVAL * left)
                .collect();
        }
        if version == 0 {
            watch.show_state(state, query.allows_bookmarks());
            watch.began = watch.seen;
        } else {
            let last = watch.look(state);
            watch.began = version.max(last.unwrap_or_default());
        }
        Ok(watch)
    }

    /// Returns the frames of the watch, as they come.
    pub(crate) fn frames(self) -> impl Stream<Item = Bytes> + Send {
        stream::unfold(self, Self::next)
    }

    async fn next(mut self) -> Option<(Bytes, Self)> {
        loop {
            if let Some(frame) = self.frames.pop_front() {
                return Some((frame.into(), self));
            }
            if self.ends {
                return None;
            }
            let bookmark = self.bookmarks.front().copied();
            let cluster = self.cluster.clone();
            tokio::select! {
                biased;
                () = sleep_until(self.deadline) => return None,
                _ = self.changed.changed() => {
                    self.look(&cluster.state());
                }
                () = at(bookmark) => self.bookmark(&cluster.state()),
            }
        }
    }

    /// Adds the objects as they are, for a watch from version 0.
    fn show_state(&mut self, state: &State, bookmark: bool) {
        let revision = state.store.revision();
        let namespace = self.namespace.clone();
        let resource = self.resource.name();
        let objects = state.store.list(resource, namespace.as_deref(), revision);
        for (_, object) in objects {
            if self
                .selector
                .iter()
                .all(|requirement| requirement.holds(object))
            {
                self.send(&Event::added(object));
            }
        }
        if bookmark {
            self.send(&Event::initial_events_end(revision));
        }
        self.seen = revision;
    }

    /// Adds the changes that were not looked at yet, and returns the revision of the last one of the
    /// watched list, whether the selector shows it or not.
    fn look(&mut self, state: &State) -> Option<u64> {
        self.ends |= *self.changed.borrow_and_update() != self.start;
        let changes = match state.store.history.since(self.seen) {
            Ok(changes) => changes,
            Err(status) => {
                self.send(&Event::error(&status));
                self.ends = true;
                return None;
            }
        };
        let mut last = None;
        for change in changes {
            self.seen = change.revision;
            if self.concerns(&change.key) {
                last = Some(change.revision);
                if let Some(event) = Event::of(change, &self.selector) {
                    self.send(&event);
                }
            }
        }
        last
    }

    fn concerns(&self, key: &Key) -> bool {
        let namespace = self.namespace.as_ref();
        key.resource == self.resource.name()
            && namespace.is_none_or(|namespace| key.namespace == *namespace)
    }

    /// Adds a bookmark. Unless something happened since the watch began, there is none: the real
    /// server sends only what is newer (`cacheWatcher.process`).
    fn bookmark(&mut self, state: &State) {
        self.bookmarks.pop_front();
        self.look(state);
        let revision = state.store.revision();
        if revision > self.began {
            self.send(&Event::bookmark(revision));
        }
    }

    fn send(&mut self, event: &Event) {
        match event.frame(self.resource, self.form) {
            Some(frame) if !self.ends => self.frames.push_back(frame),
            Some(_) => {}
            None => self.ends = true,
        }
    }
}

/// Waits until a time, without one for ever.
async fn at(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => future::pending().await,
    }
}
