{{- define "common.image" -}}
{{- $registry := default .image.registry .global.imageRegistry -}}
{{- if .image.digest -}}
{{ printf "%s/%s@%s" $registry .image.repository .image.digest }}
{{- else -}}
{{ printf "%s/%s:%s" $registry .image.repository .image.tag }}
{{- end -}}
{{- end -}}
