"""Sets a report as PDF, as a program of its own: `python typesetter.py < paper.json > report.pdf`.

It runs within limits that it sets itself, reads one template beside it, and asks no network: the template
imports no package, and the fonts are those that come with typst.
"""

import resource
import sys
from pathlib import Path

MEMORY_BYTES = 2 * 1024 * 1024 * 1024
CPU_SECONDS = 15

_TEMPLATE = Path(__file__).with_name("report.typ")


def pdf(paper: str) -> bytes:
    """Return the PDF of a report that is given as JSON."""
    import typst  # noqa: PLC0415 - the extra; whoever starts this program knows that it is there.

    return typst.compile(
        _TEMPLATE, format="pdf", ignore_system_fonts=True, sys_inputs={"paper": paper}, timestamp=0
    )


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    sys.stdout.buffer.write(pdf(sys.stdin.buffer.read().decode()))
