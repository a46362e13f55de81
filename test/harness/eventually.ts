/** Looks until `look` answers something, at most `waitMs`; what it last said goes into the error. */
export async function eventually<Value>(
  what: string,
  waitMs: number,
  look: () => Promise<Value | undefined>,
): Promise<Value> {
  const endMs = performance.now() + waitMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > endMs) throw new Error(`${what}: not within ${waitMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
