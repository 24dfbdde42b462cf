"""Logins: who may enter a published app, who has, and until when."""
