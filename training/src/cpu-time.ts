/** Milliseconds of processor time that a function takes, all threads together. */
export function cpuMilliseconds(f: () => void): number {
  const start = process.cpuUsage();
  f();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
