//go:build tools

// Package tools pins the Prometheus 3 that the end-to-end run scrapes with.
package tools

import (
	_ "github.com/prometheus/prometheus/cmd/prometheus"
	_ "github.com/prometheus/prometheus/cmd/promtool"
)
