{{/* How Prometheus verifies the serving certificate. */}}
{{- define "notafter.tlsConfig" -}}
{{- if eq .Values.tls.mode "selfSigned" -}}
insecureSkipVerify: true
{{- else -}}
serverName: {{ include "notafter.serverName" . }}
{{- /* A scrape class or a file of Prometheus has the CA. */}}
{{- if not (or .Values.serviceMonitor.scrapeClass (dig "caFile" "" (.Values.serviceMonitor.tlsConfig | default dict))) }}
ca:
  {{- if eq .Values.tls.mode "serviceCA" }}
  # OpenShift creates it in every namespace.
  configMap:
    name: openshift-service-ca.crt
    key: service-ca.crt
  {{- else if eq .Values.tls.mode "webConfig" }}
  secret:
    name: {{ .Values.authentication.webConfig.secretName | quote }}
    key: tls.crt
  {{- else }}
  secret:
    name: {{ include "notafter.tlsSecret" . | quote }}
    key: ca.crt
  {{- end }}
{{- end }}
{{- end }}
{{- end -}}
