# Terraform stores the text in the state.
resource "ossresumable_object" "latest" {
  bucket  = "my-images"
  key     = "releases/latest.json"
  content = jsonencode({ version = "2026.11" })
}
