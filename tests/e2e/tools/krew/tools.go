//go:build tools

// Package tools pins the krew that installs the plugin, and its check of manifests.
package tools

import (
	_ "sigs.k8s.io/krew/cmd/krew"
	_ "sigs.k8s.io/krew/cmd/validate-krew-manifest"
)
