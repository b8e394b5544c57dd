# Run it by hand with
#   terraform apply -invoke=action.ossresumable_abort_incomplete_uploads.forgotten
action "ossresumable_abort_incomplete_uploads" "forgotten" {
  config {
    bucket     = "my-images"
    prefix     = "releases/" # "" for the whole bucket
    older_than = "168h"      # a week: longer than any upload takes
  }
}

# Or let Terraform run it after each upload of a new image.
resource "ossresumable_object" "image" {
  bucket = "my-images"
  key    = "releases/2026.11/appliance.qcow2"
  source = "${path.module}/build/appliance.qcow2"

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.ossresumable_abort_incomplete_uploads.forgotten]
    }
  }
}
