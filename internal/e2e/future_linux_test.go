// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package e2e

import (
	"os"
	"testing"
	"time"
)

// Programs can set the modification time, even to a time in the future. The change time
// shows when they did. Once it is old enough, plans do not read the file again.
func TestPlan_doesNotReadAFileFromTheFuture(t *testing.T) {
	w := newWorld(t)
	future := time.Now().AddDate(1, 0, 0)
	if err := os.Chtimes(w.source, future, future); err != nil {
		t.Fatal(err)
	}
	// The cache does not trust a file that changed within two seconds.
	time.Sleep(2100 * time.Millisecond)
	if reads := w.readsDuring(func() { w.plan() }); reads == 0 {
		t.Fatal("the first plan read nothing")
	}
	if reads := w.readsDuring(func() { w.plan() }); reads != 0 {
		t.Errorf("the second plan read the file %d times", reads)
	}

	// An edit that restores this modification time is noticed.
	w.mustApply()
	w.content[5] ^= 1
	if err := os.WriteFile(w.source, w.content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(w.source, future, future); err != nil {
		t.Fatal(err)
	}
	w.check(w.plan(), "0 to add, 1 to change, 0 to destroy")
}
