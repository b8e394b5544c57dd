// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package credentials

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"gopkg.in/ini.v1"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/ossclient"
)

// Profile is a named entry of a file that the Alibaba Cloud CLI writes, or of
// the INI file of Alibaba Cloud's SDKs.
type Profile struct {
	File string // never ""
	Name string
}

// The files that are looked for when none is named. The first is the CLI's, and
// the one that alicloud reads; the second is the SDKs'.
var defaultFiles = []string{
	filepath.Join(".aliyun", "config.json"),
	filepath.Join(".alibabacloud", "credentials"),
}

// DefaultFile is the first of the usual files that exists, or the first.
func DefaultFile(home string) string {
	for _, name := range defaultFiles {
		if file := filepath.Join(home, name); exists(file) {
			return file
		}
	}
	return filepath.Join(home, defaultFiles[0])
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return !errors.Is(err, fs.ErrNotExist)
}

// Region is the one that the profile names, or "". It fails when the profile
// cannot be used for what is missing in the file.
func (p Profile) Region() (string, error) {
	found, err := p.load()
	if err != nil {
		return "", err
	}
	if _, err := (&profileSource{profile: p}).of(found, nil); err != nil {
		return "", err
	}
	return found.RegionID, nil
}

// method names the profile. The name of one that source_profile leads to comes
// from the file, and may be of any length.
func (p Profile) method() string {
	return fmt.Sprintf(`profile "%s" of %s`, ossclient.Excerpt(p.Name), p.File)
}

// entry is a profile as the CLI stores it. Source: aliyun-cli,
// config/profile.go.
type entry struct {
	Name            string `json:"name"`
	Mode            string `json:"mode"`
	AccessKeyID     string `json:"access_key_id"`
	AccessKeySecret string `json:"access_key_secret"`
	SecurityToken   string `json:"sts_token"`
	RegionID        string `json:"region_id"`

	RoleARN         string `json:"ram_role_arn"`
	SessionName     string `json:"ram_session_name"`
	ExpiredSeconds  int    `json:"expired_seconds"`
	Policy          string `json:"policy"`
	ExternalID      string `json:"external_id"`
	STSRegion       string `json:"sts_region"`
	VPC             bool   `json:"enable_vpc"`
	SourceProfile   string `json:"source_profile"`
	ECSRoleName     string `json:"ram_role_name"`
	OIDCProviderARN string `json:"oidc_provider_arn"`
	OIDCToken       string `json:"oidc_token"`
	OIDCTokenFile   string `json:"oidc_token_file"`
	ProcessCommand  string `json:"process_command"`

	SSOSignInURL    string `json:"cloud_sso_sign_in_url"`
	SSOAccountID    string `json:"cloud_sso_account_id"`
	SSOAccessConfig string `json:"cloud_sso_access_config"`
	SSOAccessToken  string `json:"access_token"`
	SSOTokenExpire  int64  `json:"cloud_sso_access_token_expire"`

	OAuthSite        string `json:"oauth_site_type"`
	OAuthRefresh     string `json:"oauth_refresh_token"`
	OAuthAccess      string `json:"oauth_access_token"`
	OAuthTokenExpire int64  `json:"oauth_access_token_expire"`

	unsafe error // why ProcessCommand may not run
}

// load finds the profile. Both kinds of file are told apart by their first
// byte: ALIBABA_CLOUD_CREDENTIALS_FILE names either, depending on whom one
// asks. No error repeats the file: it is full of secrets.
func (p Profile) load() (entry, error) {
	file, err := readFile(p.File, maxFileSize)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return entry{}, missing(p.method(), "the file does not exist; \"aliyun configure\" makes it")
	case err != nil:
		return entry{}, missing(p.method(), "the file cannot be used: %v", err)
	}
	found, err := p.in(file.text)
	found.unsafe = file.commands
	return found, err
}

// in finds the profile in the text of a file.
func (p Profile) in(text []byte) (entry, error) {
	if bytes.HasPrefix(bytes.TrimLeft(text, "\ufeff \t\r\n"), []byte("{")) {
		return p.fromJSON(bytes.TrimPrefix(text, []byte("\ufeff")))
	}
	return p.fromINI(text)
}

func (p Profile) fromJSON(text []byte) (entry, error) {
	var file struct {
		Profiles []entry `json:"profiles"`
	}
	if err := json.Unmarshal(text, &file); err != nil {
		return entry{}, missing(p.method(), "the file is not the JSON that the Alibaba Cloud CLI writes")
	}
	for _, found := range file.Profiles {
		if found.Name == p.Name {
			return found, nil
		}
	}
	return entry{}, missing(p.method(), "the file has no such profile")
}

// modeOfType says which of the CLI's modes a type of the INI file is. Source:
// credentials-go, providers/profile.go.
var modeOfType = map[string]string{"access_key": "AK", "ecs_ram_role": "EcsRamRole", "ram_role_arn": "RamRoleArn"}

func (p Profile) fromINI(text []byte) (entry, error) {
	file, err := ini.Load(text)
	if err != nil {
		return entry{}, missing(p.method(), "the file is neither JSON nor INI")
	}
	section, err := file.GetSection(p.Name)
	if err != nil {
		return entry{}, missing(p.method(), "the file has no such section")
	}
	// Not Key.String: it replaces "%(name)s" by another value of the file. A value
	// that names itself would overflow the stack, and values that name each other
	// twice would grow without bound. The format of these files has no such thing.
	value := func(name string) string { return section.Key(name).Value() }
	mode, known := modeOfType[value("type")]
	if !known {
		return entry{}, missing(p.method(), `type is "%s", not access_key, ecs_ram_role or ram_role_arn`, ossclient.Excerpt(value("type")))
	}
	return entry{
		Name: p.Name, Mode: mode, RegionID: value("region_id"),
		AccessKeyID: value("access_key_id"), AccessKeySecret: value("access_key_secret"),
		RoleARN: value("role_arn"), SessionName: value("role_session_name"), Policy: value("policy"), ECSRoleName: value("role_name"),
	}, nil
}
