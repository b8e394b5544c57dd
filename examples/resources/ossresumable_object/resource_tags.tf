resource "ossresumable_object" "logo" {
  bucket = "my-site"
  key    = "2026/logo.svg"
  source = "${path.module}/build/logo.svg"

  acl           = "public-read"
  storage_class = "IA"

  tags = {
    team    = "web"
    project = "sale 2026"
  }
}
