"""`eng5 watch`: run again when a prompt is saved, and reload the page."""
