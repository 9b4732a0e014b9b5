// Lines that the user types, in bytes: a password never becomes text. On a terminal a password is read in raw mode, so that it is not
// shown; the prompt comes after the switch, so that who waits for it and types at once is not shown either.

import { unmoved } from "../bytes.ts";
import { InterruptedError, UsageError } from "../errors.ts";

export interface Input {
  readonly isTerminal: boolean;
  /**
   * Shows `prompt` and reads a line, without its end. The caller wipes it.
   * @param echo false: what is typed is not shown
   * @throws UsageError at the end of the input, InterruptedError
   */
  line(prompt: string, echo: boolean): Promise<Uint8Array>;
}

/** What is needed of process.stdin. */
export interface InputStream {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  on(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  off(event: "data", listener: (chunk: Uint8Array) => void): unknown;
  off(event: "end", listener: () => void): unknown;
  resume(): unknown;
  pause(): unknown;
  /** Whether the process waits for this stream before it ends. */
  ref?(): unknown;
  unref?(): unknown;
}

const MAX_LINE = 4096;
const Key = { CtrlC: 0x03, CtrlD: 0x04, Backspace: 0x08, Lf: 0x0a, Cr: 0x0d, CtrlU: 0x15, Delete: 0x7f } as const;

/** @param stop the user's interrupt: reading ends with it, and in raw mode begins it */
export function streamInput(
  stream: InputStream,
  show: (text: string) => void,
  stop: { readonly signal: AbortSignal; abort(): void },
): Input {
  const typed = new TypedLine();
  let waiting: Uint8Array[] = [];
  const take = (hidden: boolean): Uint8Array | null => {
    while (waiting.length > 0) {
      const chunk = waiting.shift()!;
      const rest = typed.feed(chunk, hidden);
      if (rest === null) continue;
      if (rest < chunk.length) waiting = [chunk.subarray(rest), ...waiting];
      return typed.finish();
    }
    return null;
  };
  const read = (hidden: boolean): Promise<Uint8Array> =>
    new Promise((resolve, reject) => {
      const settle = (work: () => void): void => {
        stream.off("data", onData);
        stream.off("end", onEnd);
        stop.signal.removeEventListener("abort", onStop);
        stream.pause();
        stream.unref?.();
        work();
      };
      const attempt = (): void => {
        try {
          const line = take(hidden);
          if (line) settle(() => resolve(line));
        } catch (error) {
          if (error instanceof InterruptedError) stop.abort();
          else settle(() => reject(error));
        }
      };
      const onData = (chunk: Uint8Array): void => {
        waiting.push(chunk);
        attempt();
      };
      const onEnd = (): void => settle(() => reject(new UsageError("The input ended before the answer.")));
      const onStop = (): void => settle(() => reject(new InterruptedError("Interrupted; nothing was changed.")));
      stream.on("data", onData);
      stream.on("end", onEnd);
      stop.signal.addEventListener("abort", onStop);
      if (stop.signal.aborted) onStop();
      else if (waiting.length > 0) attempt();
      stream.ref?.();
      stream.resume();
    });
  const isTerminal = stream.isTTY === true;
  return {
    isTerminal,
    async line(prompt, echo) {
      const hidden = !echo && isTerminal;
      if (hidden) stream.setRawMode?.(true);
      try {
        show(prompt);
        return await read(hidden);
      } finally {
        if (hidden) {
          stream.setRawMode?.(false);
          show("\n");
        }
      }
    },
  };
}

/** A line as far as it has been typed. */
class TypedLine {
  readonly #bytes = new Uint8Array(MAX_LINE);
  #length = 0;
  #afterCr = false;

  /**
   * Takes bytes up to the end of the line, and wipes them. Out: where the next line begins; null if the line is not finished.
   * @param raw the terminal does no editing: it is done here
   * @throws InterruptedError, UsageError
   */
  feed(chunk: Uint8Array, raw: boolean): number | null {
    for (const [at, byte] of chunk.entries()) {
      chunk[at] = 0;
      const endOfCrLf = this.#afterCr && byte === Key.Lf;
      this.#afterCr = byte === Key.Cr;
      if (endOfCrLf) continue;
      if (byte === Key.Lf || byte === Key.Cr) return at + 1;
      if (raw && this.#edits(byte)) continue;
      if (this.#length === MAX_LINE) throw new UsageError(`want a line of at most ${MAX_LINE} bytes.`);
      this.#bytes[this.#length++] = byte;
    }
    return null;
  }

  /** A copy of the line; this one is empty again. */
  finish(): Uint8Array {
    const line = unmoved(this.#length);
    line.set(this.#bytes.subarray(0, this.#length));
    this.#clear();
    return line;
  }

  #edits(byte: number): boolean {
    if (byte === Key.CtrlC || (byte === Key.CtrlD && this.#length === 0)) {
      this.#clear();
      throw new InterruptedError("Interrupted; nothing was changed.");
    }
    if (byte === Key.CtrlU) this.#clear();
    else if (byte === Key.Backspace || byte === Key.Delete) this.#eraseCharacter();
    else return byte === Key.CtrlD;
    return true;
  }

  /** One character of UTF-8: its last bytes are 80..BF. */
  #eraseCharacter(): void {
    while (this.#length > 0) {
      const byte = this.#bytes[--this.#length]!;
      this.#bytes[this.#length] = 0;
      if ((byte & 0xc0) !== 0x80) return;
    }
  }

  #clear(): void {
    this.#bytes.fill(0);
    this.#length = 0;
  }
}
