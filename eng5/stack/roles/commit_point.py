"""How far a partition is done, when its messages are worked on side by side and end in any order."""

from collections import deque


class PartitionProgress:
    """Offsets that were taken and are done; what comes before the first that is not done can be committed."""

    def __init__(self) -> None:
        self._taken: deque[int] = deque()
        self._done: set[int] = set()

    def take(self, offset: int) -> None:
        """A message was taken, in the order of the partition."""
        self._taken.append(offset)

    def done(self, offset: int) -> int | None:
        """A message is done; the offset to commit, if it has moved."""
        self._done.add(offset)
        committed = None
        while self._taken and self._taken[0] in self._done:
            first = self._taken.popleft()
            self._done.discard(first)
            committed = first + 1
        return committed
