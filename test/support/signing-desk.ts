// A desk whose administrators' keys are in another folder, served by `opentke signing-service`.

import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Desk, type Run, type RunOptions } from "./tke-desk.ts";

/** Key ids, and names as the tests give them. */
export const ADMINISTRATORS: Readonly<Record<string, string>> = { alice: "Alice A", bob: "Bob B", carol: "Carol C" };

export interface Entry {
  readonly key: string;
  readonly token?: string;
}

/** What the commands that list crypto units say in JSON. */
export interface Listed {
  readonly units: readonly {
    readonly administrators: readonly { readonly name: string; readonly ski: string }[];
    readonly newRegister: { readonly status: string; readonly verificationPattern: string | null };
    readonly currentRegister: { readonly status: string; readonly verificationPattern: string | null };
  }[];
}

export class SigningDesk extends Desk {
  readonly vault = new Desk();
  readonly portFile = join(this.vault.root, "url");
  /** SKIs in hexadecimal, by key id. */
  readonly skis: Record<string, string> = {};
  tokens: (Entry & { readonly token: string })[] = [];
  #url = "";
  #end = new AbortController();
  #serving: Promise<Run> | undefined;

  /** Makes a fleet here, keys there, and has them served. */
  async open(fleet: string, options = ""): Promise<void> {
    await this.fleet(fleet);
    const password = this.vault.write("pw", "a password\n");
    for (const id of Object.keys(ADMINISTRATORS)) {
      const { ski } = await this.vault.json<{ ski: string }>(`sigkey-add --name ${id} --password-file ${password}`);
      this.skis[id] = ski;
    }
    // A key file that nothing may look at.
    copyFileSync(join(this.vault.files, "1.sigkey"), join(this.files, "1.sigkey"));
    await this.serve(options);
    this.keys(this.tokens);
  }

  async serve(options = ""): Promise<void> {
    const password = join(this.vault.root, "pw");
    const issued = join(this.vault.root, "issued");
    rmSync(issued, { force: true });
    const line = `signing-service --keys '1=alice 2=bob 3=carol' --issue-tokens ${issued} --port-file ${this.portFile} --password-file ${password} ${options}`;
    this.#end = new AbortController();
    this.#serving = this.vault.run(line, { signal: this.#end.signal });
    while (!existsSync(this.portFile)) {
      const ended = await Promise.race([this.#serving, new Promise((resolve) => setTimeout(resolve, 20))]);
      if (ended) throw new Error(`the service ended: ${(ended as Run).screen}`);
    }
    this.#url = readFileSync(this.portFile, "utf8").trim();
    this.tokens = JSON.parse(readFileSync(issued, "utf8")) as typeof this.tokens;
  }

  /** Writes SIGNSERVKEYS. */
  keys(entries: readonly Entry[]): void {
    writeFileSync(join(this.files, "SIGNSERVKEYS"), JSON.stringify(entries));
  }

  /** Removes it. */
  forget(): void {
    rmSync(join(this.files, "SIGNSERVKEYS"));
  }

  override run(line: string, options: RunOptions = {}): Promise<Run> {
    return super.run(line, { ...options, env: { TKE_SIGNSERV_URL: this.#url, ...options.env } });
  }

  /** Patterns of the current master key registers. */
  async currents(): Promise<(string | null)[]> {
    const { units } = await this.json<Listed>("cryptounit-mk");
    return units.map(({ currentRegister }) => currentRegister.verificationPattern);
  }

  /** Ends the service; all that it said. */
  async stop(): Promise<Run> {
    this.#end.abort();
    return this.#serving!;
  }

  override close(): void {
    this.#end.abort();
    super.close();
    this.vault.close();
  }
}
