resource "ossresumable_object" "license" {
  bucket = "my-images"
  key    = "releases/2026.11/LICENSE"
  source = "${path.module}/build/LICENSE.txt"

  # Fail if the key already holds another object.
  forbid_overwrite = true

  # Keep the object in OSS when the resource is destroyed.
  deletion_policy = "retain"
}
