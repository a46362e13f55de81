const triesMax = 3;
const growth = 6;

/**
 * Looks at something while something else lasts, so many milliseconds. `look` gets how many, and answers whether it came
 * in time: where not, because the machine had something else to do, it is called again with six times as many, and once
 * more with six times those. Who would be too late however long it lasts fails.
 */
export async function inTime(lastsMs: number, look: (lastsMs: number) => Promise<boolean>): Promise<void> {
  let nextMs = lastsMs;
  for (let tries = 0; tries < triesMax; tries += 1, nextMs *= growth) if (await look(nextMs)) return;
  throw new Error(`it came too late each time, the last time after ${nextMs / growth / 1000} s`);
}
