"""Features of a text that can be counted without understanding it."""

import math
import re
from dataclasses import dataclass

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
SENTENCE_END = re.compile(r"[.!?]+[\"'”’)]*(?:\s+|$)")

LINKING_WORDS = frozenset(
    {
        "although", "because", "however", "therefore", "moreover", "furthermore", "nevertheless",
        "despite", "while", "whereas", "since", "unless", "though", "thus", "hence", "consequently",
        "instead", "otherwise", "meanwhile", "indeed", "besides", "finally", "secondly", "firstly",
        "whom", "whose", "which", "who",
    }
)  # fmt: skip

ERROR_PATTERNS = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (r"\bi\b", 0),
        (r"\b(?:dont|doesnt|didnt|cant|couldnt|wouldnt|shouldnt|isnt|wasnt|arent|werent|hasnt|havent|im|ive|thats|"
         r"theres|hes|youre|theyre|wont)\b", re.IGNORECASE),
        (r"\b(?:becouse|becuase|wich|alot|beleive|belive|freind|frend|thier|untill|definately|recieve|realy|"
         r"diffrent|intresting|sombody|evrything|evry|peopel|moust|tought|thougt|whit|allways|hapend|happend|"
         r"wheter|wether|greatful|sucess|succes|begining|writting|comming|usualy|finaly|beutiful|childrens|"
         r"mens|womens|informations|advices|peoples)\b", re.IGNORECASE),
        (r"\b(?:he|she|it)\s+(?:have|do|go|make|want|think|help|work|like|don't|say|get|give|live|love|are|were)\b",
         re.IGNORECASE),
        (r"\b(?:i|you|we|they)\s+(?:has|does|is|was|goes|makes|wants|thinks|helps|works|likes|says|doesn't)\b",
         re.IGNORECASE),
        (r"\b(?:more\s+(?:better|easier|bigger|stronger|happier)|most\s+(?:best|biggest))\b", re.IGNORECASE),
        (r"\b(?:didn't|did\s+not|don't|doesn't|to)\s+(?:went|was|had|said|made|got|came|thought|gave)\b",
         re.IGNORECASE),
        (r"\b(\w+)\s+\1\b", re.IGNORECASE),
        (r"\s[,.!?;:]", 0),
        (r"[,;:][^\W\d_]", 0),
        (r"[.!?]\s+[a-z]", 0),
        (r"[!?]{2,}", 0),
    )
)  # fmt: skip
"""Slips of form that learners make and that a pattern can find; each match counts once."""


@dataclass(frozen=True)
class Features:
    """All are scaled so that a clear difference between two essays is about one.

    length: natural logarithm of the number of words. vocabulary: Guiraud's index (distinct words over
    the root of all words) / 2. word_length: mean letters a word. sentences: mean words a sentence, at
    most 25, plus their standard deviation, at most 12, over 10. linking: linking words in 25 words.
    errors: natural logarithm of 1 + matches of ``ERROR_PATTERNS`` in 100 words.
    """

    length: float
    vocabulary: float
    word_length: float
    sentences: float
    linking: float
    errors: float


def measure(text: str) -> Features:
    """The features of a text; one without a word is measured as if it had a single one."""
    words = [word.lower() for word in WORD.findall(text)]
    count = max(1, len(words))
    lengths = [len(WORD.findall(sentence)) for sentence in SENTENCE_END.split(text)]
    lengths = [length for length in lengths if length] or [1]
    mean = sum(lengths) / len(lengths)
    spread = math.sqrt(sum((length - mean) ** 2 for length in lengths) / len(lengths))
    errors = sum(len(pattern.findall(text)) for pattern in ERROR_PATTERNS)
    return Features(
        length=math.log(count),
        vocabulary=len(set(words)) / math.sqrt(count) / 2,
        word_length=sum(map(len, words)) / count,
        sentences=(min(25.0, mean) + min(12.0, spread)) / 10,
        linking=25 * sum(word in LINKING_WORDS for word in words) / count,
        errors=math.log1p(100 * errors / count),
    )
