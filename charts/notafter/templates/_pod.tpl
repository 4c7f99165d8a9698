{{/* The arguments of notafter. Every combination serves TLS and authenticates its clients. */}}
{{- define "notafter.args" -}}
- serve
{{- if eq .Values.tls.mode "selfSigned" }}
- --tls-self-signed
{{- else if include "notafter.tlsSecret" . }}
- --tls-cert=/etc/notafter/tls/tls.crt
- --tls-key=/etc/notafter/tls/tls.key
{{- end }}
{{- if eq .Values.authentication.mode "tokenReview" }}
- --token-review
{{- else if eq .Values.authentication.mode "clientCertificate" }}
- --client-ca-from-cluster
{{- range .Values.authentication.clientNames }}
- {{ printf "--client-name=%s" . | quote }}
{{- end }}
{{- else }}
- --web.config.file=/etc/notafter/web/web.yaml
{{- end }}
{{- range .Values.namespaces }}
- {{ printf "--namespace=%s" . | quote }}
{{- end }}
{{- if not .Values.watch }}
- --no-watch
{{- end }}
{{- range .Values.ignore }}
- {{ printf "--ignore=%s" . | quote }}
{{- end }}
{{- range .Values.renewedBefore }}
- {{ printf "--renewed-before=%s" . | quote }}
{{- end }}
{{- range .Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end -}}

{{- define "notafter.mounts" -}}
{{- if include "notafter.tlsSecret" . }}
- name: tls
  mountPath: /etc/notafter/tls
  readOnly: true
{{- end }}
{{- if eq .Values.authentication.mode "webConfig" }}
- name: web
  mountPath: /etc/notafter/web
  readOnly: true
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "notafter.volumes" -}}
{{- with include "notafter.tlsSecret" . }}
- name: tls
  secret:
    secretName: {{ . | quote }}
{{- end }}
{{- if eq .Values.authentication.mode "webConfig" }}
- name: web
  secret:
    secretName: {{ .Values.authentication.webConfig.secretName | quote }}
{{- end }}
{{- with .Values.extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end -}}
