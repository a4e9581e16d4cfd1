"""The parts of the analysis of a boundary test."""
