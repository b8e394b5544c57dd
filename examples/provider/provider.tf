terraform {
  required_providers {
    ossresumable = {
      source = "ossresumable/ossresumable"
    }
  }
}

# Credentials come from ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY, or from
# one of the other pairs of environment variables listed below.
provider "ossresumable" {
  region = "cn-hangzhou"

  # Terraform applies ten resources at once; together they keep at most
  # sixteen parts in flight.
  max_parallel_parts = 16
}
