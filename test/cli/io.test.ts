import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { writer } from "../../src/cli/io.ts";
import { progressOn } from "../../src/cli/progress.ts";

/** A stream whose reader goes away after the first write. */
class Pipe extends Writable {
  readonly got: string[] = [];
  readonly #code: string;

  constructor(code: string) {
    super({ decodeStrings: false });
    this.#code = code;
  }

  override _write(chunk: string, _encoding: string, done: (error?: Error) => void): void {
    this.got.push(chunk);
    done(this.got.length === 1 ? undefined : Object.assign(new Error(this.#code), { code: this.#code }));
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("standard streams", () => {
  it("whose reader is gone are written to no more, without a word", async () => {
    const pipe = new Pipe("EPIPE");
    const write = writer(pipe);
    for (const text of ["one", "two", "three", "four"]) {
      write(text);
      await settled();
    }
    expect(pipe.got).toEqual(["one", "two"]);
  });

  it("do not hide other errors", () => {
    const pipe = new Pipe("ENOSPC");
    writer(pipe);
    expect(() => pipe.emit("error", Object.assign(new Error("full"), { code: "ENOSPC" }))).toThrow("full");
  });
});

describe("the progress line", () => {
  it("is overwritten, not too often, and taken away", () => {
    let text = "";
    const io = { err: (more: string) => (text += more), errIsTerminal: true };
    const progress = progressOn(io, false);
    progress.clear();
    expect(text).toBe("");
    progress.show("a");
    progress.show("b");
    progress.clear();
    expect(text).toBe("\r\u001b[Ka\r\u001b[K");
  });
});
