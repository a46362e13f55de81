import { mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Libc } from './libc.ts';
import { bindReadOnlyShared } from './mounts.ts';

/** `view`: where it is shown, read-only. */
export type View = { path: string; view: string; dev: number; ino: number; isFolder: boolean };

type Mounting = Pick<Libc, 'mount' | 'detach'>;

/** Read-only views of files and folders of the host, at most so many of them; the one unused for longest goes. */
export class Views {
  readonly #libc: Mounting;
  readonly #places: { shared: string; aside: string };
  readonly #prefix: string;
  readonly #max: number;
  /** By the path of what is shown: the one used last is last. */
  readonly #views = new Map<string, View>();
  #made = 0;

  /** `shared`: a folder on a mount that is shared; `aside`: one on a mount that is not. `prefix`: of the names in both. */
  constructor(libc: Mounting, places: { shared: string; aside: string }, prefix: string, max: number) {
    this.#libc = libc;
    this.#places = places;
    this.#prefix = prefix;
    this.#max = max;
  }

  /** Made when it is first asked for, or when there is another file at that path. */
  of(path: string): View {
    const stats = statSync(path);
    const { dev, ino } = stats;
    const known = this.#views.get(path);
    this.#views.delete(path);
    if (known !== undefined && known.dev === dev && known.ino === ino) {
      this.#views.set(path, known);
      return known;
    }
    const oldest = known ?? (this.#views.size >= this.#max ? this.#views.values().next().value : undefined);
    if (oldest !== undefined) this.#remove(oldest);
    const made = { path, view: this.#show(path, stats.isDirectory()), dev, ino, isFolder: stats.isDirectory() };
    this.#views.set(path, made);
    return made;
  }

  #show(path: string, isFolder: boolean): string {
    const name = `${this.#prefix}${this.#made++}`;
    const [view, aside] = [join(this.#places.shared, name), join(this.#places.aside, name)];
    for (const place of [view, aside]) {
      if (isFolder) mkdirSync(place);
      else writeFileSync(place, '');
    }
    bindReadOnlyShared(this.#libc, path, view, aside);
    removePlace(aside, isFolder);
    return view;
  }

  #remove({ path, view, isFolder }: View): void {
    this.#views.delete(path);
    this.#libc.detach(view);
    removePlace(view, isFolder);
  }
}

function removePlace(place: string, isFolder: boolean): void {
  if (isFolder) rmdirSync(place);
  else rmSync(place);
}
