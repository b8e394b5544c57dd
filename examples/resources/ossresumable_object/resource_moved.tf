# The resource was an alicloud_oss_bucket_object before. The default of its acl
# is "private"; here an object without acl has the ACL of the bucket.
resource "ossresumable_object" "archive" {
  bucket = "my-backups"
  key    = "2026/backup.tar"
  source = "${path.module}/build/backup.tar"
  acl    = "private"
}

moved {
  from = alicloud_oss_bucket_object.archive
  to   = ossresumable_object.archive
}
