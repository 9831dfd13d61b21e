"""What a session remembers of its person, under which names."""

SIGNED_IN_AT = "lianxi.signed_in_at"
SEEN_AT = "lianxi.seen_at"
HELD_A_POST = "lianxi.held_a_post"
PASSWORD_TO_CHANGE = "lianxi.password_to_change"  # noqa: S105
"""Why the password has to be changed: `given` by somebody else, or `old`."""
ACTIVATED = "lianxi.second_factor_activated"
