// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

func TestRedact(t *testing.T) {
	short := Credentials{AccessKeyID: "a", AccessKeySecret: "credentials", SecurityToken: "("}
	long := Credentials{AccessKeyID: "LTAI0123456789abcdef", AccessKeySecret: "b+/=b+/=b+/=b+/=", SecurityToken: "LTAI0123456789abcdef.longer"}
	for _, tt := range []struct {
		text    string
		secrets []Credentials
		want    string
	}{
		{"a bucket and a key", []Credentials{{AccessKeyID: "a"}}, "(credentials) bucket and (credentials) key"},
		{"AccessDenied by access", []Credentials{{AccessKeyID: "a"}}, "AccessDenied by access"},
		{"id%3Da&x=a", []Credentials{{AccessKeyID: "a"}}, "id%3D(credentials)&x=(credentials)"},
		{"100%a", []Credentials{{AccessKeyID: "a"}}, "100%(credentials)"},
		{"(credentials) of a", []Credentials{short}, "(credentials) of (credentials)"},
		{"xLTAI0123456789abcdefx", []Credentials{long}, "x(credentials)x"},
		{"LTAI0123456789abcdef.longer", []Credentials{long}, "(credentials)"},
		{"b%2B%2F%3Db%2B%2F%3Db%2B%2F%3Db%2B%2F%3D", []Credentials{long}, "(credentials)"},
		{"LTAI0123456789abcdef and a", []Credentials{long, short}, "(credentials) and (credentials)"},
		{"nothing", nil, "nothing"},
		{"", []Credentials{long}, ""},
		{"text", []Credentials{{}}, "text"},
	} {
		got := Redact(tt.text, tt.secrets...)
		if got != tt.want {
			t.Errorf("Redact(%q) = %q, want %q", tt.text, got, tt.want)
		}
		if again := Redact(got, tt.secrets...); again != got {
			t.Errorf("Redact(%q) = %q", got, again)
		}
	}
}

// mustBeRedacted checks the promises of Redact for any text and any secret.
func mustBeRedacted(t *testing.T, text string, secret Credentials) {
	t.Helper()
	got := Redact(text, secret)
	if again := Redact(got, secret); again != got {
		t.Errorf("redacted %q twice: %q, then %q", text, got, again)
	}
	// The text between the replacements is unchanged, and in the same order.
	rest := text
	for i, kept := range strings.Split(got, redacted) {
		at := strings.Index(rest, kept)
		if at < 0 || i == 0 && at != 0 {
			t.Fatalf("%q became %q; %q was not there", text, got, kept)
		}
		rest = rest[at+len(kept):]
	}
	for _, value := range []string{secret.AccessKeyID, secret.AccessKeySecret, secret.SecurityToken} {
		if value == "" || strings.Contains(redacted, value) || !utf8.ValidString(value) { // no regular expression
			continue
		}
		word := regexp.MustCompile(`(^|[^\pL\pN])` + regexp.QuoteMeta(value) + `($|[^\pL\pN])`)
		for kept := range strings.SplitSeq(got, redacted) {
			if found := word.FindString(kept); found != "" && isASCII(text) {
				t.Errorf("%q became %q, which contains the secret %q", text, got, value)
			}
		}
	}
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > 0x7f })
}

// For secrets of 1 to 40 characters, Redact replaces only the secrets, and does not
// change its own replacements.
func TestRedact_anySecret(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	draw := func(length int) string {
		const alphabet = "aAcdeirstn0159+/=.-(%"
		var text strings.Builder
		for range length {
			text.WriteByte(alphabet[random.IntN(len(alphabet))])
		}
		return text.String()
	}
	for range 300 {
		secret := Credentials{draw(1 + random.IntN(40)), draw(1 + random.IntN(40)), draw(random.IntN(40))}
		words := []string{"The", "bucket", "a", redacted, secret.AccessKeyID, secret.AccessKeySecret, secret.SecurityToken, draw(random.IntN(9))}
		var message []string
		for range random.IntN(8) {
			message = append(message, words[random.IntN(len(words))])
		}
		mustBeRedacted(t, strings.Join(message, []string{" ", "=", "", ": "}[random.IntN(4)]), secret)
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("The bucket you are attempting to access", "a", "s", "")
	f.Add("(credentials)", "credentials", "(", ")")
	f.Add("x%3Da%2", "a", "%", "3D")
	f.Fuzz(func(t *testing.T, text, id, secret, token string) {
		mustBeRedacted(t, text, Credentials{id, secret, token})
	})
}

// The class of an error does not depend on the secrets of the request.
func TestRedact_changesNoClass(t *testing.T) {
	secrets := []Credentials{{"a", "e", "i"}, {"0", "1", "5"}, {"Denied", "Key", "-"}, {"NoSuch", "Code", "0015"}, {"credentials", "(", "c"}}
	for _, letter := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" {
		secrets = append(secrets, Credentials{AccessKeyID: string(letter), AccessKeySecret: string(letter) + "0"})
	}
	for _, code := range []string{
		"NoSuchKey", "NoSuchBucket", "NoSuchUpload", "InvalidPart", "FileAlreadyExists", "PreconditionFailed", "EntityTooLarge", "InvalidObjectState",
		"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "SecurityTokenExpired", "RequestTimeout", "PublicEndpointForbidden", codeSkewed,
	} {
		class := func(by Credentials) (string, *resumable.ServiceError) {
			document := fmt.Sprintf("<Error><Code>%s</Code><Message>It is too large, a message.</Message><RequestId>R</RequestId><EC>0015-00000104</EC></Error>", code)
			r := &request{op: "GetObject", object: object, signing: signingContext{credentials: by}}
			refusal := answer{r, 403, http.Header{}, []byte(document)}.refusal()
			var is []string
			for _, sentinel := range []error{
				resumable.ErrNoSuchKey, resumable.ErrNoSuchBucket, resumable.ErrNoSuchUpload, resumable.ErrInvalidPart, resumable.ErrObjectExists,
				resumable.ErrPreconditionFailed, resumable.ErrEntityTooLarge, resumable.ErrArchived, resumable.ErrAccessDenied,
				resumable.ErrCredentials, resumable.ErrCredentialsExpired,
			} {
				is = append(is, fmt.Sprint(errors.Is(refusal, sentinel)))
			}
			return fmt.Sprint(is, resumable.Transient(refusal), refusal.Code, refusal.EC), refusal
		}
		want, _ := class(Credentials{AccessKeyID: "LTAI0123456789abcdef", AccessKeySecret: "0123456789abcdefghijklmnopqrst"})
		for _, secret := range secrets {
			got, refusal := class(secret)
			if got != want {
				t.Fatalf("%s with the key %q: %s, want %s: %v", code, reflect.ValueOf(secret).Field(0), got, want, refusal)
			}
		}
	}
}

// An error does not contain an AccessKey that the server returns as the code.
func TestRedact_hostileCode(t *testing.T) {
	for _, place := range []string{"Code", "EC", "Message", "RequestId"} {
		document := strings.Replace("<Error><Code>X</Code><Message>M</Message><RequestId>R</RequestId><EC>E</EC></Error>",
			"<"+place+">", "<"+place+">x"+canaries.AccessKeySecret, 1)
		refusal := answer{&request{op: "x", signing: signingContext{credentials: canaries}}, 403, http.Header{}, []byte(document)}.refusal()
		checkNoSecrets(t, refusal.Error())
	}
}
