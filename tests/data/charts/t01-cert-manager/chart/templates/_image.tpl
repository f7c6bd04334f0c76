{{- define "cert.image" -}}
{{- $tag := .image.tag | default .root.Chart.AppVersion -}}
{{- if .image.repository -}}
{{ printf "%s:%s" .image.repository $tag }}
{{- else -}}
{{ printf "%s/%s/%s:%s" .root.Values.imageRegistry .root.Values.imageNamespace .image.name $tag }}
{{- end -}}
{{- end -}}
