"""Kemendagri codes of regions: which of them can exist."""

# The 38 provinces of the register; the code of every region begins with one of them.
_PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 19), (21, 21), (31, 36), (51, 53), (61, 65), (71, 76), (81, 82), (91, 96))
    for code in range(first, last + 1)
)


def in_known_province(region_code: str) -> bool:
    """Whether the code begins with that of a province; regions within it are not looked up."""
    return region_code[:2] in _PROVINCES
