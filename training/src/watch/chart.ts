const WIDTH = 560;
const HEIGHT = 220;
const COLOURS = ['#1f77b4', '#d62728', '#2ca02c', '#9467bd', '#ff7f0e', '#17becf'];

/** A line of a chart; points without a number are left out. */
export interface Series {
  name: string;
  points: [x: number, y: number | null][];
}

/** Means of neighbours, so that some 300 points are left: single points are noise. */
export function smooth(series: Series[]): Series[] {
  return series.map(({ name, points }) => {
    const run = Math.max(1, Math.ceil(points.length / 300));
    const out: Series['points'] = [];
    for (let i = 0; i < points.length; i += run) {
      const part = points.slice(i, i + run).filter((p) => p[1] !== null) as [number, number][];
      if (part.length === 0) continue;
      const mean = (k: 0 | 1) => part.reduce((sum, p) => sum + p[k], 0) / part.length;
      out.push([mean(0), mean(1)]);
    }
    return { name, points: out };
  });
}

/** One chart as SVG, with the range of both axes written at their ends. */
export function chart(title: string, series: Series[]): string {
  const all = series.flatMap((s) => s.points).filter((p) => p[1] !== null) as [number, number][];
  if (all.length === 0) return '';
  const range = (k: 0 | 1): [number, number] => {
    const values = all.map((p) => p[k]);
    return [Math.min(...values), Math.max(...values)];
  };
  const [x0, x1] = range(0);
  const [y0, y1] = range(1);
  const [left, right, top, bottom] = [60, WIDTH - 10, 30, HEIGHT - 40];
  const px = (x: number) => left + ((x - x0) / (x1 - x0 || 1)) * (right - left);
  const py = (y: number) => bottom - ((y - y0) / (y1 - y0 || 1)) * (bottom - top);
  const lines = series.map(({ name, points }, i) => {
    const colour = COLOURS[i % COLOURS.length];
    const path = points
      .filter((p) => p[1] !== null)
      .map(([x, y]) => `${px(x).toFixed(1)},${py(y as number).toFixed(1)}`)
      .join(' ');
    return (
      `<polyline points="${path}" fill="none" stroke="${colour}"/>` +
      `<text x="${left + 85 * i}" y="${HEIGHT - 5}" fill="${colour}">${name}</text>`
    );
  });
  const short = (v: number) => String(Number(v.toPrecision(4)));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">
<title>${title}</title>
<text x="${left}" y="16">${title}</text>
<path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="#999"/>
<text x="4" y="${top + 8}">${short(y1)}</text><text x="4" y="${bottom}">${short(y0)}</text>
<text x="${left}" y="${bottom + 14}">${short(x0)}</text>
<text x="${right}" y="${bottom + 14}" text-anchor="end">${short(x1)}</text>
${lines.join('\n')}
</svg>`;
}
