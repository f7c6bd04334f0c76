{{- define "kyverno.image" -}}
{{- $registry := .image.registry | default .global.image.registry | default .image.defaultRegistry -}}
{{ $registry }}/{{ .image.repository }}:{{ .image.tag | default .app }}
{{- end -}}
