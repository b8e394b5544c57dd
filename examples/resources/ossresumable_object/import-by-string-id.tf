import {
  to = ossresumable_object.image
  id = "my-images/releases/2026.11/appliance.qcow2"
}
