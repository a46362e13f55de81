const triesMax = 5;
/** Of eight times the work, what is in proportion takes 8 times as long, and what grows with the square 64: 24 are neither. */
const slack = 3;

/** The least of several: what else the process does, and its first times, only add to it. */
async function leastMs(work: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < triesMax; tries += 1) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}

/** Fails where `much`, which is `times` as much work as `little`, takes far more than so many times as long of a processor. */
export async function takesInProportion(times: number, little: () => unknown, much: () => unknown): Promise<void> {
  const [littleMs, muchMs] = [await leastMs(little), await leastMs(much)];
  if (muchMs <= littleMs * times * slack) return;
  throw new Error(`${muchMs} ms of a processor, and ${littleMs} ms for what is a ${times}th of it`);
}
