import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname } from 'node:path';

/** What a disk has of files when the power goes: what was synced, under names that were. Begins when it is made. */
export class Disk {
  readonly #files = new Map<string, Buffer>();
  readonly #open = new Map<number, string>();
  readonly #renamed: [string, string][] = [];
  readonly #real = { openSync: fs.openSync, fsyncSync: fs.fsyncSync, renameSync: fs.renameSync };

  constructor() {
    const { openSync, fsyncSync, renameSync } = this.#real;
    const opened = (...args: Parameters<typeof openSync>) => {
      const fd = openSync(...args);
      this.#open.set(fd, String(args[0]));
      return fd;
    };
    const synced = (fd: number) => {
      fsyncSync(fd);
      this.#sync(this.#open.get(fd) ?? '');
    };
    const renamed = (...[from, to]: Parameters<typeof renameSync>) => {
      renameSync(from, to);
      this.#renamed.push([String(from), String(to)]);
    };
    Object.assign(fs, { openSync: opened, fsyncSync: synced, renameSync: renamed });
    syncBuiltinESMExports();
  }

  /** The content of a file after a loss of power; undefined where the disk has no such file. */
  after(path: string): string | undefined {
    return this.#files.get(path)?.toString();
  }

  /** Files are the system's again. */
  end(): void {
    Object.assign(fs, this.#real);
    syncBuiltinESMExports();
  }

  #sync(path: string): void {
    if (!fs.statSync(path).isDirectory()) {
      this.#files.set(path, fs.readFileSync(path));
      return;
    }
    for (const [from, to] of this.#renamed.filter(([, name]) => dirname(name) === path)) {
      const content = this.#files.get(from);
      this.#files.delete(from);
      if (content !== undefined) this.#files.set(to, content);
    }
    this.#renamed.length = 0;
  }
}
