"""`python -m tests.mirror record KUBECONFIG` keeps the answers of a real cluster; `compare` holds another to them,
and `report` writes into docs/mirror.md how far a sandbox with one node agrees."""

import argparse
import sys
from pathlib import Path

from tests.mirror import golden, report
from tests.mirror.asking import asking
from tests.mirror.comparing import compare
from tests.mirror.known import KNOWN
from tests.mirror.questions import GROUPS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mirror", description=__doc__)
    parser.add_argument("verb", choices=("record", "compare", "report"))
    parser.add_argument("kubeconfig", type=Path)
    parser.add_argument("groups", nargs="*", help=f"of {', '.join(GROUPS)}; without any, all")
    asked = parser.parse_args()
    agreements = []
    for group in asked.groups or GROUPS:
        with asking(asked.kubeconfig) as asker:
            GROUPS[group](asker)
            answers = {title: answer.document() for title, answer in asker.answers.items()}
            if asked.verb == "record":
                golden.write(group, answers)
                (golden.FOLDER / "VERSION").write_text(asker.get("/version")["gitVersion"] + "\n")
                print(f"{group}: {len(answers)} answers", flush=True)
                continue
        found = compare(group, golden.read(group), answers)
        print(f"{group}: {found.agreed} of {found.asked} answers, {100 * found.fields:.1f} % of fields", flush=True)
        for difference in found.differences if asked.verb == "compare" else ():
            print(f"  {difference}", flush=True)
        agreements.append(found)
    if asked.verb == "report":
        report.write(report.text(agreements, KNOWN))
    return 0


if __name__ == "__main__":
    sys.exit(main())
