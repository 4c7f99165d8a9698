//! The labels of operators, of managers, and of the exporter itself.

use super::Labels;
use crate::facts::{self, Phase};
use crate::health::List;

labels! {
    /// A manager, and the command that shows whether it runs.
    struct Renewer<'a> {
        manager: &'a str,
        remedy: String,
    }

    /// A ClusterServiceVersion.
    struct Operator<'a> {
        csv_namespace: &'a str,
        csv: &'a str,
    }

    /// A ClusterServiceVersion and one of all phases.
    struct OperatorPhase<'a> {
        #[flatten] operator: Operator<'a>,
        phase: &'a str,
    }

    /// A ClusterServiceVersion, its version, and the reason for its phase.
    struct OperatorInfo<'a> {
        #[flatten] operator: Operator<'a>,
        version: &'a str,
        reason: &'a str,
    }

    /// A build of this program.
    struct Build<'a> {
        version: &'a str,
        revision: &'a str,
    }

    /// A list that is polled.
    struct Listed<'a> {
        resource: &'a str,
        scope: &'a str,
    }

    /// A kind of denied requests and connections.
    struct Denied<'a> {
        reason: &'a str,
    }
}

// === the labels of an operator ===

impl<'a> Operator<'a> {
    pub(in crate::metrics) fn of(operator: &'a facts::Operator) -> Self {
        Self {
            csv_namespace: &operator.object.namespace,
            csv: &operator.object.name,
        }
    }
}

impl<'a> OperatorPhase<'a> {
    /// The labels for a phase.
    pub(in crate::metrics) fn of(operator: &'a facts::Operator, phase: Phase) -> Self {
        Self {
            operator: Operator::of(operator),
            phase: phase.name(),
        }
    }
}

impl<'a> OperatorInfo<'a> {
    pub(in crate::metrics) fn of(operator: &'a facts::Operator) -> Self {
        Self {
            operator: Operator::of(operator),
            version: &operator.version,
            reason: &operator.reason,
        }
    }
}

// === the labels of the exporter itself ===

impl Build<'_> {
    /// The build that is running.
    pub(in crate::metrics) const THIS: Self = Self {
        version: crate::VERSION,
        revision: crate::REVISION,
    };
}

impl<'a> Listed<'a> {
    pub(in crate::metrics) fn of(list: &'a List) -> Self {
        Self {
            resource: &list.resource,
            scope: list.namespace.as_deref().unwrap_or_default(),
        }
    }
}
