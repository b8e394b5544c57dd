# The plan can write the resource, too: terraform plan -generate-config-out=FILE.
# It asks for the source of the bytes; when they are those of the object, an
# apply sends none of them.
import {
  to = ossresumable_object.image
  id = "my-images/releases/2026.11/appliance.qcow2"
}
