// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/osstest"
)

const (
	testBucket  = "test-bucket"
	testKey     = "dir/file.txt"
	testAddress = "ossresumable_object.test"
)

// TestMain unsets the environment variables of the user for Terraform and OSS.
func TestMain(m *testing.M) {
	_ = os.Setenv("TF_CLI_CONFIG_FILE", os.DevNull)
	configureOpenTofu()
	for _, names := range append(credentialVariables, ossToolVariables) {
		_ = os.Unsetenv(names.id)
		_ = os.Unsetenv(names.secret)
		_ = os.Unsetenv(names.token)
	}
	for _, name := range slices.Concat(regionVariables, endpointVariables, stsVariables, []string{checkpointDirVariable},
		profileVariables, sharedFileVariables, uriVariables, ecsRoleVariables, roleVariables, sessionVariables, expirationVariables,
		oidcProviderVariable, oidcFileVariable, oidcTokenVariable) {
		_ = os.Unsetenv(name)
	}
	_ = os.Setenv("GOGC", "400") // for Terraform, whose runs are short
	raiseParallelism()
	os.Exit(m.Run())
}

// raiseParallelism runs more tests at once than there are processors: they wait
// for processes to start and to end. -parallel takes precedence.
func raiseParallelism() {
	flag.Parse()
	set := false
	flag.Visit(func(f *flag.Flag) { set = set || f.Name == "test.parallel" })
	if !set {
		_ = flag.Set("test.parallel", strconv.Itoa(3*runtime.NumCPU()))
	}
}

// world is the environment of one test: an OSS server with one bucket, and a directory.
type world struct {
	*testing.T
	oss *osstest.Server
	dir string
}

func newWorld(t *testing.T) *world {
	w := &world{T: t, oss: osstest.Start(t, osstest.Config{}), dir: t.TempDir()}
	w.oss.CreateBucket(testBucket)
	return w
}

// test runs the steps with a real Terraform and the provider in this process.
func (w *world) test(steps ...resource.TestStep) {
	w.Helper()
	w.testCase(resource.TestCase{Steps: steps})
}

// testThen is test with another check after the destroy.
func (w *world) testThen(destroyed func() error, steps ...resource.TestStep) {
	w.Helper()
	w.testCase(resource.TestCase{Steps: steps, CheckDestroy: func(*terraform.State) error { return destroyed() }})
}

// testIf is test for some versions of Terraform.
func (w *world) testIf(version tfversion.TerraformVersionCheck, steps ...resource.TestStep) {
	w.Helper()
	w.testCase(resource.TestCase{Steps: steps, TerraformVersionChecks: []tfversion.TerraformVersionCheck{version}})
}

// testCase is test with all fields of a test case.
func (w *world) testCase(test resource.TestCase) {
	w.Helper()
	requireTerraform(w.T)
	factories := map[string]func() (tfprotov6.ProviderServer, error){
		"ossresumable": func() (tfprotov6.ProviderServer, error) { return newServer("test")(), nil },
	}
	maps.Copy(factories, test.ProtoV6ProviderFactories)
	test.ProtoV6ProviderFactories = factories
	test.Steps = checkedWithoutState(test.Steps)
	destroyed := test.CheckDestroy
	if destroyed == nil {
		destroyed = w.objectIsGone
	}
	test.CheckDestroy = func(state *terraform.State) error {
		if uploads := w.oss.OpenUploads(testBucket); len(uploads) > 0 {
			return fmt.Errorf("%d uploads are left open", len(uploads))
		}
		return destroyed(state)
	}
	resource.UnitTest(w.T, test)
}

// checkedWithoutState runs the checks of the steps without a state, as they look only at OSS.
// With one, each check would run Terraform again. ConfigStateChecks look at the state.
func checkedWithoutState(steps []resource.TestStep) []resource.TestStep {
	steps = slices.Clone(steps)
	for i := range steps {
		if check := steps[i].Check; check != nil && !steps[i].Destroy {
			plans := &steps[i].ConfigPlanChecks.PostApplyPreRefresh
			*plans = append(slices.Clip(*plans), checkOfOSS(check))
			steps[i].Check = nil
		}
	}
	return steps
}

// checkOfOSS is a check at the first plan after an apply.
type checkOfOSS resource.TestCheckFunc

func (check checkOfOSS) CheckPlan(_ context.Context, _ plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	resp.Error = check(nil)
}

func (w *world) objectIsGone(*terraform.State) error {
	if _, exists := w.oss.Object(testBucket, testKey); exists {
		return fmt.Errorf("the object outlives its resource")
	}
	return nil
}

// requireTerraform skips the test if there is no CLI. The testing module would end the
// whole test binary.
func requireTerraform(t *testing.T) {
	t.Helper()
	if os.Getenv("TF_ACC_TERRAFORM_PATH") != "" {
		return
	}
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("no terraform in PATH and TF_ACC_TERRAFORM_PATH is not set: skipping what needs a real Terraform")
	}
}

// write writes a file and returns its path.
func (w *world) write(name, content string) string {
	w.Helper()
	file := filepath.Join(w.dir, name)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		w.Fatal(err)
	}
	return file
}

