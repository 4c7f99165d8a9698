//! Who renews a certificate, by when, and what shows that it will not be: the decision table, row by row.
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
//! | 6 | `operator` | `others` |
//! | 7 | `helm` | `others` |
//! | 8 | `none` | `others` |
//! | by the issuer's name | | with each manager, `…_whose_marks_are_lost` |
//!
//! `evidence` has one case for each kind of evidence there is.

mod cert_manager;
mod certrotation;
mod copies;
mod evidence;
mod hostile;
mod limits;
mod olm;
mod others;
mod remedies;
mod service_ca;
