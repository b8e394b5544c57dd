# The bucket needs versioning and object-level retention.
resource "ossresumable_object" "release" {
  bucket = "my-releases"
  key    = "1.4.0/appliance.iso"
  source = "${path.module}/build/appliance.iso"

  object_worm_mode              = "COMPLIANCE"
  object_worm_retain_until_date = "2033-12-31T00:00:00Z"
}
