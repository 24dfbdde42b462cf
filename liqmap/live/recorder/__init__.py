"""Markets recorded as they are heard: raw files, and the store by the readers of archives."""
