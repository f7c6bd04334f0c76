{{- define "stack.image" -}}
{{- $registry := .root.Values.global.imageRegistry | default .image.registry -}}
{{- $tag := .image.tag | default .root.Chart.AppVersion -}}
{{ $registry }}/{{ .image.repository }}:{{ $tag }}{{ with .image.sha }}@sha256:{{ . }}{{ end }}
{{- end -}}
