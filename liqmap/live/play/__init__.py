"""An exchange in a box: a recorded session served by a venue's own protocol."""
