#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The process-glib authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the tables and the plots of docs/performance.md from the results.

usage: report.py [--peers FILE...] [--check]

What was measured is in results/: by languages.py, growth.py and cost.py; and what a driver that
runs contenders.json beside other programs has found, of which --peers takes over what is needed,
later files replacing the cases of earlier ones. With --check nothing is written, and a page that
is not what the results make it is a failure.
"""

import argparse
import json
import pathlib
import re
import sys

import plots

RESULTS = pathlib.Path(__file__).with_name('results')
DOCS = pathlib.Path(__file__).parents[2] / 'docs'
PAGE = DOCS / 'performance.md'
OURS = 'process-glib'

# Case, contender, column (None: the primary figure), what it is, unit, and the target: times the
# limit (x), or in the unit.
HEADLINES = (
    ('W1-spawn-seq-pipes', OURS, None, 'a start, piped, until its end', 'µs', ('x', 1.5)),
    ('W1-spawn-seq-pipes', OURS, 'cpu_us_op', 'the parent’s own time for it', 'µs', ('abs', 250)),
    ('W2-spawn-64-pipes', OURS, None, 'the same, 64 at once', 'µs', ('x', 1.6)),
    ('W3-big-parent', OURS, None, 'the same from 1 GiB of heap', 'µs', ('x', 1.3)),
    ('W4-lines-block', OURS + '-none', None, 'lines, only captured', 'M/s', ('x', 2.3)),
    ('W4-lines-block', OURS, None, 'lines, by `lines`', 'M/s', ('x', 2.5)),
    ('W4-lines-block', OURS + '-output', None, 'lines, by `output`', 'M/s', ('x', 6.0)),
    ('W5-many-10', OURS, None, 'an echo among 10 children', 'µs', None),
    ('W5-many-1000', OURS, None, 'an echo among 1,000 children', 'µs', ('x', 1.75)),
    ('W5-many-1000', OURS, 'rss_kib_per_child', 'memory for each of these', 'KiB', ('abs', 10)),
    ('W5-many-1000', OURS, 'kill_ms', 'killing and reaping them', 'ms', ('abs', 100)),
    ('W6-health-keepalive', OURS, None, 'health requests', '1/s', ('x', 1.6)),
    ('W6-health-close', OURS, 'cpu_us_req', 'server time, a connection each', 'µs', None),
    ('W7-pipeline', OURS, None, '200 commands in 10 layers', 'ms', ('x', 1.5)),
)
# What the tables of all contenders are about.
CASES = {
    'W1-spawn-seq-pipes': 'Start, read both outputs, wait: one after the other (µs)',
    'W2-spawn-64-pipes': 'The same with 64 at once (µs)',
    'W3-big-parent': 'Start and wait from a parent with 1 GiB of heap (µs)',
    'W4-lines-block': 'Two million lines of 60 bytes in blocks (million lines a second)',
    'W5-many-1000': 'An echo of one of 1,000 children (µs)',
    'W6-health-keepalive': '`/health`, 16 connections kept (requests a second)',
    'W6-health-close': '`/health`, a connection for each request (requests a second)',
    'W7-pipeline': '200 commands in 10 layers, two at a time (ms)',
}
LANGUAGES = {
    'process-glib': 'C, `lines`',
    'process-glib-output': 'C, `output`',
    'python-process': 'Python, `lines`',
    'python-process-output': 'Python, `output`',
    'python-process-for': 'Python, `async for`',
    'python-subprocess': 'Python, subprocess',
    'python-asyncio': 'Python, asyncio',
    'python-gio': 'Python, Gio.Subprocess',
    'gjs-process': 'JavaScript, `lines`',
    'gjs-process-output': 'JavaScript, `output`',
    'gjs-process-for': 'JavaScript, `for await`',
    'gjs-gio': 'JavaScript, Gio.Subprocess',
}


def number(value):
    if value is None:
        return '–'
    if abs(value) >= 1000:
        return f'{value:,.0f}'
    return f'{value:.0f}' if abs(value) >= 100 else f'{value:.3g}'


def table(head, rows, left=1):
    """Columns after the first `left` hold numbers."""
    marks = ['---' if i < left else '--:' for i in range(len(head))]
    return '\n'.join('| ' + ' | '.join(row) + ' |' for row in [head, marks, *rows])


def take_over(paths):
    """What is needed of the driver's results: its samples are not."""
    kept = {'cases': {}}
    for path in paths:
        found = json.loads(pathlib.Path(path).read_text())
        meta = found['meta']
        kept['machine'] = {'model': meta['model'], 'cpus': meta['cpus'], 'kernel': meta['kernel'],
                           'date': meta['date'].split()[0]}
        for case in found['results']:
            columns = ['name', 'median', 'ratio_to_limit', 'ratio_iqr_pct', 'second_ratio',
                       *(key for key, _label in case['columns'])]
            kept['cases'][case['case']] = [
                {key: round(row[key], 4) if isinstance(row[key], float) else row[key]
                 for key in columns if row.get(key) is not None} for row in case['rows']]
    return kept


def find(peers, case, name):
    return next((row for row in peers['cases'].get(case, []) if row['name'] == name), None)


