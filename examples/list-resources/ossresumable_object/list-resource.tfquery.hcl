list "ossresumable_object" "images" {
  provider = ossresumable
  limit    = 1000 # the default of Terraform is 100

  config {
    bucket = "my-images"
    prefix = "releases/"
  }
}
