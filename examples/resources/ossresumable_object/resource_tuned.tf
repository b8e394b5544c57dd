resource "ossresumable_object" "backup" {
  bucket = "my-images"
  key    = "backup/appliance.qcow2"
  source = "${path.module}/build/appliance.qcow2"

  part_size     = 67108864 # 64 MiB
  parallelism   = 8
  traffic_limit = 83886080 # 10 MiB/s for each of the 8 connections

  timeouts {
    create = "2h"
    update = "2h"
  }
}
