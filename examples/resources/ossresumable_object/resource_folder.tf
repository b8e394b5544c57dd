# Use a map, as here: Terraform takes quadratic time over the large sets that
# fileset returns.
locals {
  site = { for name in fileset("${path.module}/public", "**") : name => "${path.module}/public/${name}" }
}

resource "ossresumable_object" "site" {
  for_each = local.site

  bucket = "my-site"
  key    = each.key
  source = each.value
}
