//! The behaviour that notafter promises, tested at its public interfaces: HTTP, exposition text,
//! exit status.
//!
//! All of these tests run against the simulated cluster over loopback; tests/e2e does the same with
//! a real kube-apiserver.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod alerts;
mod auth;
mod binary;
mod bundles;
mod certificates;
mod chains;
mod contributing;
mod crashes;
mod declarations;
mod doctor;
mod documents;
mod encodings;
mod explain;
mod exposition;
mod faults;
mod histories;
mod hostile;
mod impact;
mod judged;
mod keys;
mod lead;
mod links;
mod lists;
mod managed;
mod modules;
mod mutations;
mod offline;
mod operators;
mod packageserver;
mod page;
mod plugin;
mod polling;
mod rights;
mod rotation;
mod runbooks;
mod running;
mod scan;
mod schedule;
mod scrape;
mod served;
mod serving;
mod serving_config;
mod verdict;
mod watching;
mod world;
mod years;
