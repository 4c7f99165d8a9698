//go:build tools

// Package tools pins the real Kubernetes programs that the end-to-end run starts.
package tools

import (
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
