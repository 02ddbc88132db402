"""What is on which shelf."""
