data "ossresumable_object" "image" {
  bucket = "my-images"
  key    = "releases/2026.11/appliance.qcow2"
}

output "image" {
  value = {
    size   = data.ossresumable_object.image.content_length
    crc64  = data.ossresumable_object.image.crc64
    stored = data.ossresumable_object.image.last_modified
  }
}
