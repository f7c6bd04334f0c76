// Renders templates with Go's own library, as a yardstick for template/. Reads one JSON object a
// line from standard input, {"template": text, "name": text, "data": value, "missing": option}, and
// writes one for each: {"output": text} or {"error": text}.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/template"

	"github.com/BurntSushi/toml"
	"github.com/Masterminds/sprig/v3"
	"sigs.k8s.io/yaml"
)

type request struct {
	Template string      `json:"template"`
	Name     string      `json:"name"`
	Data     interface{} `json:"data"`
	Missing  string      `json:"missing"`
}

type answer struct {
	Output *string `json:"output,omitempty"`
	Error  *string `json:"error,omitempty"`
}

func toYaml(value interface{}) string {
	text, err := yaml.Marshal(value)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(string(text), "\n")
}

func fromYaml(text string) map[string]interface{} {
	out := map[string]interface{}{}
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		out["Error"] = err.Error()
	}
	return out
}

func fromYamlArray(text string) []interface{} {
	out := []interface{}{}
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		out = []interface{}{err.Error()}
	}
	return out
}

func toToml(value interface{}) string {
	out := bytes.NewBuffer(nil)
	if err := toml.NewEncoder(out).Encode(value); err != nil {
		return err.Error()
	}
	return out.String()
}

func toJson(value interface{}) string {
	text, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return string(text)
}

func fromJson(text string) map[string]interface{} {
	out := make(map[string]interface{})
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		out["Error"] = err.Error()
	}
	return out
}

func fromJsonArray(text string) []interface{} {
	out := []interface{}{}
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		out = []interface{}{err.Error()}
	}
	return out
}

func required(warning string, value interface{}) (interface{}, error) {
	if value == nil {
		return value, errors.New(warning)
	}
	if text, ok := value.(string); ok && text == "" {
		return value, errors.New(warning)
	}
	return value, nil
}

func includeIn(set *template.Template, depths map[string]int) func(string, interface{}) (string, error) {
	return func(name string, data interface{}) (string, error) {
		if depths[name] > 1000 {
			return "", fmt.Errorf("rendering template has a nested reference name: %s: unable to execute template", name)
		}
		depths[name]++
		var out strings.Builder
		err := set.ExecuteTemplate(&out, name, data)
		depths[name]--
		return out.String(), err
	}
}

func tplIn(parent *template.Template, missing string, depths map[string]int) func(string, interface{}) (string, error) {
	return func(text string, data interface{}) (string, error) {
		set, err := parent.Clone()
		if err != nil {
			return "", err
		}
		set.Option("missingkey=" + missing)
		set.Funcs(template.FuncMap{"include": includeIn(set, depths), "tpl": tplIn(set, missing, depths)})
		set, err = set.New(parent.Name()).Parse(text)
		if err != nil {
			return "", err
		}
		var out strings.Builder
		if err := set.Execute(&out, data); err != nil {
			return "", err
		}
		return strings.ReplaceAll(out.String(), "<no value>", ""), nil
	}
}

func functions() template.FuncMap {
	all := sprig.TxtFuncMap()
	delete(all, "env")
	delete(all, "expandenv")
	all["toYaml"], all["fromYaml"], all["fromYamlArray"] = toYaml, fromYaml, fromYamlArray
	all["toToml"], all["toJson"] = toToml, toJson
	all["fromJson"], all["fromJsonArray"] = fromJson, fromJsonArray
	all["required"] = required
	all["lookup"] = func(string, string, string, string) (map[string]interface{}, error) {
		return map[string]interface{}{}, nil
	}
	all["getHostByName"] = func(string) string { return "" }
	return all
}

// Numbers without a fraction are int64, as Go's YAML libraries and Helm's --set make them.
func numbers(value interface{}) interface{} {
	switch value := value.(type) {
	case map[string]interface{}:
		for key, member := range value {
			value[key] = numbers(member)
		}
	case []interface{}:
		for i, item := range value {
			value[i] = numbers(item)
		}
	case json.Number:
		if whole, err := value.Int64(); err == nil {
			return whole
		}
		fraction, _ := value.Float64()
		return fraction
	}
	return value
}

func render(asked request) (out string, err error) {
	set := template.New("gotpl").Option("missingkey=" + asked.Missing)
	depths := map[string]int{}
	all := functions()
	all["include"] = includeIn(set, depths)
	all["tpl"] = tplIn(set, asked.Missing, depths)
	set.Funcs(all)
	if _, err := set.New(asked.Name).Parse(asked.Template); err != nil {
		return "", err
	}
	var text strings.Builder
	err = set.ExecuteTemplate(&text, asked.Name, numbers(asked.Data))
	return text.String(), err
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<26)
	out := bufio.NewWriter(os.Stdout)
	for in.Scan() {
		asked := request{Name: "t", Missing: "zero"}
		decoder := json.NewDecoder(bytes.NewReader(in.Bytes()))
		decoder.UseNumber()
		if err := decoder.Decode(&asked); err != nil {
			fmt.Fprintln(os.Stderr, "no request:", err)
			os.Exit(1)
		}
		var said answer
		if text, err := render(asked); err != nil {
			reason := err.Error()
			said.Error = &reason
		} else {
			said.Output = &text
		}
		line, _ := json.Marshal(said)
		out.Write(line)
		out.WriteString("\n")
		out.Flush()
	}
}
