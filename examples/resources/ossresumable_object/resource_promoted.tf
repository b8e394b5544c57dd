resource "ossresumable_object" "staging" {
  bucket = "my-staging"
  key    = "app/build.tar.gz"
  source = "${path.module}/build.tar.gz"
}

resource "ossresumable_object" "production" {
  bucket        = "my-production"
  key           = "app/current.tar.gz"
  cache_control = "no-cache"

  source_object = {
    bucket = ossresumable_object.staging.bucket
    key    = ossresumable_object.staging.key
    crc64  = ossresumable_object.staging.crc64
  }
}
