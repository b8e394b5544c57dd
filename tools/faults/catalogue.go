// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

// scenario is one line of the fault catalogue.
type scenario struct{ id, title string }

// catalogue is every way to fail that the uploader answers for. An id is never
// given again, so there may be gaps.
var catalogue = []scenario{
	// Killed
	{"F01", "kill -9 after a part was acknowledged: the first, one in the middle, the last"},
	{"F02", "kill -9 while OSS has half of a part"},
	{"F03", "kill between the answer to Initiate and its journal record"},
	{"F04", "kill between the acknowledgement of a part and its journal record"},
	{"F05", "kill when Complete is applied and not answered"},
	{"F06", "kill between the answer to Complete and the end of the journal"},
	{"F08", "one SIGINT in mid-upload"},
	{"F09", "two SIGINT, 100 ms apart"},
	{"F10", "SIGTERM to the process group, then SIGKILL"},
	{"F12", "killed many times, at random, until done"},
	{"F13", "power cut: only what was synced is left"},
	{"F14", "provider stopped by SIGSTOP, then continued"},
	{"F15", "panic in one of many uploads"},
	// Journal
	{"F16", "journal cut at every byte offset"},
	{"F18", "bits of the journal flipped"},
	{"F19", "hostile journal: empty, huge, other encodings, nested, NULs"},
	{"F20", "journal of a newer version"},
	{"F21", "OSS has forgotten a part that the journal has"},
	{"F22", "OSS holds other bytes for a part"},
	{"F23", "journal of another object under our name"},
	{"F24", "checkpoint directory removed in mid-upload"},
	{"F25", "wall clock ten years off between runs"},
	{"F26", "part_size changed between runs"},
	{"F27", "checkpoint of another user"},
	{"F29", "checkpoint directory cannot be written from the start"},
	{"F30", "checkpoint directory cannot be written any more in mid-upload"},
	{"F31", "fsync of the journal fails with EIO"},
	{"F32", "file system without locks"},
	{"F34", "checkpoint directory that others may write to"},
	{"F35", "umask 000 and 777"},
	{"F36", "checkpoint directory named in unusual ways"},
	// Source
	{"F38", "file touched only"},
	{"F39", "file appended to or truncated between runs"},
	{"F40", "file rewritten in mid-upload"},
	{"F41", "file truncated in mid-upload"},
	{"F42", "file replaced by another in mid-upload"},
	{"F43", "file changed between plan and apply"},
	{"F44", "sizes around 0, the part size and its multiples"},
	{"F45", "huge sparse file, little memory"},
	{"F46", "source that is no regular file, or a link"},
	{"F47", "reading the source fails with EIO"},
	// Network
	{"F48", "connection reset at every phase of every operation"},
	{"F49", "server accepts and never answers"},
	{"F51", "server stopped by SIGSTOP, then continued"},
	{"F52", "Complete takes minutes"},
	{"F53", "Complete applied, answer lost"},
	{"F55", "503 on everything for some time"},
	{"F56", "throttled during the whole run"},
	{"F58", "name, connection or certificate wrong"},
	{"F59", "redirect to another host"},
	// OSS
	{"F60", "listings that are cut, endless, long or unsorted"},
	{"F61", "upload aborted by a lifecycle rule between runs"},
	{"F62", "upload aborted by somebody else in mid-upload, once and always"},
	{"F63", "Complete answered by errors and garbage"},
	{"F64", "part acknowledged with wrong or missing CRC or ETag"},
	{"F65", "Complete refuses parts"},
	{"F66", "file that needs more than 10,000 parts"},
	{"F67", "object that must not be overwritten"},
	{"F69", "answer to Complete lost, versioned bucket"},
	{"F70", "uploads of others on the same key"},
	{"F71", "object overwritten or deleted out of band"},
	{"F73", "abort fails"},
	{"F74", "credentials expire in mid-upload"},
	{"F75", "clocks differ"},
	{"F76", "no such bucket, wrong region, wrong credentials"},
	{"F77", "not allowed to look at the object after Complete"},
	// Terraform
	{"F78", "many resources, one file"},
	{"F80", "two processes, or an orphaned provider, on one key"},
	{"F81", "two senders at once, on a share whose locks do nothing"},
	{"F82", "update interrupted, then resumed"},
	{"F83", "destroy, or another key, while there is a checkpoint"},
	{"F84", "validate, plan and refresh only look"},
	{"F85", "credentials are printed, logged and stored nowhere"},
	{"F86", "awkward object keys"},
	{"F87", "control characters in the name of the source"},
	{"F88", "checkpoint that names another endpoint or bucket"},
	{"F89", "10,000 small parts"},
	{"F90", "old checkpoints of other objects in the directory"},
}

// exceptions are the scenarios that no test here provokes: why, and what
// stands in for it.
var exceptions = map[string]struct{ reason, instead string }{}
