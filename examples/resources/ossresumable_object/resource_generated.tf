# At plan the file does not exist yet, and its hash is unknown.
resource "local_file" "manifest" {
  filename = "${path.module}/build/manifest.json"
  content  = jsonencode({ version = "2026.11" })
}

resource "ossresumable_object" "manifest" {
  bucket      = "my-images"
  key         = "releases/2026.11/manifest.json"
  source      = local_file.manifest.filename
  source_hash = local_file.manifest.content_sha256
}
