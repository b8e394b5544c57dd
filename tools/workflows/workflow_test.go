// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package workflows

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A workflow contains the parts of a workflow file that these tests check.
type workflow struct {
	On          map[string]any    `yaml:"on"`
	Env         map[string]string `yaml:"env"`
	Permissions map[string]string `yaml:"permissions"`
	Jobs        map[string]job    `yaml:"jobs"`

	text string
}

// A job runs steps, or, if Uses is set, another workflow.
type job struct {
	Needs           list              `yaml:"needs"`
	If              string            `yaml:"if"`
	ContinueOnError any               `yaml:"continue-on-error"`
	Uses            string            `yaml:"uses"`
	Secrets         any               `yaml:"secrets"`
	Environment     string            `yaml:"environment"`
	Permissions     map[string]string `yaml:"permissions"`
	Outputs         map[string]string `yaml:"outputs"`
	Env             map[string]string `yaml:"env"`
	Timeout         int               `yaml:"timeout-minutes"`
	Steps           []step            `yaml:"steps"`
	Rest            map[string]any    `yaml:",inline"`
}

type step struct {
	ID              string            `yaml:"id"`
	If              string            `yaml:"if"`
	ContinueOnError any               `yaml:"continue-on-error"`
	Uses            string            `yaml:"uses"`
	Run             string            `yaml:"run"`
	Shell           string            `yaml:"shell"`
	Env             map[string]string `yaml:"env"`
	With            map[string]string `yaml:"with"`
}

// action returns the name of the action that the step uses, without its version.
func (s step) action() string {
	name, _, _ := strings.Cut(s.Uses, "@")
	return name
}

// A list is a YAML sequence, or a single string.
type list []string

func (l *list) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*l = list{node.Value}
		return nil
	}
	return node.Decode((*[]string)(l))
}

const folder = "../../.github/workflows"

// read returns the text of each workflow file by its name.
func read(t *testing.T) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no workflows in %s: %v", folder, err)
	}
	texts := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(name)] = string(text)
	}
	return texts
}

// parse reads the workflows in texts.
func parse(texts map[string]string) (map[string]workflow, error) {
	workflows := map[string]workflow{}
	for name, text := range texts {
		w := workflow{text: text}
		if err := yaml.Unmarshal([]byte(text), &w); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		workflows[name] = w
	}
	return workflows, nil
}

// sorted returns the keys of m in sorted order.
func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
