"""Run the benchmarks that are named, or all of them."""

import argparse
import importlib

from benchmarks.figures import HEADING

NAMES = (
    "static_files",
    "setup_time",
    "edit_page",
    "one_run",
    "many_fields",
    "large_content",
    "streams",
    "limits",
    "history",
)


def main() -> None:
    """Print every figure beside its baseline."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[[], *NAMES], metavar="name", help=", ".join(NAMES)
    )
    print(HEADING)
    for name in parser.parse_args().names or NAMES:
        for figure in importlib.import_module(f"benchmarks.{name}").figures():
            print(figure, flush=True)


if __name__ == "__main__":
    main()
