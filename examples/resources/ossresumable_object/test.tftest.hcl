# "terraform test" runs this file (Terraform 1.7 or later). The mock sends nothing to OSS
# and needs no account.
mock_provider "ossresumable" {}

run "key_of_a_release" {
  assert {
    condition     = startswith(ossresumable_object.image.key, "releases/")
    error_message = "Images belong below releases/."
  }
}
