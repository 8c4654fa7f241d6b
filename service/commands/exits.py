"""Exit codes of the command line, beside argparse's 2 for wrong arguments."""

OK, FAILED, BROKEN = 0, 1, 3
"""Done, could not, and a record that is broken."""
