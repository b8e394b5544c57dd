terraform {
  required_providers {
    ossresumable = {
      source = "ossresumable/ossresumable"
    }
  }
}

# Credentials come from ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY, or by one of
# the other methods below.
provider "ossresumable" {
  region = "cn-hangzhou"

  # Terraform applies ten resources at once; together they keep at most
  # sixteen parts in flight.
  max_parallel_parts = 16
}
