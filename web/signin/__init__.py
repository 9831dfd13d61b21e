"""Signing in: passwords, the second factor, an OpenID provider, and the end of a session."""
