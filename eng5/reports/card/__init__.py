"""A judge and its prompt on one page, from an analysis that is there."""
