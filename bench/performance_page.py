#!/usr/bin/env python3
"""Writes the figures of docs/performance.md.

usage: performance_page.py FIGURES PAGE

FIGURES is what `agentaudit_bench --json` wrote on this machine. Everything in
PAGE between its two figures markers is replaced, and the chart beside it,
PAGE with the suffix .svg, is written anew.
"""

import datetime
import json
import math
import os
import pathlib
import platform
import re
import sys
from xml.sax.saxutils import escape

BEGIN = "<!-- figures -->"
END = "<!-- /figures -->"

GROUPS = {
    "processes": "Processes",
    "calls": "Calls",
    "ingest": "Ingest",
    "redact": "Redaction",
    "emit": "Emit",
    "append": "Append",
    "million": "A million events",
    "http": "The daemon",
    "servers": "Trails on a server",
    "fleet": "A large trail on a server",
    "trail": "A large trail",
}

MILLISECONDS = {"ns": 1e-6, "us": 1e-3, "ms": 1.0}


# --- Texts -----------------------------------------------------------------


def number(value):
    """Three digits that count, thousands set apart."""
    if value == 0:
        return "0"
    before_point = math.floor(math.log10(abs(value))) + 1
    return f"{value:,.{max(0, 3 - before_point)}f}"


def with_unit(value, unit):
    if value is None:
        return ""
    return f"{number(value)} {'µs' if unit == 'us' else unit}"


def split_name(name):
    """The name of a row, and that of its floor, or an empty one."""
    found = re.fullmatch(r"(.+?)(?:[ ]\(floor: (.+)\))?", name)
    return found.group(1), found.group(2) or ""


def goal_of(row):
    """("value" or "ratio", "≤" or "≥", limit), or None without a goal."""
    if row["goal"] is None:
        return None
    of, bound, limit = row["goal"].split()
    return of, {"<=": "≤", ">=": "≥"}[bound], float(limit)


def goal_text(row):
    goal = goal_of(row)
    if goal is None:
        return ""
    of, bound, limit = goal
    if of == "ratio":
        return f"ratio {bound} {limit:g}"
    unit = "µs" if row["unit"] == "us" else row["unit"]
    return f"{bound} {limit:g} {unit}"


# --- The page --------------------------------------------------------------


def first_match(path, pattern):
    text = pathlib.Path(path).read_text(encoding="utf-8")
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1) if found else None


def machine(figures, date):
    """What ran the bench, as the rows of a table."""
    processor = first_match("/proc/cpuinfo", r"^model name\s*:\s*(.+)$")
    kibibytes = first_match("/proc/meminfo", r"^MemTotal:\s*(\d+) kB$")
    sync = [row for row in figures["rows"] if row["name"].startswith("a sync")]
    facts = [
        ("processor", processor or platform.machine()),
        ("cores", str(os.cpu_count())),
        ("memory", f"{int(kibibytes) / 2**20:.0f} GiB"),
        ("kernel", f"{platform.system()} {platform.release()}"),
    ]
    facts += [(row["name"], with_unit(row["value"], row["unit"]))
              for row in sync]
    facts += [
        ("compiler", figures["compiler"]),
        ("SQLite", figures["sqlite"]),
        ("date", date.isoformat()),
    ]
    if figures["quick"]:
        facts.append(("run", "quick: a fifth of the events"))
    return facts


def table(head, alignment, rows):
    lines = [head, alignment, *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |"
        for line in lines)


def row_cells(row):
    name, floor_name = split_name(row["name"])
    floor = with_unit(row["floor"], row["unit"])
    if floor_name:
        floor = f"{floor} ({floor_name})"
    ratio = "" if row["ratio"] is None else number(row["ratio"])
    holds = {None: "", True: "yes", False: "**no**"}[row["holds"]]
    return [name, with_unit(row["value"], row["unit"]), floor, ratio,
            goal_text(row), holds]


def figures_section(figures, date, chart_name):
    goals = [row for row in figures["rows"] if row["holds"] is not None]
    held = sum(row["holds"] for row in goals)
    parts = [
        f"{held} of {len(goals)} goals hold.",
        f"![Each time beside its goal]({chart_name})",
        table(("machine", ""), ("---", "---"), machine(figures, date)),
    ]
    for group, title in GROUPS.items():
        rows = [row for row in figures["rows"] if row["group"] == group]
        if not rows:
            continue
        parts.append(f"### {title}")
        parts.append(table(
            ("measure", "value", "floor", "ratio", "goal", "holds"),
            ("---", "--:", "--:", "--:", "--:", "---"),
            [row_cells(row) for row in rows]))
    return "\n\n".join(parts)


