//! Samples as prometheus-client writes them, straight from values that are already there.
//!
//! Its `Family` type would keep a second copy of every label set and refill it at every change.

use std::fmt;

use prometheus_client::encoding::{
    CounterValueEncoder, DescriptorEncoder, EncodeCounterValue, EncodeGaugeValue, EncodeLabel,
    EncodeLabelSet, GaugeValueEncoder, LabelSetEncoder, MetricEncoder, NoLabelSet,
};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;

use super::Family;

/// Where the samples of one family go.
pub(super) struct Samples<'a> {
    encoder: MetricEncoder<'a>,
    labels: &'static [&'static str],
}

/// The value of a sample; a whole one is written without a fraction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value {
    Whole(i64),
    Real(f64),
}

struct Labels<'a> {
    names: &'static [&'static str],
    values: &'a [&'a str],
}

static SECONDS: Unit = Unit::Seconds;
static BYTES: Unit = Unit::Bytes;

// === impl Samples ===

impl<'a> Samples<'a> {
    /// Describes a family; its samples come next.
    pub(super) fn of(
        encoder: &'a mut DescriptorEncoder<'_>,
        name: &'a str,
        family: &Family,
        kind: MetricType,
    ) -> Result<Self, fmt::Error> {
        let (name, unit) = match name.rsplit_once('_') {
            Some((name, "seconds")) => (name, Some(&SECONDS)),
            Some((name, "bytes")) => (name, Some(&BYTES)),
            _ => (name, None),
        };
        let encoder = encoder.encode_descriptor(name, family.help, unit, kind)?;
        Ok(Self {
            encoder,
            labels: family.labels,
        })
    }

    /// One sample, with the values of the family's labels in their order.
    pub(super) fn put(&mut self, values: &[&str], value: impl Into<Value>) -> fmt::Result {
        debug_assert_eq!(values.len(), self.labels.len(), "{:?}", self.labels);
        let value = value.into();
        if values.is_empty() {
            return self.encoder.encode_gauge(&value);
        }
        self.encoder
            .encode_family(&Labels {
                names: self.labels,
                values,
            })?
            .encode_gauge(&value)
    }

    /// The same, of an OpenMetrics counter.
    pub(super) fn count(&mut self, values: &[&str], value: Value) -> fmt::Result {
        if values.is_empty() {
            return self
                .encoder
                .encode_counter::<NoLabelSet, _, f64>(&value, None);
        }
        self.encoder
            .encode_family(&Labels {
                names: self.labels,
                values,
            })?
            .encode_counter::<NoLabelSet, _, f64>(&value, None)
    }
}

// === impl Labels ===

impl EncodeLabelSet for Labels<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        self.names
            .iter()
            .zip(self.values)
            .try_for_each(|pair| (*pair.0, *pair.1).encode(encoder.encode_label()))
    }
}

// === impl Value ===

impl EncodeGaugeValue for Value {
    fn encode(&self, encoder: &mut GaugeValueEncoder<'_>) -> fmt::Result {
        match self {
            Self::Whole(value) => EncodeGaugeValue::encode(value, encoder),
            Self::Real(value) => EncodeGaugeValue::encode(value, encoder),
        }
    }
}

impl EncodeCounterValue for Value {
    fn encode(&self, encoder: &mut CounterValueEncoder<'_>) -> fmt::Result {
        match self {
            // A count is never negative.
            Self::Whole(value) => EncodeCounterValue::encode(&value.unsigned_abs(), encoder),
            Self::Real(value) => EncodeCounterValue::encode(value, encoder),
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Whole(value)
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}
