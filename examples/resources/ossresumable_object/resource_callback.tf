# OSS replaces the variables in the body. Write each with two dollar signs.
resource "ossresumable_object" "announced" {
  bucket = "my-images"
  key    = "announced/appliance.iso"
  source = "${path.module}/build/appliance.iso"

  callback = {
    url       = "https://releases.example.com/uploaded"
    body      = jsonencode({ key = "$${object}", etag = "$${etag}", version = "$${x:version}" })
    body_type = "application/json"
    vars      = { "x:version" = "1.4.0" }
  }
}
