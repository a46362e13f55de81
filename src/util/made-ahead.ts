/** Things that take long to make and do not depend on who wants one: a few are made while nobody waits. */
export type MadeAhead<Thing> = {
  /** One that was made, or a new one. */
  take(): Thing;
  /** Those that were made are no longer good. */
  drop(): void;
};

/** `later`: calls what it is given when there is time. `max`: how many are kept. */
export function createMadeAhead<Thing>({
  make,
  max,
  later,
}: {
  make: () => Thing;
  max: number;
  later: (task: () => void) => void;
}): MadeAhead<Thing> {
  let things: Thing[] = [];
  let isDue = false;
  const fill = (): void => {
    isDue = false;
    while (things.length < max) things.push(make());
  };
  const order = (): void => {
    if (isDue) return;
    isDue = true;
    later(fill);
  };
  order();
  return {
    take() {
      order();
      return things.pop() ?? make();
    },
    drop() {
      things = [];
      order();
    },
  };
}
