import {
  to = ossresumable_object.image
  identity = {
    bucket = "my-images"
    key    = "releases/2026.11/appliance.qcow2"
  }
}
