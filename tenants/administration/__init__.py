"""Administration: the tree, posts and accounts. One verb per module; pages and commands call the same.

Each verb opens its own transaction, returns what happened, and raises a `tenants.errors.Refused`, after
which nothing has changed. No actor means the operator at the command line, who may do everything; an
actor needs a post (see `authority`).
"""
