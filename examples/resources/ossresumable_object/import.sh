terraform import ossresumable_object.image 'my-images/releases/2026.11/appliance.qcow2'

# With the form that ossutil prints
terraform import ossresumable_object.image 'oss://my-images/releases/2026.11/appliance.qcow2'
