{{/* How Prometheus verifies the serving certificate, unless serviceMonitor.tlsConfig says otherwise. */}}
{{- define "notafter.tlsConfig" -}}
{{- if eq .Values.tls.mode "selfSigned" -}}
insecureSkipVerify: true
{{- else -}}
serverName: {{ include "notafter.serverName" . }}
{{- $given := .Values.serviceMonitor.tlsConfig | default dict }}
{{- /* A scrape class or a file of Prometheus has the CA, or the values have another one. */}}
{{- if not (or .Values.serviceMonitor.scrapeClass $given.caFile (hasKey $given "ca")) }}
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
