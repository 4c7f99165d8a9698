{{/* The name of all objects: that of the release, which has "notafter" in it. */}}
{{- define "notafter.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride }}
{{- else if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{/* The labels by which the Deployment, the Service and others select the pods. They never change: a Deployment cannot.
The alerts select by the first. The second tells one installation from another, even if a chart has two as dependencies. */}}
{{- define "notafter.selectorLabels" -}}
app.kubernetes.io/name: notafter
app.kubernetes.io/instance: {{ include "notafter.fullname" . | quote }}
{{- end -}}

{{- define "notafter.labels" -}}
{{ include "notafter.labelsAnd" (list . dict) }}
{{- end -}}

{{/* The labels of an object that has more of its own. Takes a list: the root, those labels. */}}
{{- define "notafter.labelsAnd" -}}
{{- with index . 0 -}}
{{- $labels := include "notafter.selectorLabels" . | fromYaml -}}
{{- $_ := set $labels "app.kubernetes.io/version" .Chart.AppVersion -}}
{{- $_ = set $labels "app.kubernetes.io/managed-by" .Release.Service -}}
{{- $_ = set $labels "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") -}}
{{ merge $labels (index $ 1 | default dict) (.Values.commonLabels | default dict) | toYaml }}
{{- end -}}
{{- end -}}

{{- define "notafter.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (include "notafter.fullname" .) }}
{{- end -}}

{{/* The service account of the pods, as the subject of a binding. */}}
{{- define "notafter.subject" -}}
- kind: ServiceAccount
  name: {{ include "notafter.serviceAccount" . | quote }}
  namespace: {{ .Release.Namespace | quote }}
{{- end -}}

{{- define "notafter.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end -}}

{{/* The Secret with the serving certificate; empty if there is none to mount. */}}
{{- define "notafter.tlsSecret" -}}
{{- if eq .Values.tls.mode "secret" -}}
{{ .Values.tls.secretName }}
{{- else if has .Values.tls.mode (list "certManager" "serviceCA") -}}
{{ include "notafter.fullname" . }}-tls
{{- end -}}
{{- end -}}

{{/* The name in the serving certificate. */}}
{{- define "notafter.serverName" -}}
{{ include "notafter.fullname" . }}.{{ .Release.Namespace }}.svc
{{- end -}}

{{/* "true" if a kind of the Prometheus operator is wanted and, with "auto", known to the cluster. Takes a list: the root, the
values of the kind, its name. */}}
{{- define "notafter.monitored" -}}
{{- $root := index . 0 -}}{{- $enabled := (index . 1).enabled -}}{{- $kind := index . 2 -}}
{{- if eq (toString $enabled) "auto" -}}
{{- if $root.Capabilities.APIVersions.Has (printf "monitoring.coreos.com/v1/%s" $kind) }}true{{ end -}}
{{- else if $enabled }}true{{ end -}}
{{- end -}}

{{/* The rules of a role, which `notafter rights` prints and the manifests have: the text between `rules:` and the next
object. Takes a list: the root, the name of the file. */}}
{{- define "notafter.rights" -}}
{{- $root := index . 0 -}}
{{- $text := $root.Files.Get (index . 1) | splitList "\n---\n" | first | splitList "\nrules:\n" | last -}}
{{- if not $root.Values.watch }}{{ $text = $text | replace `["list", "watch"]` `["list"]` }}{{ end -}}
{{ $text }}
{{- end -}}
