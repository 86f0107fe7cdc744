{{- define "fairway.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end }}

{{- define "fairway.selector" -}}
app.kubernetes.io/name: fairway
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "fairway.labels" -}}
{{ include "fairway.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "fairway.account" -}}
{{- default (include "fairway.name" .) .Values.serviceAccount.name -}}
{{- end }}

{{/* FAIRWAY_KUBECONFIG: name=file of each cluster. */}}
{{- define "fairway.kubeconfigs" -}}
{{- $found := list -}}
{{- if .Values.inCluster.enabled -}}
{{- $found = append $found (printf "%s=/etc/fairway/in-cluster/kubeconfig" .Values.inCluster.name) -}}
{{- end -}}
{{- range $name, $cluster := .Values.clusters -}}
{{- $found = append $found (printf "%s=/etc/fairway/clusters/%s/kubeconfig" $name $name) -}}
{{- end -}}
{{- if not $found -}}
{{- fail "There is no cluster to provision into: set inCluster.enabled, or name one under clusters." -}}
{{- end -}}
{{- join "," $found -}}
{{- end }}
