# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draws what report.py has to show, as SVG that can be read on light and on dark."""

import html
import math

OURS = 'process-glib'
# What a program that uses GLib alone gets.
PLAIN = ('gsub', 'gsub-dis-async', 'libsoup3')
STYLE = '''<style>
 .paper { fill: #fafafa; }
 text { font: 13px sans-serif; fill: #2e3436; }
 .small { font-size: 11px; fill: #5e5c64; }
 .axis { stroke: #9a9996; stroke-width: 1; }
 .grid { stroke: #9a9996; stroke-opacity: 0.35; stroke-width: 1; }
 .other { fill: #9a9996; fill-opacity: 0.75; }
 .plain { fill: #e66100; }
 .ours { fill: #1c71d8; }
 .line1, .line2, .line3, .line4, .line5, .line6 { fill: none; stroke-width: 2; }
 .line1 { stroke: #1c71d8; } .line2 { stroke: #e66100; } .line3 { stroke: #26a269; }
 .line4 { stroke: #9141ac; } .line5 { stroke: #986a44; } .line6 { stroke: #e5a50a; }
 .dashed { stroke: #77767b; stroke-width: 1; stroke-dasharray: 3 4; fill: none; }
 @media (prefers-color-scheme: dark) {
  .paper { fill: #242424; }
  text { fill: #f6f5f4; }
  .small { fill: #c0bfbc; }
  .ours { fill: #62a0ea; }
  .plain { fill: #ffa348; }
  .line1 { stroke: #62a0ea; } .line2 { stroke: #ffa348; } .line3 { stroke: #57e389; }
  .line4 { stroke: #dc8add; } .line5 { stroke: #cdab8f; } .line6 { stroke: #f8e45c; }
 }
</style>'''


def text(x, y, words, anchor='start', small=False):
    kind = ' class="small"' if small else ''
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kind}>'
            f'{html.escape(words.replace("`", ""))}</text>')


def line(x1, y1, x2, y2, kind):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def dot(x, y, radius, kind, title):
    return (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" class="{kind}">'
            f'<title>{html.escape(title)}</title></circle>')


def picture(width, height, title, parts):
    return '\n'.join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">',
        '<!-- SPDX-FileCopyrightText: 2026 The process-glib authors -->',
        '<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->',
        f'<title>{html.escape(title)}</title>', STYLE,
        # Its own, where it is not known on what it will lie.
        f'<rect width="{width}" height="{height}" rx="8" class="paper"/>', *parts, '</svg>', ''])


def draw_ratios(cases, titles):
    """A row a workload, a dot a program, by how many times worse than the limit it is."""
    rows = [(titles[case], cases[case]) for case in titles if case in cases]
    left, right, top, step = 400, 860, 50, 34
    bottom = top + step * len(rows)

    def place(ratio):
        return left + (right - left) * math.log(min(max(ratio, 0.8), 100) / 0.8) / math.log(125)

    parts = [dot(20, 20, 6, 'ours', OURS), text(32, 24, OURS),
             dot(140, 20, 5, 'plain', 'GLib alone'), text(152, 24, 'GLib alone'),
             dot(250, 20, 4, 'other', 'others'), text(262, 24, 'others'),
             text(right, 24, '× limit, less is better', 'end', True)]
    for mark in (1, 2, 5, 10, 20, 50, 100):
        x, kind = place(mark), 'axis' if mark == 1 else 'grid'
        parts += [line(x, top - 10, x, bottom - 10, kind),
                  text(x, bottom + 6, f'{mark}', 'middle', True)]
    for number, (title, entries) in enumerate(rows):
        y = top + step * number + 8
        parts.append(text(20, y + 4, title.split(' (')[0]))
        for entry in sorted(entries, key=lambda entry: entry['name'].startswith(OURS)):
            name, ratio = entry['name'], entry.get('ratio_to_limit')
            if ratio is None or name.startswith('limit'):
                continue
            kind = 'ours' if name.startswith(OURS) else 'plain' if name in PLAIN else 'other'
            parts.append(dot(place(ratio), y, 6 if kind == 'ours' else 4.5, kind,
                             f'{name}: × {ratio:.2f}'))
    return picture(880, bottom + 20, 'How many times worse than the limit', parts)


def draw_panel(x, y, width, height, name, curve):
    """Logarithmic both ways, each figure in parts of its first value; dashed is n times as much."""
    sizes, figures = curve['sizes'], curve['figures'].values()
    grown = [[max(value, 1e-3) / max(figure['values'][0], 1e-3) for value in figure['values']]
             for figure in figures]
    most = max(sizes[-1] / sizes[0], *(max(each) for each in grown)) * 1.5
    least = min(0.5, *(min(each) for each in grown))

    def place(size, value):
        return (x + width * math.log(size / sizes[0]) / math.log(sizes[-1] / sizes[0]),
                y + height - height * math.log(value / least) / math.log(most / least))

    parts = [text(x, y - 10, name), line(x, y + height, x + width, y + height, 'axis'),
             line(x, y, x, y + height, 'axis'),
             text(x, y + height + 14, f'{sizes[0]:,}', 'start', True),
             text(x + width, y + height + 14, f'{sizes[-1]:,}', 'end', True)]
    parts.append(line(*place(sizes[0], 1), *place(sizes[-1], sizes[-1] / sizes[0]), 'dashed'))
    for number, (figure, values) in enumerate(zip(figures, grown), 1):
        points = ' '.join('{:.1f},{:.1f}'.format(*place(*each)) for each in zip(sizes, values))
        parts += [f'<polyline points="{points}" class="line{number}"/>',
                  line(x, y + height + 16 + 15 * number, x + 16, y + height + 16 + 15 * number,
                       f'line{number}'),
                  text(x + 22, y + height + 20 + 15 * number, figure['label'], small=True)]
    return parts


def draw_growth(curves):
    columns, width, height = 4, 170, 165
    parts = [text(20, 24, 'In parts of the first value; both axes are logarithmic. Dashed: n times '
                          'the size takes n times as much.', small=True)]
    for number, (name, curve) in enumerate(curves.items()):
        column, row = number % columns, number // columns
        parts += draw_panel(30 + column * (width + 46), 70 + row * (height + 150), width, height,
                            name, curve)
    rows = -(-len(curves) // columns)
    return picture(880, 70 + rows * (height + 150) - 20, 'How time and memory grow', parts)
