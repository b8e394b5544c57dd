data "ossresumable_object" "image" {
  bucket = "my-images"
  key    = "releases/2026.11/appliance.qcow2"
}

check "published" {
  assert {
    condition     = data.ossresumable_object.image.crc64 == provider::ossresumable::crc64("${path.module}/build/appliance.qcow2")
    error_message = "The published image differs from the one in the build folder."
  }
}
