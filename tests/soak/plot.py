# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draws samples over time as an SVG that follows the reader's light or dark colours."""

WIDTH, HEIGHT = 760, 170   # of one plot
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 34, 26

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


def mark(value):
    return f'{value:g}'


class Plot:
    def __init__(self, y, title, seconds):
        self.y, self.title, self.seconds = y, title, seconds
        self.series = []

    def add(self, name, points):
        self.series.append((name, points))

    def place(self, second, value, top):
        x = LEFT + (WIDTH - LEFT - RIGHT) * second / self.seconds
        return x, self.y + TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)

    def draw(self):
        top = round_up(max(value for _name, points in self.series for _second, value in points))
        parts = [f'<text class="title" x="{LEFT}" y="{self.y + 18}">{self.title}</text>']
        for i in range(3):
            x, y = self.place(0, top * i / 2, top)
            parts.append(f'<line class="grid" x1="{x:.0f}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" '
                         f'y2="{y:.1f}"/><text x="{x - 6:.0f}" y="{y + 4:.1f}" '
                         f'text-anchor="end">{mark(top * i / 2)}</text>')
        step = round_up(self.seconds / 12)
        for i in range(int(self.seconds / step) + 1):
            x, y = self.place(i * step, 0, top)
            parts.append(f'<text x="{x:.0f}" y="{y + 16:.1f}" text-anchor="middle">'
                         f'{mark(i * step)} s</text>')
        for (name, points), kind in zip(self.series, ('first', 'second')):
            path = ' '.join('{:.1f},{:.1f}'.format(*self.place(*point, top)) for point in points)
            parts.append(f'<polyline class="line {kind}" points="{path}"/>')
        for (name, _points), kind, x in zip(self.series, ('first', 'second'),
                                            (WIDTH - RIGHT, WIDTH - RIGHT - 150)):
            parts.append(f'<text class="{kind}" x="{x}" y="{self.y + 18}" '
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
    plots = []
    for title, lines in (
        ('Memory (MiB)', (('resident', rows, 'rss_kib', 1 / 1024),
                          ('in use', rows, 'heap_kib', 1 / 1024))),
        ('Descriptors', (('open', rows, 'descriptors', 1),)),
        ('From start to end of a child that does nothing (ms)',
         (('99 % of a second', busy, 'p99_us', 1e-3), ('median of a second', busy, 'p50_us', 1e-3))),
    ):
        each = Plot(len(plots) * HEIGHT, title, seconds)
        for name, chosen, key, factor in lines:
            each.add(name, series(chosen, key, factor))
        plots.append(each.draw())
    height = len(plots) * HEIGHT
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" role="img">\n'
            f'<title>Memory, descriptors and latency in ten minutes of mixed work</title>\n'
            f'<style>{STYLE}</style>\n' + '\n'.join(plots) + '\n</svg>\n')
