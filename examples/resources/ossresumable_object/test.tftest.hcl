# "terraform test" runs this file (Terraform 1.7). The mock needs no account.
mock_provider "ossresumable" {
  alias = "mock"
}

run "without_account" {
  providers = {
    ossresumable = ossresumable.mock
  }

  assert {
    condition     = startswith(ossresumable_object.image.key, "releases/")
    error_message = "Images belong below releases/."
  }
}

# A plan reads the file. It stores nothing in OSS.
run "plan" {
  command = plan

  assert {
    condition     = ossresumable_object.image.source_hash == filesha256("${path.module}/build/appliance.qcow2")
    error_message = "The plan must have the SHA-256 of the file."
  }
}

# An apply uploads the file. At the end of the test, Terraform deletes the object.
run "apply" {
  assert {
    condition     = ossresumable_object.image.etag != ""
    error_message = "The object must have an ETag."
  }
}
