/** Milliseconds of processor time that a function takes, all threads together. */
export function cpuMilliseconds(f: () => void): number {
  const start = process.cpuUsage();
  f();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** The middle one, or the upper of the two. */
export function median(values: readonly number[]): number {
  return values.slice().sort((a, b) => a - b)[values.length >> 1];
}
