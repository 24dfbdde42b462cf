"""What stands between the network and the app: who is let in, what is answered, and how much is taken."""
