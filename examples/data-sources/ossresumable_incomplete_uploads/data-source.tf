# What interrupted uploads have left behind, and nobody went on with for a week.
data "ossresumable_incomplete_uploads" "forgotten" {
  bucket     = "my-images"
  prefix     = "releases/"
  older_than = "168h"
}

output "forgotten" {
  value = [for upload in data.ossresumable_incomplete_uploads.forgotten.uploads : upload.key]
}

# A warning in each plan while there are some.
check "no_forgotten_uploads" {
  assert {
    condition     = length(data.ossresumable_incomplete_uploads.forgotten.uploads) == 0
    error_message = "OSS bills parts of uploads that nobody went on with for a week."
  }
}
