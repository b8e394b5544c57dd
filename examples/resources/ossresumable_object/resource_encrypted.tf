resource "ossresumable_object" "dump" {
  bucket = "my-backups"
  key    = "2026/database.dump"
  source = "${path.module}/build/database.dump"

  server_side_encryption = "KMS"
  kms_key_id             = "9468da86-3509-4f8d-a61e-6eab1eac****"
}
