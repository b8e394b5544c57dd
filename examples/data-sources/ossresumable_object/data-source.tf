# What another configuration publishes, looked at in each plan. Inside a check
# block, an object that does not exist is a warning; outside of one, an error.
check "image" {
  data "ossresumable_object" "image" {
    bucket = "my-images"
    key    = "releases/2026.11/appliance.qcow2"
  }

  assert {
    condition     = timecmp(data.ossresumable_object.image.last_modified, timeadd(plantimestamp(), "-720h")) > 0
    error_message = "The image is older than 30 days."
  }
}
