"""Tables, figures, a methods paragraph and references for a paper, from analyses that are there."""
