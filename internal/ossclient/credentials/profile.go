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

// Profile is a named entry in the configuration file of the Alibaba Cloud CLI, or in the
// INI file of the Alibaba Cloud SDKs.
type Profile struct {
	File string // never ""
	Name string
}

// defaultFiles are the default paths. The first is that of the CLI and of alicloud, the
// second that of the SDKs.
var defaultFiles = []string{
	filepath.Join(".aliyun", "config.json"),
	filepath.Join(".alibabacloud", "credentials"),
}

// DefaultFile returns the first default file that exists, or else the first one.
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

// Region returns the region of the profile, or "". It returns an error if the profile
// lacks something that its mode requires.
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

// method returns the name of the method for errors. A profile name that comes from
// source_profile may have any length, so it is shortened.
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

	unsafe error // why ProcessCommand must not run, or nil
}

// load reads the profile from its file. The first byte distinguishes both formats,
// because ALIBABA_CLOUD_CREDENTIALS_FILE may name either of them. Errors contain nothing
// of the file, which contains secrets.
func (p Profile) load() (entry, error) {
	file, err := readFile(p.File, maxFileSize)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return entry{}, permanentError(p.method(), "the file does not exist; \"aliyun configure\" creates it")
	case err != nil:
		return entry{}, permanentError(p.method(), "cannot use the file: %v", err)
	}
	found, err := p.in(file.text)
	found.unsafe = file.commands
	return found, err
}

// in returns the profile from the text of a file.
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
		return entry{}, permanentError(p.method(), "the file is not a configuration file of the Alibaba Cloud CLI")
	}
	for _, found := range file.Profiles {
		if found.Name == p.Name {
			return found, nil
		}
	}
	return entry{}, permanentError(p.method(), "the file does not contain this profile")
}

// modeOfType maps the types of the INI file to the modes of the CLI. Source:
// credentials-go, providers/profile.go.
var modeOfType = map[string]string{"access_key": "AK", "ecs_ram_role": "EcsRamRole", "ram_role_arn": "RamRoleArn"}

func (p Profile) fromINI(text []byte) (entry, error) {
	file, err := ini.Load(text)
	if err != nil {
		return entry{}, permanentError(p.method(), "the file is neither JSON nor INI")
	}
	section, err := file.GetSection(p.Name)
	if err != nil {
		return entry{}, permanentError(p.method(), "the file does not contain this section")
	}
	// Not Key.String, which would replace "%(name)s" by another value of the file. A
	// value that names itself would overflow the stack, and values that name each other
	// twice would grow exponentially. The files do not use this syntax.
	value := func(name string) string { return section.Key(name).Value() }
	mode, known := modeOfType[value("type")]
	if !known {
		return entry{}, permanentError(p.method(), `type "%s" is not access_key, ecs_ram_role or ram_role_arn`, ossclient.Excerpt(value("type")))
	}
	return entry{
		Name: p.Name, Mode: mode, RegionID: value("region_id"),
		AccessKeyID: value("access_key_id"), AccessKeySecret: value("access_key_secret"),
		RoleARN: value("role_arn"), SessionName: value("role_session_name"), Policy: value("policy"), ECSRoleName: value("role_name"),
	}, nil
}
