// Lines typed at a terminal, byte by byte.
import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { type InputStream, streamInput } from "../../src/cli/input.ts";
import { InterruptedError, UsageError } from "../../src/errors.ts";

/** A terminal that is not there: what it was told, and what is typed at it. */
class Terminal extends EventEmitter implements InputStream {
  readonly isTTY: boolean;
  readonly told: string[] = [];

  constructor(isTTY = true) {
    super();
    this.isTTY = isTTY;
  }

  setRawMode(raw: boolean): void {
    this.told.push(raw ? "raw" : "cooked");
  }

  resume(): void {}
  pause(): void {}

  type(text: string): Uint8Array {
    const bytes = new TextEncoder().encode(text);
    this.emit("data", bytes);
    return bytes;
  }
}

function reader(terminal = new Terminal()) {
  const stop = new AbortController();
  const input = streamInput(terminal, (text) => terminal.told.push(text), stop);
  return { terminal, stop, input };
}
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe("typed lines", () => {
  it("are read without their ends, whatever these are", async () => {
    const { input, terminal } = reader();
    for (const end of ["\n", "\r"]) {
      const line = input.line("? ", true);
      terminal.type(`one${end}`);
      expect(text(await line)).toBe("one");
    }
    const line = input.line("? ", true);
    terminal.type("two\r\nthree\r\n");
    expect(text(await line)).toBe("two");
    expect(text(await input.line("? ", true))).toBe("three");
  });

  it("are shown or hidden: raw mode stands before the prompt comes", async () => {
    const { input, terminal } = reader();
    const hidden = input.line("Password> ", false);
    terminal.type("pw\n");
    await hidden;
    expect(terminal.told).toEqual(["raw", "Password> ", "cooked", "\n"]);
    const shown = input.line("Name> ", true);
    terminal.type("x\n");
    await shown;
    expect(terminal.told.slice(4)).toEqual(["Name> "]);
  });

  it("come in pieces, and may be typed ahead", async () => {
    const { input, terminal } = reader();
    const first = input.line("", true);
    for (const piece of ["a", "b", "c\nde"]) terminal.type(piece);
    expect(text(await first)).toBe("abc");
    const second = input.line("", false);
    terminal.type("f\nrest\n");
    expect(text(await second)).toBe("def");
    expect(text(await input.line("", false))).toBe("rest");
  });

  it("can be edited in raw mode: backspace takes a character, control-U the line", async () => {
    const { input, terminal } = reader();
    const line = input.line("", false);
    terminal.type("xyz\u0015p\u00e4\u007f\u2713\b\bass\u0004\n");
    expect(text(await line)).toBe("ass");
  });

  it("keep such bytes where the terminal does the editing", async () => {
    const { input, terminal } = reader(new Terminal(false));
    const line = input.line("", false);
    terminal.type("a\u0015b\n");
    expect(text(await line)).toBe("a\u0015b");
    expect(terminal.told).toEqual([""]);
  });

  it("are wiped from what the stream gave", async () => {
    const { input, terminal } = reader();
    const line = input.line("", false);
    const chunk = terminal.type("secret\n");
    await line;
    expect(chunk).toEqual(new Uint8Array(7));
  });

  it.each(["\u0003", "abc\u0003", "\u0004"])(
    "%j interrupts in raw mode, and leaves the terminal as it was",
    async (keys) => {
      const { input, terminal, stop } = reader();
      const line = input.line("", false);
      terminal.type(keys);
      await expect(line).rejects.toThrow(InterruptedError);
      expect(stop.signal.aborted).toBe(true);
      expect(terminal.told.slice(-2)).toEqual(["cooked", "\n"]);
      expect(terminal.listenerCount("data")).toBe(0);
    },
  );

  it("end with the input, and with an interrupt from outside", async () => {
    const { input, terminal, stop } = reader();
    const first = input.line("", true);
    terminal.emit("end");
    await expect(first).rejects.toThrow(UsageError);
    const second = input.line("", true);
    stop.abort();
    await expect(second).rejects.toThrow(InterruptedError);
    await expect(input.line("", true)).rejects.toThrow(InterruptedError);
  });

  it("have an end", async () => {
    const { input, terminal } = reader();
    const line = input.line("", true);
    terminal.type("x".repeat(4097));
    await expect(line).rejects.toThrow(/at most 4096 bytes/);
  });
});