// providerBlock returns the provider block for the server of the test.
func (w *world) providerBlock(more ...string) string {
	return fmt.Sprintf(`
provider "ossresumable" {
  endpoint       = %q
  region         = "cn-hangzhou"
  access_key     = %q
  secret_key     = %q
  checkpoint_dir = %q
  %s
}
`, w.oss.URL(), osstest.AccessKeyID, osstest.AccessKeySecret, filepath.Join(w.dir, "checkpoints"), strings.Join(more, "\n  "))
}

// object returns the provider block and one resource with a source.
func (w *world) object(source string, more ...string) string {
	return w.providerBlock() + w.resource(append([]string{fmt.Sprintf("source = %q", source)}, more...)...)
}

// resource returns the resource block without a source.
func (w *world) resource(lines ...string) string {
	return fmt.Sprintf(`
resource "ossresumable_object" "test" {
  bucket = %q
  key    = %q
  %s
}
`, testBucket, testKey, strings.Join(lines, "\n  "))
}

// sends makes a step check the number of bytes of content that it sends to OSS, in
// all requests, including refused and lost ones.
func (w *world) sends(bytes int64, step resource.TestStep) resource.TestStep {
	prepare, after := step.PreConfig, step.PostApplyFunc
	step.PreConfig = func() {
		if prepare != nil {
			prepare()
		}
		w.oss.ResetLog()
	}
	step.PostApplyFunc = func() {
		var got int64
		for _, r := range w.oss.Requests() {
			if r.Op == osstest.PutObject || r.Op == osstest.UploadPart || r.Op == osstest.AppendObject {
				got += r.BodyBytes
			}
		}
		if got != bytes {
			w.Errorf("the step sent %d bytes, want %d:\n%v", got, bytes, w.oss.Requests())
		}
		if after != nil {
			after()
		}
	}
	return step
}

// holds checks the content and type of the object.
func (w *world) holds(content, contentType string) resource.TestCheckFunc {
	return func(*terraform.State) error {
		info, exists := w.oss.Object(testBucket, testKey)
		if !exists {
			return fmt.Errorf("the object does not exist")
		}
		body, err := info.Open()
		if err != nil {
			return err
		}
		defer body.Close()
		got, err := io.ReadAll(body)
		if err != nil {
			return err
		}
		if string(got) != content {
			return fmt.Errorf("the object holds %q, want %q", got, content)
		}
		if got := info.Header.Get("Content-Type"); got != contentType {
			return fmt.Errorf("the object has type %q, want %q", got, contentType)
		}
		return nil
	}
}

// planned collects checks of the plan before the apply. After the apply, the next plan
// must be empty.
func planned(checks ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             checks,
		PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
	}
}

// resourceAddress is the address of a resource. Its methods check the plan for it. The
// functions of the same name do that for testAddress.
type resourceAddress string

func (at resourceAddress) action(a plancheck.ResourceActionType) plancheck.PlanCheck {
	return plancheck.ExpectResourceAction(string(at), a)
}

// unknown expects attributes to be known only after the apply.
func (at resourceAddress) unknown(attributes ...string) plancheck.PlanCheck {
	var checks planChecks
	for _, attribute := range attributes {
		checks = append(checks, plancheck.ExpectUnknownValue(string(at), tfjsonpath.New(attribute)))
	}
	return checks
}

// kept expects attributes to be known in the plan.
func (at resourceAddress) kept(attributes ...string) plancheck.PlanCheck {
	var checks planChecks
	for _, attribute := range attributes {
		checks = append(checks, plancheck.ExpectKnownValue(string(at), tfjsonpath.New(attribute), knownvalue.NotNull()))
	}
	return checks
}

func action(a plancheck.ResourceActionType) plancheck.PlanCheck {
	return resourceAddress(testAddress).action(a)
}

func unknown(attributes ...string) plancheck.PlanCheck {
	return resourceAddress(testAddress).unknown(attributes...)
}

func kept(attributes ...string) plancheck.PlanCheck {
	return resourceAddress(testAddress).kept(attributes...)
}

func known(attribute string, value knownvalue.Check) plancheck.PlanCheck {
	return plancheck.ExpectKnownValue(testAddress, tfjsonpath.New(attribute), value)
}

func knownText(attribute, value string) plancheck.PlanCheck {
	return known(attribute, knownvalue.StringExact(value))
}

// noValue expects attributes to be null in the plan.
func noValue(attributes ...string) plancheck.PlanCheck {
	var checks planChecks
	for _, attribute := range attributes {
		checks = append(checks, known(attribute, knownvalue.Null()))
	}
	return checks
}

type planChecks []plancheck.PlanCheck

func (checks planChecks) CheckPlan(ctx context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, check := range checks {
		if check.CheckPlan(ctx, req, resp); resp.Error != nil {
			return
		}
	}
}

func state(attribute string, value knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(testAddress, tfjsonpath.New(attribute), value)
}

// says matches these words, with any line breaks that Terraform adds. " ... " matches
// any text.
func says(words string) *regexp.Regexp {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(words), ` \.\.\. `, `(?s:.*)`)
	return regexp.MustCompile(strings.ReplaceAll(pattern, " ", `\s+`))
}
