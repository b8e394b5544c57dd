variable "token" {
  type      = string
  ephemeral = true
}

# Increase content_wo_version to upload another token.
resource "ossresumable_object" "token" {
  bucket             = "my-config"
  key                = "app/token"
  content_wo         = var.token
  content_wo_version = 1
}
