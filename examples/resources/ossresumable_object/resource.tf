# A large file. When the apply is interrupted, the next one sends only the
# parts that OSS does not hold yet.
resource "ossresumable_object" "image" {
  bucket = "my-images"
  key    = "releases/2026.11/appliance.qcow2"
  source = "${path.module}/build/appliance.qcow2"

  part_size   = 16777216 # 16 MiB, what an interruption can cost
  parallelism = 8

  timeouts {
    create = "2h"
    update = "2h"
  }
}

# A folder. Bytes are sent for the files whose contents changed, and
# content_type follows from each key. The map is quicker than the set that
# fileset makes: Terraform takes quadratic time over large sets.
locals {
  site = { for name in fileset("${path.module}/public", "**") : name => "${path.module}/public/${name}" }
}

resource "ossresumable_object" "site" {
  for_each = local.site

  bucket = "my-site"
  key    = each.key
  source = each.value
}

# A file that another resource makes in the same apply. Its hash is unknown
# at plan, and so is everything that follows from it.
resource "local_file" "manifest" {
  filename = "${path.module}/build/manifest.json"
  content  = jsonencode({ image = ossresumable_object.image.crc64 })
}

resource "ossresumable_object" "manifest" {
  bucket      = "my-images"
  key         = "releases/2026.11/manifest.json"
  source      = local_file.manifest.filename
  source_hash = local_file.manifest.content_sha256

  # Never replace a manifest that somebody else has published.
  forbid_overwrite = true

  # Those who read it need it longer than this configuration does.
  deletion_policy = "retain"
}

# A page, with all that OSS keeps beside its bytes. Every one of these is
# changed inside OSS, without sending the page again.
resource "ossresumable_object" "page" {
  bucket  = "my-site"
  key     = "2026/sale.html"
  content = "<!doctype html><title>Sale</title><p>Until the end of January."

  content_type     = "text/html; charset=utf-8"
  content_language = "en"
  cache_control    = "public, max-age=3600"
  expires          = "2027-01-31T23:59:59+08:00"

  metadata = {
    revision = "42"
  }
  tags = {
    team    = "web"
    project = "sale 2026"
  }

  acl                    = "public-read"
  storage_class          = "IA"
  server_side_encryption = "AES256"
}

# A release that nobody can delete before its date, in a bucket with versioning
# and object-level retention; an application is told of each new upload of it.
resource "ossresumable_object" "release" {
  bucket = "my-releases"
  key    = "1.4.0/appliance.iso"
  source = "${path.module}/build/appliance.iso"

  object_worm_mode              = "COMPLIANCE"
  object_worm_retain_until_date = "2033-12-31T00:00:00Z"

  callback = {
    url       = "https://releases.example.com/uploaded"
    body      = jsonencode({ key = "$${object}", etag = "$${etag}", version = "$${x:version}" })
    body_type = "application/json"
    vars      = { "x:version" = "1.4.0" }
  }
}
