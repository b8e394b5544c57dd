data "ossresumable_file" "image" {
  path = "${path.module}/build/appliance.qcow2"
}

output "image" {
  value = {
    sha256 = data.ossresumable_file.image.sha256
    size   = data.ossresumable_file.image.size
  }
}
