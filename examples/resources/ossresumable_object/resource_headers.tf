resource "ossresumable_object" "page" {
  bucket = "my-site"
  key    = "2026/sale.html"
  source = "${path.module}/build/sale.html"

  content_type     = "text/html; charset=utf-8"
  content_language = "en"
  cache_control    = "public, max-age=3600"
  expires          = "2027-01-31T23:59:59+08:00"

  metadata = {
    revision = "42"
  }
}
