"""Where the shops are, and when they open."""