def with_figures(page, section):
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f"the page has no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{section}\n\n{END}{after}"


# --- The chart -------------------------------------------------------------

STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .grid { stroke: #d1d9e0; }
    .axis, .value { fill: #59636e; }
    .holds { fill: #4c8dd6; }
    .fails { fill: #d1573b; }
    .goal { stroke: #1f2328; stroke-width: 2; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .grid { stroke: #3d444d; }
      .axis, .value { fill: #9198a1; }
      .goal { stroke: #e6edf3; }
    }
"""

LABELS_WIDTH = 330
PLOT_WIDTH = 430
MARGIN = 90
TOP = 34
STEP = 24


def times_with_goals(rows):
    """(label, value and goal in milliseconds, text, whether it holds)."""
    times = []
    for row in rows:
        goal = goal_of(row)
        if goal is None or goal[0] != "value":
            continue
        unit = MILLISECONDS.get(row["unit"])
        if unit is None:
            continue
        name, _ = split_name(row["name"])
        times.append((name.partition(":")[0], row["value"] * unit,
                      goal[2] * unit, with_unit(row["value"], row["unit"]),
                      row["holds"]))
    return times


def power_text(power):
    """10 to the power of `power` milliseconds."""
    if power >= 3:
        return f"{10 ** (power - 3)} s"
    return f"{10 ** power} ms" if power >= 0 else f"{10 ** (power + 3)} µs"


def chart(rows):
    """Bars on a logarithmic scale; a stroke across each one is its goal."""
    times = times_with_goals(rows)
    if not times:
        sys.exit("no time has a goal")
    values = [value for time in times for value in time[1:3]]
    low = max(-6, math.floor(math.log10(min(values))))
    high = math.ceil(math.log10(max(values)))
    if high == low:
        high += 1

    def x_of(milliseconds):
        power = max(low, math.log10(max(milliseconds, 1e-9)))
        return LABELS_WIDTH + PLOT_WIDTH * (power - low) / (high - low)

    width = LABELS_WIDTH + PLOT_WIDTH + MARGIN
    bottom = TOP + STEP * len(times)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'viewBox="0 0 {width} {bottom + 10}" '
        f'width="{width}" height="{bottom + 10}">',
        "  <title>Each time beside its goal</title>",
        f"  <style>{STYLE}  </style>",
    ]
    for power in range(low, high + 1):
        x = x_of(10.0 ** power)
        lines.append(f'  <line class="grid" x1="{x:.1f}" y1="{TOP - 6}" '
                     f'x2="{x:.1f}" y2="{bottom}"/>')
        lines.append(f'  <text class="axis" x="{x:.1f}" y="{TOP - 14}" '
                     f'text-anchor="middle">{power_text(power)}</text>')
    for i, (label, value, goal, text, holds) in enumerate(times):
        top = TOP + STEP * i
        end, goal_x = x_of(value), x_of(goal)
        # Beside the bar, and beside the stroke where that is in the way.
        text_x = end + 6
        if end - 4 < goal_x < end + 70:
            text_x = goal_x + 6
        lines.append(f'  <text x="{LABELS_WIDTH - 10}" y="{top + 15}" '
                     f'text-anchor="end">{escape(label)}</text>')
        lines.append(f'  <rect class="{"holds" if holds else "fails"}" '
                     f'x="{LABELS_WIDTH}" y="{top + 4}" '
                     f'width="{max(1.0, end - LABELS_WIDTH):.1f}" '
                     f'height="{STEP - 9}"/>')
        lines.append(f'  <line class="goal" x1="{goal_x:.1f}" y1="{top + 1}" '
                     f'x2="{goal_x:.1f}" y2="{top + STEP - 2}"/>')
        lines.append(f'  <text class="value" x="{text_x:.1f}" '
                     f'y="{top + 15}">{escape(text)}</text>')
    lines.append("</svg>")
    return "\n".join(lines) + "\n"


def main(arguments):
    if len(arguments) != 2:
        sys.exit(__doc__)
    source, page = map(pathlib.Path, arguments)
    figures = json.loads(source.read_text(encoding="utf-8"))
    date = datetime.date.fromtimestamp(source.stat().st_mtime)
    chart_path = page.with_suffix(".svg")
    text = with_figures(page.read_text(encoding="utf-8"),
                        figures_section(figures, date, chart_path.name))
    chart_path.write_text(chart(figures["rows"]), encoding="utf-8")
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
