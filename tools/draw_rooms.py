"""Draw who imports whom among the rooms of the grader, from the code itself, into docs/pictures/rooms.svg.

``python tools/draw_rooms.py`` writes the picture; with ``--check`` it only says whether the picture is up to date
(status 1: no). A room is a folder of ``autograder/``, or ``data/``. It stands one floor above the highest room that it
imports. Of the imports, those are drawn that no other path shows: where ``a`` imports ``b`` and ``b`` imports ``c``,
the line from ``a`` to ``c`` is left out.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs/pictures/rooms.svg"
WAY = ["collect", "intake", "sandbox", "worker", "checking", "grading", "render", "feedback", "export"]
"""The rooms that a submission walks through, in this order."""
EVERYBODYS = {"autograder", "autograder.errors", "autograder.report", "autograder.settings", "autograder.exit_status"}
"""The words that every room speaks; the format of messages, ``autograder.worker.wire`` and ``.text``, is one, too."""
WIDTH, BOX, GAP, FLOOR = 1000, (108, 34), 14, 80


def rooms(root: Path = ROOT) -> dict[str, list[Path]]:
    """Return the modules of each room; the door (``cli``, ``commands``) is a room, too."""
    folders = [path.parent for path in sorted((root / "autograder").glob("*/__init__.py"))]
    found = {folder.name: sorted(folder.rglob("*.py")) for folder in folders}
    return {**found, "data": sorted((root / "data").rglob("*.py"))}


def imports(root: Path = ROOT) -> dict[str, set[str]]:
    """Return the rooms that each room imports, at the top of a module or inside a function."""
    modules = rooms(root)
    found: dict[str, set[str]] = {room: set() for room in modules}
    for room, paths in modules.items():
        for path in paths:
            names = set(_imported(ast.parse(path.read_text(encoding="utf-8"))))
            found[room] |= {_room(name) for name in names} & set(modules) - {room}
    return found


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (
                [f"autograder.{alias.name}" for alias in node.names] if node.module == "autograder" else [node.module]
            )


def _room(module: str) -> str:
    parts = module.split(".")
    if module in EVERYBODYS or module.startswith(("autograder.worker.wire", "autograder.worker.text")):
        return ""
    if parts[0] == "autograder" and len(parts) > 1:
        return parts[1]
    return "data" if parts[0] == "data" else ""


def floors(graph: dict[str, set[str]]) -> dict[str, int]:
    """Return the floor of each room, 0 at the bottom.

    Raises
    ------
    ValueError
        Rooms import each other in a circle.
    """
    found: dict[str, int] = {}

    def floor(room: str, above: tuple[str, ...]) -> int:
        if room in above:
            raise ValueError(
                f"expected rooms that import only rooms below them. Received: {' → '.join((*above, room))}"
            )
        if room not in found:
            found[room] = max((floor(below, (*above, room)) + 1 for below in sorted(graph[room])), default=0)
        return found[room]

    for room in sorted(graph):
        floor(room, ())
    return found


def shown(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the imports that no longer path shows."""

    def below(room: str) -> set[str]:
        return graph[room].union(*(below(other) for other in graph[room])) if graph[room] else set()

    return {
        room: {other for other in direct if not any(other in below(third) for third in direct - {other})}
        for room, direct in graph.items()
    }


def draw(root: Path = ROOT) -> str:
    """Return the picture as SVG, the same text for the same imports."""
    graph = imports(root)
    level = floors(graph)
    top = max(level.values())
    height = (top + 1) * FLOOR + 2 * GAP
    place: dict[str, tuple[float, float]] = {}
    for floor in range(top + 1):
        here = _ordered([room for room in sorted(graph) if level[room] == floor], graph, place)
        step = min(230, (WIDTH - 2 * GAP) / len(here))
        # Every other floor stands a little to the side, so that lines pass between its boxes.
        left = WIDTH / 2 - step * (len(here) - 1) / 2 + (60 if floor % 2 else -60)
        for number, room in enumerate(here):
            place[room] = (left + step * number, height - GAP - BOX[1] / 2 - floor * FLOOR - 12)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" role="img">',
        "<title>Rooms of the grader: each imports only rooms below it</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
    ]
    for room, others in sorted(shown(graph).items()):
        lines += [_line(place[room], place[other]) for other in sorted(others)]
    lines.append(_line(place["sandbox"], place["worker"], "starts"))
    lines += [_box(room, place[room]) for room in sorted(graph)]
    return "\n".join([*lines, "</svg>", ""])


def _ordered(names: list[str], graph: dict[str, set[str]], place: dict[str, tuple[float, float]]) -> list[str]:
    """Put each room above the middle of what it imports."""

    def middle(room: str) -> float:
        known = [place[other][0] for other in graph[room] if other in place]
        return sum(known) / len(known) if known else WIDTH / 2

    return sorted(names, key=lambda room: (round(middle(room), 3), room))


def _line(start: tuple[float, float], end: tuple[float, float], word: str = "") -> str:
    (x, y), (to_x, to_y) = start, end
    y, to_y = (y + BOX[1] / 2, to_y - BOX[1] / 2) if not word else (y, to_y)
    bend = (to_y - y) / 2
    style = 'stroke="#c2410c" stroke-dasharray="5 4"' if word else 'stroke="#94a3b8"'
    path = f"M{x:.0f} {y:.0f}C{x:.0f} {y + bend:.0f} {to_x:.0f} {to_y - bend:.0f} {to_x:.0f} {to_y:.0f}"
    text = f'<text x="{(x + to_x) / 2:.0f}" y="{(y + to_y) / 2:.0f}" font-size="12" fill="#c2410c">{word}</text>'
    return f'<path d="{path}" fill="none" stroke-width="1.5" {style}/>{text if word else ""}'


def _box(room: str, middle: tuple[float, float]) -> str:
    x, y = middle[0] - BOX[0] / 2, middle[1] - BOX[1] / 2
    fill, edge = ("#dbeafe", "#1d4ed8") if room in WAY else ("#f8fafc", "#64748b")
    fill, edge = ("#ffedd5", "#c2410c") if room == "worker" else (fill, edge)
    style = 'font-size="15" font-weight="bold" text-anchor="middle" fill="#0f172a"'
    box = f'<rect x="{x:.0f}" y="{y:.0f}" width="{BOX[0]}" height="{BOX[1]}" rx="6" fill="{fill}" stroke="{edge}"/>'
    name = f'<text x="{middle[0]:.0f}" y="{middle[1] + 5:.0f}" {style}>{escape(room)}</text>'
    number = ""
    if room in WAY:
        badge = f'<circle cx="{x:.0f}" cy="{y:.0f}" r="10" fill="{edge}"/>'
        digit = f'<text x="{x:.0f}" y="{y + 4:.0f}" text-anchor="middle" font-size="12" fill="#ffffff">'
        number = f"{badge}{digit}{WAY.index(room) + 1}</text>"
    return box + name + number


def main() -> int:
    """Write the picture, or compare it."""
    picture = draw()
    if "--check" in sys.argv[1:]:
        if PICTURE.is_file() and PICTURE.read_text(encoding="utf-8") == picture:
            return 0
        print("docs/pictures/rooms.svg shows other imports than the code has. Run: python tools/draw_rooms.py")
        return 1
    PICTURE.write_text(picture, encoding="utf-8")
    print(f"wrote {PICTURE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
