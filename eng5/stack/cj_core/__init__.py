"""The CJ service's work on a batch: pairs, questions, callbacks, scores, final events."""
