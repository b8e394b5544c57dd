action "ossresumable_upload" "image" {
  config {
    bucket        = "my-images"
    key           = "releases/appliance.qcow2"
    source        = "${path.module}/build/appliance.qcow2"
    cache_control = "no-cache"
  }
}

resource "ossresumable_object" "image" {
  bucket        = "my-images"
  key           = "releases/appliance.qcow2"
  source        = "${path.module}/build/appliance.qcow2"
  cache_control = "no-cache"

  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.ossresumable_upload.image]
    }
  }
}
