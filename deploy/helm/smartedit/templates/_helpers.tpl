{{- define "smartedit.labels" -}}
app.kubernetes.io/name: smartedit
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{- define "smartedit.image" -}}
image: {{ with .root.Values.image.registry }}{{ . }}/{{ end }}smartedit/{{ .name }}:{{ .root.Values.image.tag }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
{{- end }}

{{/* A setting's environment variable. */}}
{{- define "smartedit.variable" -}}
SMARTEDIT_{{ . | upper | replace "." "_" | replace "-" "_" }}
{{- end }}

{{- define "smartedit.env" -}}
- {name: LOG_FORMAT, value: json}
{{- range $name, $value := merge (dict) .settings .own .root.Values.settings }}
- name: {{ include "smartedit.variable" $name }}
  value: {{ $value | quote }}
{{- end }}
{{- range $name, $from := .root.Values.secretSettings }}
- name: {{ include "smartedit.variable" $name }}
  valueFrom: {secretKeyRef: {name: {{ $from.secret }}, key: {{ $from.key }}}}
{{- end }}
{{- end }}

{{/* /live restarts a process that hangs; /ready lets it be asked and counted. A model takes minutes to load. */}}
{{- define "smartedit.probes" -}}
startupProbe:
  httpGet: {path: /live, port: http}
  periodSeconds: 5
  failureThreshold: 120
livenessProbe:
  httpGet: {path: /live, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
readinessProbe:
  httpGet: {path: /ready, port: http}
  periodSeconds: 5
  timeoutSeconds: 5
{{- end }}

{{- define "smartedit.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "smartedit.security" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "smartedit.placement" -}}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* One of a kind may be taken away at a time. */}}
{{- define "smartedit.budget" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .root.Release.Name }}-{{ .name }}
  labels: {{- include "smartedit.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "smartedit.labels" . | nindent 6 }}
{{- end }}
