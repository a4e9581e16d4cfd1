"""How far does an LLM judge agree with expert graders? Comparative judgement as a graph of files."""

__version__ = "0.1.0"
