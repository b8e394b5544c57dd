// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package main

// scenario is a scenario of the fault catalogue.
type scenario struct{ id, title string }

// catalogue lists the failures that an upload must survive. An ID is never reused, so
// there are gaps.
var catalogue = []scenario{
	// Killed
	{"F01", "kill -9 after a part was acknowledged: the first, one in the middle, the last"},
	{"F02", "kill -9 while OSS has half of a part"},
	{"F03", "kill between the answer to Initiate and its journal record"},
	{"F04", "kill between the acknowledgement of a part and its journal record"},
	{"F05", "kill after Complete took effect, before its answer"},
	{"F06", "kill between the answer to Complete and the end of the journal"},
	{"F08", "one SIGINT during the upload"},
	{"F09", "two SIGINT, 100 ms apart"},
	{"F10", "SIGTERM to the process group, then SIGKILL"},
	{"F12", "killed at random times until the upload is complete"},
	{"F13", "power failure: only synced data is left"},
	{"F14", "provider stopped by SIGSTOP, then continued"},
	{"F15", "panic in one of many uploads"},
	// Journal
	{"F16", "journal cut at every byte offset"},
	{"F18", "flipped bits in the journal"},
	{"F19", "hostile journal: empty, huge, other encodings, nested, NULs"},
	{"F20", "journal of a newer version"},
	{"F21", "OSS has lost a part of the journal"},
	{"F22", "OSS has other bytes for a part"},
	{"F23", "journal of another object under the name of this one"},
	{"F24", "checkpoint directory removed during the upload"},
	{"F25", "clock changed by ten years between runs"},
	{"F26", "part_size changed between runs"},
	{"F27", "checkpoint of another user"},
	{"F29", "checkpoint directory that is not writable"},
	{"F30", "checkpoint directory that becomes unwritable during the upload"},
	{"F31", "fsync of the journal fails with EIO"},
	{"F32", "file system without locks"},
	{"F34", "checkpoint directory that other users can write to"},
	{"F35", "umask 000 and 777"},
	{"F36", "checkpoint directory named in unusual ways"},
	// Source
	{"F38", "file with a new modification time only"},
	{"F39", "file appended to or truncated between runs"},
	{"F40", "file rewritten during the upload"},
	{"F41", "file truncated during the upload"},
	{"F42", "file replaced during the upload"},
	{"F43", "file changed between plan and apply"},
	{"F44", "sizes around 0, the part size and its multiples"},
	{"F45", "huge sparse file, limited memory"},
	{"F46", "source that is not a regular file, or a symbolic link"},
	{"F47", "reading the source fails with EIO"},
	// Network
	{"F48", "connection reset at every phase of every operation"},
	{"F49", "server that accepts connections and never answers"},
	{"F51", "server stopped by SIGSTOP, then continued"},
	{"F52", "Complete that takes minutes"},
	{"F53", "Complete whose answer is lost"},
	{"F55", "503 for every request for some time"},
	{"F56", "throttling during the whole run"},
	{"F58", "wrong host name, connection or certificate"},
	{"F59", "redirect to another host"},
	// OSS
	{"F60", "lists that are truncated, endless, long or unsorted"},
	{"F61", "upload aborted by a lifecycle rule between runs"},
	{"F62", "upload aborted by another program during the upload, once and always"},
	{"F63", "Complete answered with errors or invalid documents"},
	{"F64", "part with a wrong or missing CRC-64 or ETag in its answer"},
	{"F65", "Complete that refuses parts"},
	{"F66", "file that needs more than 10,000 parts"},
	{"F67", "object that must not be overwritten"},
	{"F69", "lost answer to Complete in a bucket with versioning"},
	{"F70", "uploads of other programs with the same key"},
	{"F71", "object overwritten or deleted by another program"},
	{"F73", "abort that fails"},
	{"F74", "credentials that expire during the upload"},
	{"F75", "clock that is wrong"},
	{"F76", "missing bucket, wrong region, wrong credentials"},
	{"F77", "no permission to read the object after Complete"},
	// Terraform
	{"F78", "many resources, one file"},
	{"F80", "two processes, or an orphaned provider, on one key"},
	{"F81", "two uploads at once, on a network share without working locks"},
	{"F82", "update interrupted, then resumed"},
	{"F83", "destroy or change of the key while there is a checkpoint"},
	{"F84", "validate, plan and refresh change nothing"},
	{"F85", "credentials in output, logs and files"},
	{"F86", "awkward object keys"},
	{"F87", "control characters in the name of the source"},
	{"F88", "checkpoint that names another endpoint or bucket"},
	{"F89", "10,000 small parts"},
	{"F90", "old checkpoints of other objects in the directory"},
}

// exceptions are the scenarios without a test, with the reason and the substitute.
var exceptions = map[string]struct{ reason, instead string }{}
