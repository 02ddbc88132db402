/** Measures what a piece of work costs, whatever else the machine does meanwhile. */

/** @returns milliseconds of processor time, asked at any time after the start; this process' own, all of its threads together. */
export function startProcessorTime(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return Math.round((user + system) / 1000);
  };
}
