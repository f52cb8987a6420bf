"""An SVG with fewer nodes and the same picture."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from xml.etree import ElementTree

_SVG = "http://www.w3.org/2000/svg"
_GROUP, _PATH, _USE, _TEXT, _DEFS, _TITLE = (
    f"{{{_SVG}}}{tag}" for tag in ("g", "path", "use", "text", "defs", "title")
)
_LINE = re.compile(r"M[^A-Za-z]*L[^A-Za-z]*")
_POINT = re.compile(r"([ML])(\S+) ([^\sA-Za-z]+)")
_UNSEEN = {"fill: none", "fill:none", "opacity: 0"}

ElementTree.register_namespace("", _SVG)


def compact(text: str) -> str:
    """Leave out what cannot be seen in an SVG element of matplotlib.

    A group without attributes gives way to what is in it. Straight lines of one look become one path where
    only text stands between them, and so do marks of one look that follow each other. What is cut to a frame
    is defined in one place; a path without fill and line goes.

    Parameters
    ----------
    text
        An element ``svg`` without ``xlink``.

    Returns
    -------
    str
        The same element, a line a node.
    """
    root = ElementTree.fromstring(text)  # noqa: S314 - drawn here
    for path in root.iter(_PATH):
        path.set("d", re.sub(r"\s*([A-Za-z])\s*", r"\1", path.get("d", "").strip()))
    defined = ElementTree.Element(_DEFS)
    for parent in list(root.iter()):
        for defs in parent.findall(_DEFS):
            parent.remove(defs)
            defined.extend(defs)
    _flatten(root, {f"#{path.get('id')}": path.get("d", "") for path in defined.iter(_PATH)})
    defined[:] = [one for one in defined if one.tag != _PATH]
    if len(defined):
        root.insert(0, defined)
    for node in root.iter():
        node.tail = "\n"
        if len(node) and not (node.text or "").strip():
            node.text = "\n"
    return ElementTree.tostring(root, encoding="unicode").strip()


def _flatten(parent: ElementTree.Element, shapes: dict[str, str]) -> None:
    children: list[ElementTree.Element] = []
    for child in parent:
        if child.tag == _GROUP:
            _flatten(child, shapes)
            children += _in_place_of(child)
        elif not (child.tag == _PATH and child.get("style") in _UNSEEN):
            children.append(child)
    parent[:] = _joined(
        one
        for (is_mark, _), run in groupby(children, _kind)
        for one in (_marks(list(run), shapes) if is_mark else run)
    )


def _in_place_of(group: ElementTree.Element) -> list[ElementTree.Element]:
    """What stands for a group; one with a text to show on hover stays."""
    inside = list(group)
    if not group.attrib and (not inside or inside[0].tag != _TITLE):
        return inside
    if len(inside) == 1 and not {"transform", *group.attrib} & set(inside[0].attrib):
        inside[0].attrib.update(group.attrib)
        return inside
    return [group]


def _kind(node: ElementTree.Element) -> tuple[bool, object]:
    """Whether it is a mark; what is equal for marks that differ in their place alone."""
    if node.tag != _USE:
        return False, id(node)
    return True, sorted((name, value) for name, value in node.items() if name not in "xy")


def _marks(uses: list[ElementTree.Element], shapes: dict[str, str]) -> list[ElementTree.Element]:
    look = {name: value for name, value in uses[0].items() if name not in ("href", "x", "y")}
    shape = shapes[uses[0].get("href", "")]
    places = [(float(use.get("x", 0)), float(use.get("y", 0))) for use in uses]
    return [ElementTree.Element(_PATH, {"d": "".join(_moved(shape, *place) for place in places), **look})]


def _moved(shape: str, x: float, y: float) -> str:
    """A mark at its place; matplotlib's circle of eight curves as two arcs."""
    if "C" in shape:
        radius = float(shape[1:].partition("C")[0].split()[1])
        arc = f"a{radius:g} {radius:g} 0 1 0 "
        return f"M{_place(x - radius)} {_place(y)}{arc}{2 * radius:g} 0{arc}{-2 * radius:g} 0"
    return _POINT.sub(lambda at: f"{at[1]}{_place(float(at[2]) + x)} {_place(float(at[3]) + y)}", shape)


def _place(points: float) -> str:
    """To a hundredth of a point."""
    return f"{round(points, 2) + 0.0:g}"


def _joined(children: Iterable[ElementTree.Element]) -> list[ElementTree.Element]:
    kept: list[ElementTree.Element] = []
    first: dict[tuple[tuple[str, str], ...], ElementTree.Element] = {}
    for child in children:
        line = child.get("d", "")
        if child.tag == _PATH and not len(child) and _LINE.fullmatch(line):
            look = tuple(sorted((name, value) for name, value in child.items() if name != "d"))
            if look in first:
                first[look].set("d", first[look].get("d", "") + line)
                continue
            first[look] = child
        elif child.tag != _TEXT:
            first = {}
        kept.append(child)
    return kept
