action "ossresumable_abort_incomplete_uploads" "old" {
  config {
    bucket     = "my-images"
    prefix     = "" # the whole bucket
    older_than = "168h"
  }
}

resource "ossresumable_object" "image" {
  bucket = "my-images"
  key    = "releases/2026.11/appliance.qcow2"
  source = "${path.module}/build/appliance.qcow2"

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.ossresumable_abort_incomplete_uploads.old]
    }
  }
}
