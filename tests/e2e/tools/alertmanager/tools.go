//go:build tools

// Package tools pins the Alertmanager that the end-to-end run delivers the alerts with.
package tools

import (
	_ "github.com/prometheus/alertmanager/cmd/alertmanager"
	_ "github.com/prometheus/alertmanager/cmd/amtool"
)
