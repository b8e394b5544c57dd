# Another for_each key is another address of the same object. With a moved block
# Terraform knows that, and nothing is sent, copied or deleted. Before, the keys
# were "debian" and "alpine".
locals {
  images = {
    "debian-12" = { key = "images/debian.img", source = "${path.module}/debian.img" }
    "alpine-3"  = { key = "images/alpine.img", source = "${path.module}/alpine.img" }
  }
}

resource "ossresumable_object" "image" {
  for_each = local.images

  bucket = "my-images"
  key    = each.value.key
  source = each.value.source
}

moved {
  from = ossresumable_object.image["debian"]
  to   = ossresumable_object.image["debian-12"]
}

moved {
  from = ossresumable_object.image["alpine"]
  to   = ossresumable_object.image["alpine-3"]
}
