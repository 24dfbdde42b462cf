"""Login by an OAuth provider: who it is, whom it names, and the way there and back."""
