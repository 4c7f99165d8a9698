//go:build tools

// Package tools pins the tools of a release: cosign, which signs, and actionlint, which checks the workflows.
package tools

import (
	_ "github.com/rhysd/actionlint/cmd/actionlint"
	_ "github.com/sigstore/cosign/v3/cmd/cosign"
)
