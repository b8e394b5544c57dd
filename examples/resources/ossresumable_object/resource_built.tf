resource "terraform_data" "site" {
  triggers_replace = filesha256("${path.module}/public/index.html")

  provisioner "local-exec" {
    command     = "tar -czf site.tar.gz public"
    working_dir = path.module
  }
}

resource "ossresumable_object" "site_archive" {
  bucket   = "my-builds"
  key      = "site.tar.gz"
  source   = "${path.module}/site.tar.gz"
  triggers = { build = terraform_data.site.id }
}
