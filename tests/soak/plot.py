# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draws samples over time as an SVG that follows the reader's light or dark colours."""

import math

WIDTH, HEIGHT = 760, 170   # of one plot
LEFT, RIGHT, TOP, BOTTOM = 64, 28, 34, 26

TAGS = ('SPDX-FileCopyrightText: 2026 The process-glib authors',
        'SPDX-License-Identifier: LGPL-2.1-or-later')
STYLE = '''
  svg { background: #ffffff; font: 12px sans-serif; }
  text { fill: #2e3436; }
  .title { font-weight: bold; }
  .grid { stroke: #d3d7cf; stroke-width: 1; }
  .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; }
  .first { stroke: #1c71d8; } .second { stroke: #c64600; }
  text.first { fill: #1c71d8; stroke: none; } text.second { fill: #c64600; stroke: none; }
  @media (prefers-color-scheme: dark) {
    svg { background: #1e1e1e; }
    text { fill: #eeeeec; }
    .grid { stroke: #4a4a4a; }
    .first { stroke: #78aeed; } .second { stroke: #ffa348; }
    text.first { fill: #78aeed; } text.second { fill: #ffa348; }
  }
'''


def round_up(value):
    """The next of 1, 2, 5, 10, 20, 50 ..., so that the marks are round numbers."""
    step = 1.0
    while True:
        for factor in (1, 2, 5):
            if step * factor >= value:
                return step * factor
        step *= 10


class Plot:
    """Lines over time; with `decades` each mark is ten times the one before."""

    def __init__(self, y, title, seconds, decades=False):
        self.y, self.title, self.seconds, self.decades = y, title, seconds, decades
        self.series = []

    def add(self, name, points):
        self.series.append((name, points))

    def marks(self):
        values = [value for _name, points in self.series for _second, value in points]
        if not self.decades:
            top = round_up(max(values))
            return [0, top / 2, top]
        first, last = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        return [10.0 ** power for power in range(first, last + 1)]

    def share(self, value, marks):
        if self.decades:
            return math.log(value / marks[0]) / math.log(marks[-1] / marks[0])
        return value / marks[-1]

    def place(self, second, value, marks):
        x = LEFT + (WIDTH - LEFT - RIGHT) * second / self.seconds
        return x, self.y + TOP + (HEIGHT - TOP - BOTTOM) * (1 - self.share(value, marks))

    def grid(self, marks):
        for value in marks:
            x, y = self.place(0, value, marks)
            yield (f'<line class="grid" x1="{x:.0f}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" '
                   f'y2="{y:.1f}"/>')
            yield f'<text x="{x - 6:.0f}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>'
        step = round_up(self.seconds / 12)
        for i in range(int(self.seconds / step) + 1):
            x, y = self.place(i * step, marks[0], marks)
            yield (f'<text x="{x:.0f}" y="{y + 16:.1f}" text-anchor="middle">'
                   f'{i * step:g} s</text>')

    def draw(self):
        marks = self.marks()
        parts = [f'<text class="title" x="{LEFT}" y="{self.y + 18}">{self.title}</text>']
        parts += self.grid(marks)
        for i, (name, points) in enumerate(self.series):
            kind = ('first', 'second')[i]
            path = ' '.join('{:.1f},{:.1f}'.format(*self.place(*point, marks)) for point in points)
            parts.append(f'<polyline class="line {kind}" points="{path}"/>')
            parts.append(f'<text class="{kind}" x="{WIDTH - RIGHT - 150 * i}" y="{self.y + 18}" '
                         f'text-anchor="end">{name}</text>')
        return '\n'.join(parts)


def series(rows, key, factor, n=300):
    """The highest value of each of so many parts: peaks must not be lost."""
    parts = [[] for _ in range(n)]
    for i, row in enumerate(rows):
        parts[i * n // len(rows)].append((row['seconds'], row[key] * factor))
    return [(part[0][0], max(value for _second, value in part)) for part in parts if part]


def draw(rows):
    busy = [row for row in rows if row['p50_us'] > 0]
    seconds = rows[-1]['seconds']
    memory = Plot(0, 'Memory (MiB)', seconds)
    memory.add('resident', series(rows, 'rss_kib', 1 / 1024))
    memory.add('in use', series(rows, 'heap_kib', 1 / 1024))
    descriptors = Plot(HEIGHT, 'Descriptors', seconds)
    descriptors.add('open', series(rows, 'descriptors', 1))
    latency = Plot(2 * HEIGHT, 'A child that does nothing, from start to end (ms)', seconds,
                   decades=True)
    latency.add('99 % of a second', series(busy, 'p99_us', 1e-3))
    latency.add('median of a second', series(busy, 'p50_us', 1e-3))
    plots = [memory, descriptors, latency]
    height = len(plots) * HEIGHT
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img">\n'
            f'<!-- {TAGS[0]} -->\n<!-- {TAGS[1]} -->\n'
            f'<title>Memory, descriptors and latency while everything goes on at once</title>\n'
            f'<style>{STYLE}</style>\n' + '\n'.join(plot.draw() for plot in plots) +
            '\n</svg>\n')
