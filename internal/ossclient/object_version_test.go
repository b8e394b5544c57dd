// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package ossclient

import (
	"errors"
	"net/http"
	"testing"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

// TestHeadObjectVersion reads one of several versions, with both signatures.
func TestHeadObjectVersion(t *testing.T) {
	for _, version := range []string{"v4", "v1"} {
		server := startServer(t)
		server.SetVersioning(bucketName, "Enabled")
		obj := resumable.Object{Bucket: bucketName, Key: "dir/a b"}
		one := server.PutObject(bucketName, obj.Key, []byte("one"), http.Header{"X-Oss-Tagging": {"a=b"}})
		two := server.PutObject(bucketName, obj.Key, []byte("two two"), nil)
		c := realClient(t, server, canaries, version)
		for id, size := range map[string]int64{one.VersionID: 3, two.VersionID: 7, "": 7} {
			info, err := c.HeadObjectVersion(t.Context(), obj, id)
			if err != nil || info.Size != size || id != "" && info.VersionID != id {
				t.Errorf("version %q: %+v, %v", id, info, err)
			}
		}
		for id, want := range map[string]int{one.VersionID: 1, two.VersionID: 0, "": 0} {
			if tags, err := c.GetObjectVersionTagging(t.Context(), obj, id); err != nil || len(tags) != want {
				t.Errorf("version %q: %v, %v", id, tags, err)
			}
		}
		if _, err := c.HeadObjectVersion(t.Context(), obj, "CAEQgone"); !errors.Is(err, resumable.ErrNoSuchVersion) {
			t.Error(err)
		}
		server.DeleteObject(bucketName, obj.Key)
		if _, err := c.HeadObjectVersion(t.Context(), obj, ""); !errors.Is(err, resumable.ErrNoSuchKey) {
			t.Error(err)
		}
		if info, err := c.HeadObjectVersion(t.Context(), obj, one.VersionID); err != nil || info.Size != 3 {
			t.Errorf("%+v, %v", info, err)
		}
	}
}
