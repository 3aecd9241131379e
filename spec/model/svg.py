# SPDX-License-Identifier: MIT
"""A ladder as SVG: two life lines, every segment from the height where it left to the height where it arrived."""
from xml.sax.saxutils import escape

ROW, TOP, LEFT, RIGHT, WIDTH = 26, 70, 230, 610, 840
STYLE = ("text{font:12px monospace;fill:#222}.t{font:bold 13px monospace}.n{fill:#888}.u{fill:#0b5394}"
         "line{stroke:#444;stroke-width:1.2}.life{stroke:#bbb}.lost{stroke:#c00;stroke-dasharray:5 3}.odd{stroke:#e69138}")


def text(x, y, what, anchor="start", kind=""):
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" class="{kind}">{escape(what)}</text>'


def arrow(s, height, last):
    """A segment: lost ones end half way, those still on their way at the bottom."""
    x1, x2 = (LEFT, RIGHT) if s.source == "a" else (RIGHT, LEFT)
    y1, y2 = height[s.sent], height[s.arrived] if s.arrived else last + ROW
    if s.source == s.target:
        x2 = LEFT + 60
    if s.lost or s.arrived is None:
        x2, y2 = (x1 + x2) / 2, (y1 + y2) / 2
    kind = "lost" if s.lost else "odd" if "forged" in s.text else ""
    out = f'<line x1="{x1}" y1="{y1}" x2="{x2:.0f}" y2="{y2:.0f}" class="{kind}" marker-end="url(#head)"/>'
    label = s.label() + (" lost" if s.lost else " forged" if "forged" in s.text else "")
    return out + text((x1 + x2) / 2, (y1 + y2) / 2 - 5, label, "middle")


def draw(rows, segments, title):
    from ladder import SILENT, event
    shown = [r for r in rows if not (r.what == "step" and r.subject in SILENT and r is not rows[-1])]
    height, y = {}, TOP
    for r in rows:
        y += ROW if r in shown else 0
        height[r.number] = y
    last = TOP + ROW * len(shown)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{last + 50}" viewBox="0 0 {WIDTH} {last + 50}">',
           f'<style>{STYLE}</style><defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" '
           'orient="auto"><path d="M0,0L8,4L0,8z" fill="#444"/></marker></defs>',
           text(12, 22, title[:110], kind="t"), text(LEFT, 50, "a", "middle", "t"), text(RIGHT, 50, "b", "middle", "t")]
    out += [f'<line x1="{x}" y1="58" x2="{x}" y2="{last + 30}" class="life"/>' for x in (LEFT, RIGHT)]
    out += [arrow(s, height, last) for s in segments]
    before = {}
    for r in shown:
        y = height[r.number]
        out.append(text(8, y + 4, str(r.number), kind="n"))
        if r.segment is None:
            out.append(text(LEFT + 8 if r.end == "a" else RIGHT - 8, y + 4, event(r), "start" if r.end == "a" else "end", "u"))
        for k, state in r.ends.items():
            if before.get(k) != state and k in "ab":
                out.append(text(LEFT - 8 if k == "a" else RIGHT + 8, y + 4, state, "end" if k == "a" else "start"))
            before[k] = state
    return "\n".join(out + ["</svg>"])
