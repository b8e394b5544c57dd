# The ID is the bucket, a slash, and the key as it is, without any decoding.
terraform import ossresumable_object.image 'my-images/releases/2026.11/appliance.qcow2'

# The form that OSS's own tools print works, too.
terraform import ossresumable_object.image 'oss://my-images/releases/2026.11/appliance.qcow2'
