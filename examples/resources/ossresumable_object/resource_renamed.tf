# The instance had the for_each key "debian" before.
resource "ossresumable_object" "disk" {
  for_each = {
    "debian-12" = "${path.module}/build/debian.img"
  }

  bucket = "my-images"
  key    = "disks/${basename(each.value)}"
  source = each.value
}

moved {
  from = ossresumable_object.disk["debian"]
  to   = ossresumable_object.disk["debian-12"]
}
