// Copyright (c) The ossresumable Authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/ossresumable/terraform-provider-ossresumable/internal/escape"
	"github.com/ossresumable/terraform-provider-ossresumable/internal/resumable"
)

const checkpointDirVariable = resumable.CheckpointDirVariable

// uploadDefaults returns the options of uploads that the provider block sets. Unknown
// arguments count as not set. In the worst case, a plan caches hashes in another
// directory than the apply. If the checkpoint directory is a temporary one, unusable
// says why the default one cannot be used.
func uploadDefaults(args providerModel, getenv func(string) string, userCacheDir func() (string, error)) (
	opts resumable.Options, diags diag.Diagnostics, unusable error,
) {
	opts = resumable.Options{
		PartSize:           args.PartSize.ValueInt64(),
		Parallelism:        int(args.Parallelism.ValueInt64()),
		MultipartThreshold: args.MultipartThreshold.ValueInt64(),
		TrafficLimit:       int(args.TrafficLimit.ValueInt64()),
	}
	var err error
	if dir := args.CheckpointDir.ValueString(); dir != "" {
		opts.CheckpointDir, err = resumable.CheckpointDir(dir)
	} else {
		opts.CheckpointDir, unusable, err = resumable.DefaultCheckpointDir(getenv, userCacheDir)
	}
	if err != nil {
		diags.Append(noHome(err))
	}
	return opts, diags, unusable
}

// checkCheckpointHome refuses a checkpoint_dir that begins with "~" if the user has
// no home directory. Otherwise checkpoints would go to a directory named "~".
func checkCheckpointHome(dir string) (diags diag.Diagnostics) {
	if _, err := resumable.CheckpointDir(dir); err != nil {
		diags.Append(noHome(err))
	}
	return diags
}

func noHome(err error) diag.Diagnostic {
	return errorAt(path.Root("checkpoint_dir"), "No checkpoint directory", escape.Sprintf(
		"%s. Set checkpoint_dir to a path that does not begin with \"~\", or set HOME (USERPROFILE on Windows).", err))
}

// warnTemporary warns, once for each provider configuration, that the checkpoint of a
// planned upload will be in a temporary directory.
func (s *service) warnTemporary(dir string) diag.Diagnostics {
	if s == nil || s.unusableDir == nil || dir != s.defaults.CheckpointDir || s.warnedTemporary.Swap(true) {
		return nil
	}
	return diag.Diagnostics{warningAt(path.Root("checkpoint_dir"), "Checkpoints are in a temporary directory", escape.Sprintf(
		"%v\n\nSo the checkpoint directory is %s. In a container, it is lost with the container. An interrupted upload then still "+
			"resumes with the parts that OSS holds, but the next plan reads the whole file again, and an update cannot tell which parts "+
			"changed. To choose a directory, set checkpoint_dir in the provider block, or the environment variable %s.",
		s.unusableDir, dir, checkpointDirVariable))}
}
