# An object of the alicloud provider becomes one of this provider: rename the
# resource, keep its arguments, and add a moved block (Terraform 1.8 or later).
# The next apply sends no bytes that OSS already holds. The alicloud provider
# must stay installed until then; afterwards the moved block may go.
#
# What alicloud has set by itself shows in the plan when it is left out here.
# Its default acl is "private"; without acl an object has that of the bucket.
resource "ossresumable_object" "backup" {
  bucket = "my-backups"
  key    = "2026/backup.tar"
  source = "${path.module}/backup.tar"
  acl    = "private"
}

moved {
  from = alicloud_oss_bucket_object.backup
  to   = ossresumable_object.backup
}
