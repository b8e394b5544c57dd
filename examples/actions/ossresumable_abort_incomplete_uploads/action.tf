action "ossresumable_abort_incomplete_uploads" "stale" {
  config {
    bucket     = "my-images"
    prefix     = "releases/"
    older_than = "168h" # a week
  }
}
