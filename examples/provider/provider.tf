terraform {
  required_providers {
    ossresumable = {
      source = "ossresumable/ossresumable"
    }
  }
}

# The credentials come from ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY.
provider "ossresumable" {
  region = "cn-hangzhou"
}

resource "ossresumable_object" "image" {
  bucket = "my-images"
  key    = "releases/appliance.qcow2"
  source = "${path.module}/build/appliance.qcow2"
}
