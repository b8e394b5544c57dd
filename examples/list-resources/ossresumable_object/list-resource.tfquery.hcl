# Find what is in a folder of the bucket. With
#   terraform query -generate-config-out=images.tf
# Terraform writes a resource and an import block for each object; add a source
# to each resource. Objects whose bytes are those of the source are not sent.
list "ossresumable_object" "images" {
  provider = ossresumable
  limit    = 1000 # found with one request; Terraform's default is 100

  config {
    bucket = "my-images"
    prefix = "releases/"
  }
}
