//! The decision table row by row: the manager of a certificate, its due date, and the evidence that
//! it will not be renewed.
//!
//! | row | manager | tests |
//! |---|---|---|
//! | 0 | `copy` | `copies` |
//! | 1 | `olm` | `olm` |
//! | 2, 2a | `service-ca` | `service_ca` |
//! | 3 | `certrotation` | `certrotation` |
//! | 3a | `csr` | `certrotation` |
//! | 4 | `cert-manager` | `cert_manager` |
//! | 5 | `ingress-operator` | `others` |
//! | 5a | a controller of the table | `controllers` |
//! | 6 | `operator` | `others` |
//! | 7 | `helm` | `others` |
//! | 8 | `none` | `others` |
//! | by the issuer's name | | beside each manager's tests, `…_that_has_lost_its_marks_…` |
//!
//! `evidence` has a case for every kind of evidence.

mod cert_manager;
mod certrotation;
mod controllers;
mod copies;
mod evidence;
mod hostile;
mod lag;
mod limits;
mod olm;
mod others;
mod remedies;
mod service_ca;
mod shared;
