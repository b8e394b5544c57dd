# A pipeline deploys later versions of the function to the same object.
resource "ossresumable_object" "function" {
  bucket         = "my-functions"
  key            = "thumbnails.zip"
  source         = "${path.module}/thumbnails.zip"
  remote_changes = "keep"
}
