"""The parts of `60_analysis.json`, one a file; `eng5.steps.analysis` puts them together."""
