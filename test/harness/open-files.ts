import { readdir, stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';

/** How many files a process has open, those left out that are namespaces: they are made for later, while nobody wants any. */
export async function openFiles(pid: number): Promise<number> {
  // What has been closed is let go at the end of a turn of the event loop.
  for (let turn = 0; turn < 3; turn++) await setImmediate();
  const [namespaces, ...files] = await Promise.all(
    ['ns/net', ...(await readdir(`/proc/${pid}/fd`)).map((fd) => `fd/${fd}`)].map((file) =>
      stat(`/proc/${pid}/${file}`).catch(() => undefined),
    ),
  );
  return files.filter((file) => file !== undefined && file.dev !== namespaces?.dev).length;
}
