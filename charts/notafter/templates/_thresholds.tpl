{{- define "notafter.thresholds" -}}
{{- with .Values.prometheusRule.thresholds -}}
{{- with .warnDays }}
- record: notafter:warn_days
  expr: vector({{ . }})
{{- end }}
{{- range $namespace, $days := .namespaces }}
- record: notafter:warn_days
  expr: vector({{ $days }})
  labels:
    cert_namespace: {{ $namespace | quote }}
{{- end }}
{{- range .certificates }}
- record: notafter:warn_days
  expr: vector({{ .warnDays }})
  labels:
    cert_namespace: {{ .namespace | quote }}
    name: {{ .name | quote }}
{{- end }}
{{- with .urgentDays }}
- record: notafter:urgent_days
  expr: vector({{ . }})
{{- end }}
{{- range .muted }}
- record: notafter:muted
  expr: vector(1)
  labels:
    cert_namespace: {{ . | quote }}
{{- end }}
{{- end -}}
{{- end -}}
