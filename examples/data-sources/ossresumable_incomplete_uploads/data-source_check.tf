data "ossresumable_incomplete_uploads" "old" {
  bucket     = "my-images"
  older_than = "168h"
}

check "no_old_uploads" {
  assert {
    condition     = length(data.ossresumable_incomplete_uploads.old.uploads) == 0
    error_message = "The bucket has incomplete uploads that are older than a week. OSS bills their parts."
  }
}
