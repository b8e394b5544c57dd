resource "terraform_data" "build" {
  provisioner "local-exec" {
    command = "tar -cf site.tar public"
  }
}

action "ossresumable_upload" "site" {
  config {
    bucket   = "my-images"
    key      = "site.tar"
    source   = "site.tar"
    triggers = { build = terraform_data.build.id }
  }
}

resource "ossresumable_object" "site" {
  bucket   = "my-images"
  key      = "site.tar"
  source   = "site.tar"
  triggers = { build = terraform_data.build.id }

  lifecycle {
    action_trigger {
      events  = [before_create, before_update]
      actions = [action.ossresumable_upload.site]
    }
  }
}
