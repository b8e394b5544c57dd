// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

// Values of the INI file are used literally. The library would replace %(name)s by other
// values, without end or with exponential growth.
func TestProfile_iniIsTakenLiterally(t *testing.T) {
	doubling := "k0 = 0123456789\n"
	for n := range 22 {
		doubling += fmt.Sprintf("k%d = %%(k%d)s%%(k%[2]d)s\n", n+1, n)
	}
	for name, lines := range map[string]string{
		"itself":             "region_id = %(region_id)s\n",
		"itself, twice":      "region_id = %(region_id)s%(region_id)s\n",
		"each other":         "region_id = %(other)s\nother = %(region_id)s\n",
		"doubling":           "region_id = %(k22)s\n" + doubling,
		"of another section": "region_id = %(type)s\n",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "credentials")
			first, _, _ := strings.Cut(lines, "\n")
			_, want, _ := strings.Cut(first, " = ")
			for _, section := range []string{"DEFAULT", "p"} {
				writeFile(t, file, "["+section+"]\ntype = access_key\naccess_key_id = a\naccess_key_secret = %(b)s\n"+lines)
				p := Profile{file, section}
				if region, err := p.Region(); region != want || err != nil {
					t.Errorf("[%s]: %d bytes of region, %v", section, len(region), err)
				}
				mustBe(t, New(Config{Profile: &p}), ossclient.Credentials{AccessKeyID: "a", AccessKeySecret: "%(b)s"})
			}
		})
	}
}

// Errors about a file are short, whatever the file contains.
func TestProfile_errorsAreShort(t *testing.T) {
	long := strings.Repeat("long", 100<<10)
	for name, text := range map[string]string{
		"type":            "[p]\ntype = " + long,
		"mode":            `{"profiles":[{"name":"p","mode":"` + long + `"}]}`,
		"source_profile":  `{"profiles":[{"name":"p","mode":"ChainableRamRoleArn","ram_role_arn":"x","source_profile":"p` + long + `"}]}`,
		"oauth_site_type": `{"profiles":[{"name":"p","mode":"OAuth","oauth_access_token":"x","oauth_site_type":"` + long + `"}]}`,
		"a large file":    `{"profiles":[{"name":"p","mode":"AK"` + strings.Repeat(" ", 2<<20) + `}]}`,
	} {
		file := filepath.Join(t.TempDir(), "file")
		writeFile(t, file, text)
		_, err := New(Config{Profile: &Profile{file, "p"}}).Credentials(t.Context())
		if err == nil || len(err.Error()) > 1000 {
			t.Errorf("%s: %.200v", name, err)
		}
	}
}

// The number of chained profiles is limited.
func TestProfile_chainIsBounded(t *testing.T) {
	chain := func(length int) []fields {
		profiles := []fields{with(fields{"name": "0", "mode": "AK"}, nil)}
		for n := range length {
			profiles = append(profiles, fields{"name": fmt.Sprint(n + 1), "mode": "ChainableRamRoleArn", "ram_role_arn": role, "source_profile": fmt.Sprint(n)})
		}
		return profiles
	}
	for _, length := range []int{maxChain - 1, maxChain, maxChain + 1, 5000} {
		_, err := Profile{profileFile(t, chain(length)...), fmt.Sprint(length)}.Region()
		if refused := err != nil && strings.Contains(err.Error(), "more than 16 profiles"); refused != (length > maxChain) {
			t.Errorf("%d profiles below: %v", length, err)
		}
	}
}
