// The folder of all workstation files, CLOUDTKEFILES. What is written is whole or not there; files with secrets are never written
// over, and their owner alone can read them.

import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { WorkstationError, WorkstationFolderError } from "./errors.ts";

/** No file of a workstation is larger. */
const MAX_SIZE = 16 * 1024 * 1024;

export class WorkstationFolder {
  readonly path: string;

  /** @throws WorkstationFolderError unless `path` is a folder that can be entered. */
  constructor(path: string | undefined) {
    if (!path)
      throw new WorkstationFolderError("CLOUDTKEFILES is not set; want the folder for signature keys and key parts");
    this.path = resolve(path);
    try {
      if (!statSync(this.path).isDirectory())
        throw new WorkstationFolderError(`CLOUDTKEFILES: '${path}' is not a folder`);
      readdirSync(this.path);
    } catch (cause) {
      if (cause instanceof WorkstationError) throw cause;
      const { code } = cause as NodeJS.ErrnoException;
      throw new WorkstationFolderError(`CLOUDTKEFILES: '${path}' cannot be entered (${code})`, { cause });
    }
  }

  /** Numbers of the files `<n><ending>`, ascending. */
  numbers(ending: string): number[] {
    return readdirSync(this.path)
      .flatMap((name) => {
        const number = basename(name, ending);
        return name.endsWith(ending) && /^[1-9][0-9]{0,8}$/.test(number) ? [Number(number)] : [];
      })
      .sort((a, b) => a - b);
  }

  /** Text of a file; null if there is none. @throws WorkstationError if it cannot be read. */
  read(name: string): string | null {
    const path = join(this.path, name);
    try {
      if (statSync(path).size > MAX_SIZE) throw new WorkstationError(`'${path}': want at most ${MAX_SIZE} bytes`);
      return readFileSync(path, "utf8");
    } catch (cause) {
      if (cause instanceof WorkstationError) throw cause;
      if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw failed(`'${path}' cannot be read`, cause);
    }
  }

  /** Writes `<n><ending>` with the number after the highest there is, which it returns. @throws WorkstationError */
  addNumbered(ending: string, text: string): number {
    for (let number = (this.numbers(ending).at(-1) ?? 0) + 1; ; number++)
      if (this.add(`${number}${ending}`, text)) return number;
  }

  /** Writes a file that is not there yet; false if it is, and nothing was written. @throws WorkstationError */
  add(name: string, text: string): boolean {
    return this.#write(name, text, (draft, path) => {
      linkSync(draft, path);
      rmSync(draft);
    });
  }

  /** Writes a file in place of the one there is. For files without secrets. @throws WorkstationError */
  replace(name: string, text: string): void {
    this.#write(name, text, renameSync);
  }

  /** @throws WorkstationError if there is no such file, or it cannot be removed. */
  remove(name: string): void {
    const path = join(this.path, name);
    try {
      rmSync(path);
    } catch (cause) {
      throw failed(`'${path}' cannot be removed`, cause);
    }
  }

  #write(name: string, text: string, place: (draft: string, path: string) => void): boolean {
    const path = join(this.path, name);
    const draft = join(this.path, `.${name}.${process.pid}.new`);
    try {
      rmSync(draft, { force: true });
      writeWhole(draft, Buffer.from(text));
      place(draft, path);
      return true;
    } catch (cause) {
      rmSync(draft, { force: true });
      if ((cause as NodeJS.ErrnoException).code === "EEXIST") return false;
      throw failed(`'${path}' cannot be written`, cause);
    }
  }
}

/** A new file that its owner alone can read, on the disk when this returns. */
function writeWhole(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, "wx", 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function failed(what: string, cause: unknown): WorkstationError {
  return new WorkstationError(`${what} (${(cause as NodeJS.ErrnoException).code ?? "unknown"})`, { cause });
}
