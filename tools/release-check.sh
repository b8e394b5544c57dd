#!/usr/bin/env bash
# Builds the release of this commit twice, in two directories, and compares all
# files. Then it runs terraform init and apply with the archive for this system.
# It publishes and signs nothing.
#
# It needs goreleaser. TERRAFORM is the path of the CLI. RELEASE_FLAGS are passed
# to goreleaser.
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
server=
finish() {
	[[ -z $server ]] || kill "$server"
	rm -rf "$work"
}
trap finish EXIT

# The second directory has another name and depth, and its files other times.
for folder in "$work/first" "$work/a/longer path/second"; do
	git clone --quiet --no-hardlinks . "$folder"
	git -C "$folder" remote set-url origin https://github.com/ossresumable/terraform-provider-ossresumable.git
	find "$folder" -path '*/.git' -prune -o -type f -exec touch -d "@$RANDOM" {} +
	# shellcheck disable=SC2086 # several flags
	(cd "$folder" && goreleaser release --snapshot --clean --skip=publish ${RELEASE_FLAGS:-})
done

first=$work/first/dist
second="$work/a/longer path/second/dist"
diff "$first"/*_SHA256SUMS "$second"/*_SHA256SUMS
cp terraform-registry-manifest.json "$first/$(basename "$first"/*_SHA256SUMS _SHA256SUMS)_manifest.json" # as in a published release
(cd "$first" && sha256sum --check --quiet ./*_SHA256SUMS)
printf '\nBoth builds are identical:\n'
cat "$first"/*_SHA256SUMS

version=$(basename "$first"/*_SHA256SUMS _SHA256SUMS)
version=${version#terraform-provider-ossresumable_}
for host in registry.terraform.io registry.opentofu.org; do
	mkdir -p "$work/mirror/$host/ossresumable/ossresumable"
	cp "$first"/*.zip "$work/mirror/$host/ossresumable/ossresumable/"
done
printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$work/mirror" >"$work/cli.tfrc"
export TF_CLI_CONFIG_FILE=$work/cli.tfrc CHECKPOINT_DISABLE=1

go build -o "$work/ossserver" ./internal/osstest/cmd/ossserver
"$work/ossserver" -bucket bucket -access-key ID -secret-key secret >"$work/server" &
server=$!
until grep -q secret "$work/server"; do sleep 0.1; done
export OSS_ENDPOINT ALICLOUD_REGION=cn-hangzhou ALICLOUD_ACCESS_KEY=ID ALICLOUD_SECRET_KEY=secret
OSS_ENDPOINT=$(awk '/^endpoint/ { print $2 }' "$work/server")

mkdir "$work/configuration"
cat >"$work/configuration/main.tf" <<END
terraform {
  required_providers {
    ossresumable = {
      source  = "ossresumable/ossresumable"
      version = "$version"
    }
  }
}

resource "ossresumable_object" "readme" {
  bucket         = "bucket"
  key            = "README.md"
  source         = "$PWD/README.md"
  checkpoint_dir = "$work/checkpoints"
}
END
cd "$work/configuration"
"$TERRAFORM" init -input=false -no-color
"$TERRAFORM" apply -input=false -no-color -auto-approve
"$TERRAFORM" plan -input=false -no-color -detailed-exitcode
"$TERRAFORM" destroy -input=false -no-color -auto-approve
