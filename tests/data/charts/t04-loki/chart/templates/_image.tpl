{{- define "loki.image" -}}
{{- $registry := .global.imageRegistry | default .image.registry | default "docker.io" -}}
{{ $registry }}/{{ .image.repository }}:{{ .image.tag | default .app }}
{{- end -}}
