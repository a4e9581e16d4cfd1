"""The graph of this study; `doit list` shows its tasks. The graph itself is `eng5.graph.tasks`."""

from eng5.graph import dodo

globals().update(dodo(__file__))
