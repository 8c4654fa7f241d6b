"""How many cases the trust tests tried, by kind; the end of a test run tells it."""

from collections import Counter

cases: Counter[str] = Counter()
