// Programs at a terminal, driven as scripts in the field do it: wait for a text, type a line, read the rest to the end.
//
// The terminal is a pseudo-terminal of the system where Python makes one. Nothing of Node or npm can, so everywhere the same runs go
// through pipes that pass for a terminal too (test/children/opentke.ts), and no test depends on Python.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";

export const TERMINALS: readonly string[] = ["pipes", ...(hasPython() ? ["pseudo-terminal"] : [])];

/** Starts a program at a new pseudo-terminal, passes bytes both ways, ends with its exit code. */
const RELAY = `
import os, pty, select, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
inputs = [fd, 0]
while True:
    for ready in select.select(inputs, [], [])[0]:
        try:
            data = os.read(ready, 4096)
        except OSError:
            data = b""
        if ready == 0:
            if data: os.write(fd, data)
            else: inputs.remove(0)
        elif data: os.write(1, data)
        else:
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

function hasPython(): boolean {
  const test = "import pty, os; os.waitstatus_to_exitcode";
  return process.platform !== "win32" && spawnSync("python3", ["-c", test], { stdio: "ignore" }).status === 0;
}

/** One program at one terminal. */
export class AtTerminal {
  static readonly #running = new Set<ChildProcess>();

  readonly #child: ChildProcess;
  readonly #closed: Promise<number | null>;
  #screen = "";
  #seen = 0;
  #changed: () => void = () => {};

  constructor(terminal: string, program: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    const line = [process.execPath, program, ...args];
    const real = terminal === "pseudo-terminal";
    const [file, ...rest] = real ? ["python3", "-c", RELAY, ...line] : line;
    this.#child = spawn(file!, rest, {
      stdio: ["pipe", "pipe", real ? "inherit" : "pipe"],
      env: { PATH: process.env["PATH"], ...env, ...(real ? {} : { OPENTKE_TEST_TERMINAL: "1" }) },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (data: Buffer) => {
        this.#screen += data.toString("utf8");
        this.#changed();
      });
    AtTerminal.#running.add(this.#child);
    this.#closed = new Promise((resolve) => {
      this.#child.on("close", (code) => {
        AtTerminal.#running.delete(this.#child);
        resolve(code);
        this.#changed();
      });
    });
  }

  /** Ends the programs that a failed test has left. */
  static endAll(): void {
    for (const child of AtTerminal.#running) child.kill();
  }

  /**
   * Waits until the program shows `text`, after what was waited for before. Out: how much of the screen that is.
   * @throws Error if it ends without
   */
  async expect(text: string): Promise<number> {
    let over = false;
    void this.#closed.then(() => {
      over = true;
    });
    for (;;) {
      const at = this.#screen.indexOf(text, this.#seen);
      if (at >= 0) {
        this.#seen = at + text.length;
        return this.#seen;
      }
      if (over) throw new Error(`want '${text}', got the end of:\n${this.#screen}`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  type(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** All that was shown, when the program has ended. */
  async end(): Promise<{ screen: string; code: number | null }> {
    const code = await this.#closed;
    return { screen: this.#screen, code };
  }
}
