data "ossresumable_incomplete_uploads" "stale" {
  bucket     = "my-images"
  prefix     = "releases/"
  older_than = "168h" # a week
}

output "stale" {
  value = [for upload in data.ossresumable_incomplete_uploads.stale.uploads : upload.key]
}
