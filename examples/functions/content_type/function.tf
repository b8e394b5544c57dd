locals {
  pages = { for name in fileset("${path.module}/public", "**") : name => "${path.module}/public/${name}" }
  types = { for name, _ in local.pages : name => provider::ossresumable::content_type(name) }
}

# Add a charset to all text files.
resource "ossresumable_object" "page" {
  for_each = local.pages

  bucket       = "my-site"
  key          = each.key
  source       = each.value
  content_type = startswith(local.types[each.key], "text/") ? "${local.types[each.key]}; charset=utf-8" : local.types[each.key]
}
