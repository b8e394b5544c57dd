# An object that another configuration publishes.
data "ossresumable_object" "image" {
  bucket = "my-images"
  key    = "releases/2026.11/appliance.qcow2"
}

output "image" {
  value = {
    bytes    = data.ossresumable_object.image.content_length
    checksum = data.ossresumable_object.image.crc64
    stored   = data.ossresumable_object.image.last_modified
  }
}

# A warning in each plan while the image is old. A data block inside the check
# block makes a missing object a warning, too.
check "image_is_recent" {
  assert {
    condition     = timecmp(data.ossresumable_object.image.last_modified, timeadd(plantimestamp(), "-720h")) > 0
    error_message = "The image was published more than 30 days ago."
  }
}
