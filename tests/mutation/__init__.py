"""Take each layer of isolation away in turn, and see which suite notices: `python -m tests.mutation`."""
