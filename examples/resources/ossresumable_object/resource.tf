# If the apply is interrupted, the next one sends only the parts that OSS does
# not hold yet.
resource "ossresumable_object" "image" {
  bucket = "my-images"
  key    = "releases/2026.11/appliance.qcow2"
  source = "${path.module}/build/appliance.qcow2"
}
