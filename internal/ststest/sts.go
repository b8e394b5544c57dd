// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ststest

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Key is an AccessKey. A temporary one has a Token, which requests must contain.
type Key struct{ ID, Secret, Token string }

// Session is the result of assuming a role.
type Session struct {
	Key

	Expires time.Time
	Request Request
}

// Request is a request for a session.
type Request struct {
	Action, RoleARN, SessionName, Policy, ExternalID string
	Duration                                         time.Duration

	AccessKeyID            string // "" for AssumeRoleWithOIDC
	ProviderARN, OIDCToken string
}

// Refusal is an error answer.
type Refusal struct {
	Status        int
	Code, Message string
}

// STS is a Security Token Service. Set its fields before the first request.
type STS struct {
	Keys       map[string]Key  // by ID
	Roles      map[string]bool // by ARN
	OIDCTokens map[string]bool

	Lifetime time.Duration          // of sessions; 0 for the requested duration
	Refuse   func(n int) *Refusal   // refuses the n-th request, counted from 1, unless it returns nil
	OnIssue  func(n int, s Session) // is called for each session before the answer
	Answer   func(document any) any // changes a successful answer; may be nil

	// Host is "127.0.0.1:port". The server uses TLS with the self-signed certificate
	// CertificatePEM.
	Host           string
	CertificatePEM []byte

	mu     sync.Mutex
	asked  int
	nonces map[string]bool
	issued []Session
}

// StartSTS starts a server without keys, roles and tokens. It stops when the test ends.
func StartSTS(t TB) *STS {
	t.Helper()
	s := &STS{Keys: map[string]Key{}, Roles: map[string]bool{}, OIDCTokens: map[string]bool{}, nonces: map[string]bool{}}
	server := httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	s.Host = strings.TrimPrefix(server.URL, "https://")
	s.CertificatePEM = certificatePEM(server)
	return s
}

// Issued returns the sessions so far.
func (s *STS) Issued() []Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.issued)
}

// Asked returns the number of requests, including refused ones.
func (s *STS) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *STS) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.Refuse != nil {
		if refusal := s.Refuse(s.asked); refusal != nil {
			refuse(w, refusal)
			return
		}
	}
	request, refusal := s.check(r)
	if refusal != nil {
		refuse(w, refusal)
		return
	}
	lifetime := request.Duration
	if s.Lifetime > 0 {
		lifetime = s.Lifetime
	}
	n := len(s.issued) + 1
	session := Session{
		Key:     Key{fmt.Sprintf("STS.canary-id-%d", n), fmt.Sprintf("canary-sts-secret-%d", n), fmt.Sprintf("canary-sts-token-%d", n)},
		Expires: time.Now().Add(lifetime), Request: request,
	}
	s.issued = append(s.issued, session)
	s.Keys[session.ID] = session.Key
	if s.OnIssue != nil {
		s.OnIssue(n, session)
	}
	var document any = map[string]any{
		"RequestId":       fmt.Sprintf("STS-REQUEST-%d", s.asked),
		"AssumedRoleUser": map[string]any{"Arn": request.RoleARN + "/" + request.SessionName, "AssumedRoleId": "1:" + request.SessionName},
		"Credentials":     Document(session),
	}
	if s.Answer != nil {
		document = s.Answer(document)
	}
	writeJSON(w, http.StatusOK, document)
}

// Document returns a session in the format of all Alibaba Cloud services.
func Document(s Session) map[string]any {
	return map[string]any{
		"AccessKeyId": s.ID, "AccessKeySecret": s.Secret, "SecurityToken": s.Token,
		"Expiration": s.Expires.UTC().Format("2006-01-02T15:04:05Z"),
	}
}

func (s *STS) check(r *http.Request) (Request, *Refusal) {
	if err := r.ParseForm(); err != nil {
		return Request{}, &Refusal{400, "InvalidParameter", "the form cannot be read"}
	}
	seconds, _ := strconv.Atoi(r.Form.Get("DurationSeconds"))
	request := Request{
		Action: r.Form.Get("Action"), RoleARN: r.Form.Get("RoleArn"), SessionName: r.Form.Get("RoleSessionName"),
		Policy: r.Form.Get("Policy"), ExternalID: r.Form.Get("ExternalId"), Duration: time.Duration(seconds) * time.Second,
		AccessKeyID: r.Form.Get("AccessKeyId"), ProviderARN: r.Form.Get("OIDCProviderArn"), OIDCToken: r.Form.Get("OIDCToken"),
	}
	var refusal *Refusal
	switch request.Action {
	case "AssumeRole":
		refusal = s.checkSignature(r)
	case "AssumeRoleWithOIDC":
		if !s.OIDCTokens[request.OIDCToken] {
			refusal = &Refusal{400, "AuthenticationFail.OIDCToken.Expired", "This JSON Web Token has expired: " + request.OIDCToken}
		}
	default:
		refusal = &Refusal{404, "InvalidAction.NotFound", "Specified api is not found."}
	}
	switch {
	case refusal != nil:
	case r.Form.Get("Version") != "2015-04-01":
		refusal = &Refusal{400, "InvalidVersion", "Specified parameter Version is not valid."}
	case !s.Roles[request.RoleARN]:
		refusal = &Refusal{404, "EntityNotExist.Role", "The role does not exist."}
	case seconds < 900 || seconds > 43200:
		refusal = &Refusal{400, "InvalidParameter.DurationSeconds", "The Min/Max value of DurationSeconds is 15min/1hr."}
	case request.SessionName == "":
		refusal = &Refusal{400, "InvalidParameter.RoleSessionName", "The parameter RoleSessionName is wrongly formed."}
	}
	return request, refusal
}

// checkSignature verifies the signature of a request to an RPC API.
func (s *STS) checkSignature(r *http.Request) *Refusal {
	key, known := s.Keys[r.Form.Get("AccessKeyId")]
	switch nonce := r.Form.Get("SignatureNonce"); {
	case !known:
		return &Refusal{404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."}
	case r.Form.Get("SecurityToken") != key.Token:
		return &Refusal{400, "InvalidSecurityToken.Mismatch", "Specified SecurityToken mismatch with the AccessKey: " + r.Form.Get("SecurityToken")}
	case nonce == "" || s.nonces[nonce]:
		return &Refusal{400, "SignatureNonceUsed", "Specified signature nonce was used already."}
	default:
		s.nonces[nonce] = true
	}
	var parameters []string
	for _, name := range slices.Sorted(maps.Keys(r.Form)) {
		if name != "Signature" {
			parameters = append(parameters, escape(name)+"="+escape(r.Form.Get(name)))
		}
	}
	toSign := r.Method + "&" + escape("/") + "&" + escape(strings.Join(parameters, "&"))
	mac := hmac.New(sha1.New, []byte(key.Secret+"&"))
	_, _ = io.WriteString(mac, toSign)
	if base64.StdEncoding.EncodeToString(mac.Sum(nil)) != r.Form.Get("Signature") {
		return &Refusal{400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation. server string to sign is:" + toSign}
	}
	return nil
}

func escape(text string) string {
	return strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(url.QueryEscape(text))
}

func refuse(w http.ResponseWriter, refusal *Refusal) {
	writeJSON(w, refusal.Status, map[string]any{"RequestId": "STS-REQUEST", "HostId": "sts.aliyuncs.com", "Code": refusal.Code, "Message": refusal.Message})
}

func writeJSON(w http.ResponseWriter, status int, document any) {
	text, err := json.Marshal(document)
	if err != nil {
		panic(err) // the document comes from a test
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text)
}
