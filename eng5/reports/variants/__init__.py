"""The parts of the comparison of variants."""
