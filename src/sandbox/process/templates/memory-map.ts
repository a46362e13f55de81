/** What is mapped where in a process, from the kernel's own list (/proc/PID/smaps). Pure. */

/** One mapping. Addresses are below 2^47, so they are exact as numbers. */
export type Mapping = {
  start: number;
  end: number;
  readable: boolean;
  writable: boolean;
  executable: boolean;
  shared: boolean;
  /** Bytes from the beginning of the file. */
  offset: number;
  /** '' for memory without a name; `[heap]`, `[stack]` … for what the kernel names. */
  name: string;
  isFile: boolean;
  /** Of its pages, those that are not, or no longer, a file's. */
  ownBytes: number;
  /** Two letters each, as man 5 proc lists them under VmFlags. */
  flags: ReadonlySet<string>;
};

const head = /^([0-9a-f]+)-([0-9a-f]+) ([r-])([w-])([x-])([ps]) ([0-9a-f]+) ([0-9a-f]+:[0-9a-f]+) (\d+) *(.*)$/;
const ownPages = /^(?:Anonymous|Swap): +(\d+) kB$/;

export function parseMappings(smaps: string): Mapping[] {
  const mappings: Mapping[] = [];
  let current: Omit<Mapping, 'flags'> | undefined;
  for (const line of smaps.split('\n')) {
    const own = current === undefined ? null : ownPages.exec(line);
    if (current !== undefined && own !== null) current.ownBytes += Number(own[1]) * 1024;
    if (line.startsWith('VmFlags:')) {
      if (current !== undefined) mappings.push({ ...current, flags: new Set(line.slice(8).trim().split(' ')) });
      current = undefined;
      continue;
    }
    const [, start = '', end = '', r, w, x, p, offset = '', , inode, name = ''] = head.exec(line) ?? [];
    if (r === undefined) continue;
    current = {
      start: Number.parseInt(start, 16),
      end: Number.parseInt(end, 16),
      readable: r === 'r',
      writable: w === 'w',
      executable: x === 'x',
      shared: p === 's',
      offset: Number.parseInt(offset, 16),
      name,
      isFile: inode !== '0',
      ownBytes: 0,
    };
  }
  return mappings;
}
