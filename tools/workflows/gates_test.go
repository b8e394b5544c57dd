// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package workflows

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// mayWrite lists the jobs with write permissions. All other jobs can at most read the
// contents of the repository.
var mayWrite = map[string][]string{
	"codeql.yml/go":       {"security-events"},
	"release.yml/attest":  {"attestations", "id-token"},
	"release.yml/publish": {"contents"},
}

// withKey lists the actions of the job with the signing key, which only downloads and
// uploads files.
var withKey = []string{"actions/download-artifact", "actions/upload-artifact"}

// gates are the commands that a commit must pass before it is released.
var gates = []string{"bash .ci/run", "make security GOVULNDB=https://vuln.go.dev", "make release-check"}

var pinned = regexp.MustCompile(`uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

// faults returns what is wrong with the workflows, in a stable order.
func faults(workflows map[string]workflow) []string {
	var found []string
	for _, file := range sorted(workflows) {
		w := workflows[file]
		report := func(format string, a ...any) { found = append(found, file+": "+fmt.Sprintf(format, a...)) }
		if w.Permissions == nil {
			report("the workflow does not say its permissions")
		}
		checkRights(report, file, w.Permissions, nil)
		for line := range strings.Lines(w.text) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(strings.TrimPrefix(line, "- "), "uses:") && !strings.Contains(line, "uses: ./") && !pinned.MatchString(line) {
				report("%s: not pinned by digest, with its version as a comment", line)
			}
		}
		for _, name := range sorted(w.Jobs) {
			checkJob(report, file+"/"+name, w.Jobs[name])
		}
	}
	return append(found, releaseFaults(workflows["release.yml"], workflows["test.yml"])...)
}

func checkJob(report func(string, ...any), name string, j job) {
	checkRights(report, name, j.Permissions, mayWrite[name])
	if j.Timeout == 0 && j.Uses == "" {
		report("%s: no timeout-minutes", name)
	}
	for _, s := range j.Steps {
		if strings.Contains(s.Run, "${{") {
			report("%s: a script contains ${{ }}: its value would be run; pass it in env", name)
		}
		switch s.action() {
		case "actions/checkout":
			if s.With["persist-credentials"] != "false" {
				report("%s: checkout without persist-credentials: false", name)
			}
		case "actions/setup-go":
			if s.With["go-version-file"] != "go.mod" || s.With["go-version"] != "" {
				report("%s: setup-go with another Go than go.mod names", name)
			}
		}
	}
}

func checkRights(report func(string, ...any), name string, rights map[string]string, writes []string) {
	for right, level := range rights {
		if level == "write" && !slices.Contains(writes, right) || level == "read" && right != "contents" {
			report("%s: has %s: %s", name, right, level)
		}
	}
}

func releaseFaults(release, test workflow) []string {
	var found []string
	report := func(format string, a ...any) { found = append(found, "release.yml: "+fmt.Sprintf(format, a...)) }
	if len(release.Permissions) > 0 || len(release.Env) > 0 {
		report("permissions or env for all jobs")
	}
	needs := map[string][]string{"test": nil, "build": {"test"}, "attest": {"build"}, "sign": {"build"}, "publish": {"build", "attest", "sign"}}
	if got, want := sorted(release.Jobs), slices.Sorted(maps.Keys(needs)); !slices.Equal(got, want) {
		report("jobs %v, want %v", got, want)
	}
	for name, want := range needs {
		j := release.Jobs[name]
		if !slices.Equal(j.Needs, want) {
			report("%s needs %v, want %v", name, j.Needs, want)
		}
		if j.Permissions == nil {
			report("%s does not say its permissions", name)
		}
		checkUnconditional(report, name, j)
		checkKey(report, name, j)
	}
	if got := release.Jobs["test"].Uses; got != "./.github/workflows/test.yml" {
		report("test uses %q", got)
	}
	if _, ok := test.On["workflow_call"]; !ok {
		report("test.yml cannot be called")
	}
	for _, gate := range gates {
		if !runs(report, test, gate) {
			report("no job of test.yml runs %q", gate)
		}
	}
	return found
}

// checkUnconditional reports settings that make a job continue after a failure, or use
// the files of another run.
func checkUnconditional(report func(string, ...any), name string, j job) {
	if j.If != "" || j.ContinueOnError != nil {
		report("%s has a condition of its own", name)
	}
	for _, s := range j.Steps {
		if s.If != "" || s.ContinueOnError != nil {
			report("a step of %s has a condition of its own", name)
		}
		if s.action() == "actions/setup-go" && s.With["cache"] != "false" || strings.HasPrefix(s.action(), "actions/cache") {
			report("%s uses a cache", name)
		}
	}
}

// checkKey reports secrets in other jobs than sign, and additional steps of sign.
func checkKey(report func(string, ...any), name string, j job) {
	text := fmt.Sprint(j)
	if name != "sign" {
		if strings.Contains(text, "secrets.") || j.Secrets != nil || j.Environment != "" {
			report("%s has a secret", name)
		}
		return
	}
	if j.Environment != "release" || len(j.Permissions) > 0 || len(j.Rest) > 1 { // runs-on
		report("sign has no environment of its own, or more than it needs")
	}
	scripts := 0
	for _, s := range j.Steps {
		if s.Run != "" {
			scripts++
		} else if !slices.Contains(withKey, s.action()) {
			report("sign uses %s", s.Uses)
		}
		if s.Run == "" && strings.Contains(fmt.Sprint(s), "secrets.") {
			report("sign gives a secret to %s", s.Uses)
		}
	}
	if scripts != 1 {
		report("sign has %d scripts, want 1", scripts)
	}
}

// runs reports whether a job of w runs command unconditionally.
func runs(report func(string, ...any), w workflow, command string) bool {
	for name, j := range w.Jobs {
		for _, s := range j.Steps {
			if s.Run != command {
				continue
			}
			if j.If != "" || j.ContinueOnError != nil || s.If != "" || s.ContinueOnError != nil {
				report("test.yml: %s runs %q under a condition", name, command)
			}
			return true
		}
	}
	return false
}

func TestWorkflows(t *testing.T) {
	workflows, err := parse(read(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range faults(workflows) {
		t.Error(fault)
	}
}

// Each of these changes of the workflows must be reported.
func TestWorkflows_noticesEdits(t *testing.T) {
	const (
		release = "release.yml"
		test    = "test.yml"
	)
	for name, edit := range map[string]struct{ file, old, text, fault string }{
		"no tests before":        {release, "    needs: test\n", "", "build needs []"},
		"no provenance before":   {release, "needs: [build, attest, sign]", "needs: [build, sign]", "publish needs"},
		"other tests":            {release, "workflows/test.yml", "workflows/codeql.yml", "test uses"},
		"no call":                {test, "  workflow_call:", "  workflow_dispatch:", "cannot be called"},
		"no .ci/run":             {test, "run: bash .ci/run", "run: make test", `runs "bash .ci/run"`},
		"no database":            {test, " GOVULNDB=https://vuln.go.dev", "", "runs \"make security"},
		"no release-check":       {test, "run: make release-check", "run: true", "release-check"},
		"failure ignored":        {test, "- run: bash .ci/run", "- continue-on-error: true\n        run: bash .ci/run", "under a condition"},
		"after any failure":      {release, "    needs: [build, attest, sign]", "    if: always()\n    needs: [build, attest, sign]", "condition"},
		"rights for all":         {release, "permissions: {}\n\njobs", "permissions:\n  contents: write\n\njobs", "contents: write"},
		"rights unsaid":          {test, "permissions:\n  contents: read\n", "", "does not say its permissions"},
		"rights of a job unsaid": {release, "    permissions: {}\n", "", "sign does not say"},
		"build may write":        {release, "      contents: read\n    outputs", "      contents: write\n    outputs", "build: has contents: write"},
		"cache":                  {release, "          cache: false\n", "", "uses a cache"},
		"credentials kept":       {release, "          persist-credentials: false\n", "", "persist-credentials"},
		"pinned by tag":          {release, "actions/attest@1e69f48acb82d1966a394da916b4c1698aa569d6 # v4.2.2", "actions/attest@v4", "not pinned"},
		"other Go":               {release, "go-version-file: go.mod", "go-version: stable", "setup-go with another Go"},
		"key elsewhere":          {release, "          SUMS: ${{ needs.build.outputs.sums }}\n        run: |\n          sha256sum --check --strict <<<\"$SUMS\"\n          sha256sum --check --strict --quiet ./*_SHA256SUMS\n          echo", "          K: ${{ secrets.GPG_PRIVATE_KEY }}\n        run: |\n          echo", "attest has a secret"},
		"secrets inherited":      {release, "test.yml\n", "test.yml\n    secrets: inherit\n", "test has a secret"},
		"code beside the key":    {release, "    permissions: {}\n    steps:\n", "    permissions: {}\n    steps:\n      - run: make\n", "sign has 2 scripts"},
		"action beside the key":  {release, "    permissions: {}\n    steps:\n", "    permissions: {}\n    steps:\n      - uses: actions/checkout@9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0 # v7.0.0\n", "sign uses actions/checkout"},
		"no environment":         {release, "    environment: release\n", "", "no environment"},
		"job beside":             {release, "  publish:\n", "  more:\n    timeout-minutes: 1\n\n  publish:\n", "jobs [attest build more"},
		"value in a script":      {test, "run: make cross", "run: make cross ${{ github.ref }}", "${{ }}"},
	} {
		t.Run(name, func(t *testing.T) {
			texts := read(t)
			if !strings.Contains(texts[edit.file], edit.old) {
				t.Fatalf("%s does not contain %q", edit.file, edit.old)
			}
			texts[edit.file] = strings.Replace(texts[edit.file], edit.old, edit.text, 1)
			workflows, err := parse(texts)
			if err != nil {
				t.Fatal(err)
			}
			if found := faults(workflows); !strings.Contains(strings.Join(found, "\n"), edit.fault) {
				t.Errorf("faults %q, want %q", found, edit.fault)
			}
		})
	}
}
