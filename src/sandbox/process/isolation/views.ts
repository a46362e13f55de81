import { mkdirSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert } from '../../../util/assert.ts';
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
  /** By how many each is held: one that is stays. */
  readonly #holders = new Map<View, number>();
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
    const view = this.#find(path);
    assert(view !== undefined, 'where views are held, each is');
    return view;
  }

  /** The same, and it stays until it has been given back. Undefined: those that would have to go for it are held. */
  hold(path: string): View | undefined {
    const view = this.#find(path);
    if (view !== undefined) this.#holders.set(view, (this.#holders.get(view) ?? 0) + 1);
    return view;
  }

  giveBack(view: View): void {
    const holders = this.#holders.get(view);
    assert(holders !== undefined, 'who gives a view back has held it');
    if (holders > 1) this.#holders.set(view, holders - 1);
    else this.#holders.delete(view);
  }

  #find(path: string): View | undefined {
    const stats = statSync(path);
    const { dev, ino } = stats;
    const known = this.#views.get(path);
    if (known !== undefined && known.dev === dev && known.ino === ino) {
      this.#views.delete(path);
      this.#views.set(path, known);
      return known;
    }
    if (known !== undefined || this.#views.size >= this.#max) {
      const oldest = known ?? this.#views.values().find((one) => !this.#holders.has(one));
      if (oldest === undefined || this.#holders.has(oldest)) return undefined;
      this.#remove(oldest);
    }
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
