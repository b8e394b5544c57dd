# While the build is pending, Terraform does not read the file.
resource "terraform_data" "site" {
  triggers_replace = filesha256("${path.module}/public/index.html")

  provisioner "local-exec" {
    command     = "tar -czf site.tar.gz public"
    working_dir = path.module
  }
}

data "ossresumable_file" "site" {
  path       = "${path.module}/site.tar.gz"
  depends_on = [terraform_data.site]
}

resource "ossresumable_object" "site" {
  bucket      = "my-builds"
  key         = "site.tar.gz"
  source      = data.ossresumable_file.site.path
  source_hash = data.ossresumable_file.site.sha256
}
