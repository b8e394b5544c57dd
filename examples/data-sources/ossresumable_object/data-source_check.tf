data "ossresumable_object" "nightly" {
  bucket = "my-images"
  key    = "nightly/appliance.qcow2"
}

check "nightly_image" {
  assert {
    condition     = timecmp(data.ossresumable_object.nightly.last_modified, timeadd(plantimestamp(), "-48h")) > 0
    error_message = "The nightly image is more than two days old."
  }
}
