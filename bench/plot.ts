/** One codec's line in a chart. */
export interface Line {
  name: string;
  points: { x: number; y: number }[];
  /** Drawn thick and last. */
  emphasized?: boolean;
}

export interface Chart {
  title: string;
  xLabel: string;
  yLabel: string;
  x: { low: number; high: number };
  y: { low: number; high: number };
  lines: Line[];
}

const COLORS = [
  '#4c78a8',
  '#f58518',
  '#54a24b',
  '#b279a2',
  '#9d755d',
  '#72b7b2',
  '#eeca3b',
  '#7f7f7f',
  '#ff9da6',
];
const EMPHASIS = '#d62728';
const WIDTH = 560;
const HEIGHT = 420;
const MARGIN = { left: 56, right: 16, top: 36, bottom: 48 };

/** Charts side by side as an SVG picture on white. */
export function svg(charts: readonly Chart[]): string {
  const width = WIDTH * charts.length;
  const body = charts.map(
    (chart, i) => `<g transform="translate(${i * WIDTH} 0)">${draw(chart)}</g>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${HEIGHT}" fill="#fff"/>`,
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

function draw(chart: Chart): string {
  const { left, right, top, bottom } = MARGIN;
  const px = (x: number): number =>
    left + ((x - chart.x.low) / (chart.x.high - chart.x.low)) * (WIDTH - left - right);
  const py = (y: number): number =>
    HEIGHT - bottom - ((y - chart.y.low) / (chart.y.high - chart.y.low)) * (HEIGHT - top - bottom);
  const parts = [text(WIDTH / 2, 20, chart.title, 'middle', 'font-weight="bold"')];
  for (const x of ticks(chart.x)) {
    parts.push(segment(px(x), py(chart.y.low), px(x), py(chart.y.high)));
    parts.push(text(px(x), HEIGHT - bottom + 16, label(x), 'middle'));
  }
  for (const y of ticks(chart.y)) {
    parts.push(segment(px(chart.x.low), py(y), px(chart.x.high), py(y)));
    parts.push(text(left - 6, py(y) + 4, label(y), 'end'));
  }
  parts.push(text(WIDTH / 2, HEIGHT - 12, chart.xLabel, 'middle'));
  parts.push(
    `<g transform="rotate(-90 14 ${HEIGHT / 2})">${text(14, HEIGHT / 2, chart.yLabel, 'middle')}</g>`,
  );
  const ordered = [...chart.lines].sort(
    (a, b) => Number(a.emphasized ?? 0) - Number(b.emphasized ?? 0),
  );
  for (const [i, line] of ordered.entries()) {
    const color = line.emphasized ? EMPHASIS : COLORS[i % COLORS.length]!;
    const inside = line.points.filter(
      ({ x, y }) => x >= chart.x.low && x <= chart.x.high && y >= chart.y.low && y <= chart.y.high,
    );
    const path = inside.map(({ x, y }) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`).join(' ');
    const stroke = line.emphasized ? 3 : 1.5;
    parts.push(
      `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="${stroke}"/>`,
    );
    const y = HEIGHT - bottom - 12 - 16 * (ordered.length - 1 - i);
    const x = WIDTH - right - 110;
    parts.push(
      `<line x1="${x}" y1="${y}" x2="${x + 20}" y2="${y}" stroke="${color}" stroke-width="${stroke}"/>`,
    );
    parts.push(text(x + 26, y + 4, line.name, 'start'));
  }
  return parts.join('');
}

/** Round numbers that divide a range into about six. */
function ticks({ low, high }: { low: number; high: number }): number[] {
  const rough = (high - low) / 6;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)!;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

function label(value: number): string {
  return String(Number(value.toFixed(6)));
}

function segment(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#ddd"/>`;
}

function text(x: number, y: number, content: string, anchor: string, more = ''): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" ${more}>${content}</text>`;
}
