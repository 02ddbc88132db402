"""Everything that the shop sells."""