def headline(peers, case, name, column, what, unit, target):
    row, limit = find(peers, case, name), find(peers, case, 'limit')
    if row is None or limit is None:
        return None
    value = row['median'] if column is None else row[column]
    base = limit['median'] if column is None else limit[column]
    ratio = row['ratio_to_limit'] if column is None else value / base
    others = [each for each in peers['cases'][case] if not each['name'].startswith((OURS, 'limit'))]
    figure = ratio if target and target[0] == 'x' else value
    wanted = '–' if target is None else (
        f'≤ {target[1]:g}' if target[0] == 'x' else f'≤ {target[1]:g} {unit}')
    met = '' if target is None else ' ✓' if figure <= target[1] else ' ✗'
    best = [each for each in others if column or each.get('ratio_to_limit')]
    key = (lambda each: each.get(column, 1e9)) if column else (
        lambda each: each['ratio_to_limit'])
    rest = ''
    if best:
        ahead = min(best, key=key)
        said = ahead.get(column, 0) / base if column else ahead['ratio_to_limit']
        rest = f'{ahead["name"]} {said:.2f}'
    return [what, f'**{ratio:.2f}**', wanted + met, rest or '–',
            f'{number(value)} {unit}', f'{number(base)} {unit}']


def headlines(peers):
    rows = [row for each in HEADLINES if (row := headline(peers, *each))]
    return table(['', '× limit', 'target', 'the best of the others, × limit', 'process-glib',
                  'limit'], rows)


def all_contenders(peers):
    parts = []
    for case, title in CASES.items():
        rows = [[f'**{row["name"]}**' if row['name'].startswith(OURS) else row['name'],
                 f'{row["ratio_to_limit"]:.2f}' if 'ratio_to_limit' in row else '–',
                 f'±{row["ratio_iqr_pct"] / 2:.0f} %' if 'ratio_iqr_pct' in row else '–',
                 number(row['median']),
                 f'{row["second_ratio"]:.2f}' if 'second_ratio' in row else '–']
                for row in peers['cases'].get(case, [])]
        if rows:
            parts.append(f'**{title}**\n\n' + table(
                ['', '× limit', '', 'median', 'own processor time, × limit'], rows))
    return '\n\n'.join(parts)


def languages(found):
    rows = []
    for name, label in LANGUAGES.items():
        line, start = found['lines'].get(name), found['spawn'].get(name)
        ours = found['lines']['process-glib']
        base = found['spawn']['process-glib']
        rows.append([
            label,
            f'{line["cpu_us"] / ours["cpu_us"]:.1f}' if line else '–',
            number(line['wall_us']) if line else '–', number(line['cpu_us']) if line else '–',
            f'{start["cpu_us"] / base["cpu_us"]:.2f}' if start else '–',
            number(start['wall_us']) if start else '–', number(start['cpu_us']) if start else '–'])
    return table(['', 'a line, × C', 'µs', 'own µs', 'a start, × C', 'µs', 'own µs'], rows)


def growth(found):
    rows = []
    for name, curve in found['curves'].items():
        for figure in curve['figures'].values():
            values, sizes = figure['values'], curve['sizes']
            rows.append([
                f'{name}: {figure["label"]}', f'{sizes[0]:,} … {sizes[-1]:,}',
                f'{number(values[0])} … {number(values[-1])} {figure["unit"]}',
                f'{figure["exponent"]:.2f}', '1' if figure['may_grow'] else '0',
                'too fast' if figure['too_fast'] else 'ok'])
    return table(['', 'sizes', 'from … to', 'exponent', 'may be', ''], rows, 1)


def cost(found):
    rows = []
    for row in found['rows']:
        counts, times = row['instructions'], row['time_us']
        rows.append([
            row['name'], row['of'],
            f'**{counts[0] / max(counts[1], 1):.2f}**' if counts else '–',
            f'{row["ratio"]:.2f}' if row['ratio'] is not None else '–',
            *([number(each) for each in counts] if counts else ['–', '–']),
            *([number(each) for each in times] if times else ['–', '–'])])
    return table(['', 'of a', '×, instructions', '×, time', 'instructions, with', 'without',
                  'µs, with', 'without'], rows, 2)


def describe_machine(results):
    rows = []
    for name, what in (('peers', 'beside others'), ('languages', 'in each language'),
                       ('growth', 'growth'), ('cost', 'cost of safety')):
        machine = results[name]['machine']
        rows.append([what, *(str(machine.get(key, '–')) for key in (
            'model', 'cpus', 'kernel', 'glib', 'date', 'load'))])
    return table(['', 'processor', 'cores', 'Linux', 'GLib', 'date', 'load at the end'], rows, 2)


def fill(page, parts):
    for name, text in parts.items():
        marks = re.compile(f'(<!-- {name}: made by report.py -->\n).*?(<!-- end of {name} -->)',
                           re.S)
        page, n = marks.subn(lambda found: f'{found[1]}\n{text}\n\n{found[2]}', page)
        if n != 1:
            raise SystemExit(f'{PAGE.name} has no place for {name}, or two')
    return page


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--peers', nargs='+', default=[])
    parser.add_argument('--check', action='store_true')
    asked = parser.parse_args()

    if asked.peers:
        kept = json.dumps(take_over(asked.peers), indent=1) + '\n'
        (RESULTS / 'peers.json').write_text(kept)
    results = {name: json.loads((RESULTS / f'{name}.json').read_text())
               for name in ('peers', 'languages', 'growth', 'cost')}
    made = {
        PAGE: fill(PAGE.read_text(), {
            'headlines': headlines(results['peers']),
            'contenders': all_contenders(results['peers']),
            'languages': languages(results['languages']),
            'growth': growth(results['growth']),
            'cost': cost(results['cost']),
            'machine': describe_machine(results),
        }),
        DOCS / 'images' / 'performance.svg': plots.draw_ratios(results['peers']['cases'], CASES),
        DOCS / 'images' / 'growth.svg': plots.draw_growth(results['growth']['curves']),
    }
    wrong = [path.name for path, text in made.items()
             if asked.check and (not path.exists() or path.read_text() != text)]
    if wrong:
        print(f"{', '.join(wrong)}: not what the results make it; run report.py", file=sys.stderr)
        return 1
    for path, text in made.items() if not asked.check else ():
        path.write_text(text)
        print(f'Wrote {path}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
