// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package osstest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
)

// answer is a response that is ready but not yet sent. Operations return one
// instead of writing to the connection, so that a fault can lose, cut or change
// it after the operation was applied.
type answer struct {
	status int
	header http.Header
	body   io.ReadCloser // nil if the answer has no body
	length int64         // of body
	code   string        // the OSS error code, for the log
}

func newAnswer(status int) *answer {
	return &answer{status: status, header: make(http.Header)}
}

func (a *answer) set(name, value string) *answer {
	if value != "" {
		a.header.Set(name, value)
	}
	return a
}

func (a *answer) withBytes(contentType string, body []byte) *answer {
	a.header.Set("Content-Type", contentType)
	a.body, a.length = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	return a
}

func xmlAnswer(document any) *answer {
	return newAnswer(http.StatusOK).withBytes("application/xml", encodeXML(document))
}

// errorAnswer renders an error. The answer to HEAD has no body: the XML
// document is base64-encoded in x-oss-err, where SDK v2 reads it, and
// Content-Type is that of the XML. Source: recorded answers, cn-shanghai, May
// 2026.
func errorAnswer(err error, method, host, requestID string) *answer {
	var e *ossError
	if !errors.As(err, &e) {
		e = errInternal(err)
	}
	a := newAnswer(e.status)
	a.code = e.code
	maps.Copy(a.header, e.header)
	a.set("x-oss-ec", e.ec)
	if e.status == http.StatusNotModified {
		return a
	}
	document := encodeXML(errorXML{
		Code: e.code, Message: e.message, EC: e.ec,
		RequestID: requestID, HostID: host, StringToSign: e.stringToSign,
		AccessDetail: e.accessDetail, Details: e.details, RecommendDoc: recommendDoc(e.ec),
	})
	if method == http.MethodHead {
		return a.set("Content-Type", "application/xml").set("x-oss-err", base64.StdEncoding.EncodeToString(document))
	}
	return a.withBytes("application/xml", document)
}

// send writes the answer. If cut ≥ 0, it truncates the body after cut bytes and
// drops the connection.
func (a *answer) send(w http.ResponseWriter, method string, cut int64) error {
	if a.body != nil {
		defer a.body.Close()
	}
	maps.Copy(w.Header(), a.header)
	if a.status != http.StatusNoContent && a.status != http.StatusNotModified && w.Header().Get("Content-Length") == "" {
		w.Header().Set("Content-Length", strconv.FormatInt(a.length, 10))
	}
	w.WriteHeader(a.status)
	if a.body == nil || method == http.MethodHead {
		return nil
	}
	if cut >= 0 && cut < a.length {
		_, _ = io.CopyN(w, a.body, cut)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, err := io.Copy(w, a.body)
	return err
}
