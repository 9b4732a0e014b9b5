// Signature keys of the signing service that TKE_SIGNSERV_URL names: which of them may sign is in SIGNSERVKEYS, and where that has no
// token for a key, it is asked for. Key files are not looked at.

import { readFileSync } from "node:fs";
import { PreconditionError, UsageError } from "../../errors.ts";
import { isLoopback } from "../../server/host.ts";
import { isKeyId } from "../../wire/signing-service.ts";
import { readServiceKeys, type ServiceKeyEntry, SIGNSERVKEYS } from "../../workstation/service-keys.ts";
import type { Administrator, Signer } from "../../workstation/signer.ts";
import type { ServiceKeyAccess, SigningService } from "../../workstation/signing-service.ts";
import { observerOf } from "../verbose.ts";
import { checkedName, NAME_QUESTION, namesIn } from "./administrator-name.ts";
import type { KeySource, NewAdministrator, SourceKey } from "./key-source.ts";
import type { Session } from "./session.ts";

export class ServiceSource implements KeySource {
  readonly remedy = `list more of their keys in '${SIGNSERVKEYS}'`;
  readonly #session: Session;
  readonly #url: string;
  #service: Promise<SigningService> | undefined;

  constructor(session: Session, url: string) {
    this.#session = session;
    this.#url = url;
  }

  async signing(): Promise<SourceKey[]> {
    const named = this.#session.argv["sign-with"];
    const listed = this.#listed();
    const entries = named === undefined ? listed : this.#those(wordsIn(`${named}`), listed, "--sign-with");
    const keys = await this.#withTokens(entries);
    return Promise.all(
      keys.map(async (key) => {
        const signer = await this.#signer(key.id, key);
        return { name: key.id, ski: signer.ski, open: async (): Promise<Signer> => signer };
      }),
    );
  }

  async chooseAdministrator(): Promise<NewAdministrator> {
    this.#refuseFiles();
    const { prompts, argv } = this.#session;
    const listed = readServiceKeys(this.#session.folder) ?? [];
    this.#show(listed);
    const id = await prompts.text("\nEnter the key id of the administrator signature key you wish to load:", "key");
    if (!isKeyId(id))
      throw new UsageError(`--key: want letters, digits and the characters - . _ ~ alone, got '${id}'.`);
    const known = listed.find((entry) => entry.id === id)?.token;
    const token = known ?? (await prompts.password("Enter the token for the administrator signature key:"));
    const { ski } = await this.#signer(id, { id, token });
    const name = checkedName(`${argv["name"] ?? (await prompts.text(NAME_QUESTION, "name"))}`);
    return { name, ski, open: () => this.#administrator(name, { id, token }) };
  }

  async chooseAdministrators(count: number): Promise<() => Promise<Administrator[]>> {
    this.#refuseFiles();
    const { prompts, argv } = this.#session;
    const entries = await this.#chosen(count);
    const names = namesIn(argv["name"], count);
    return async () => {
      const keys = await this.#withTokens(entries);
      if (keys.length < count) throw tooFew(count, keys.length, "with tokens");
      const administrators: Administrator[] = [];
      for (const [at, key] of keys.entries()) {
        const question = `${NAME_QUESTION}\n${key.id}`;
        const name = checkedName(names?.[at] ?? (await prompts.text(question, "name")));
        administrators.push(await this.#administrator(name, key));
      }
      return administrators;
    };
  }

  async close(): Promise<void> {
    await (await this.#service)?.close();
  }

  /** @throws UsageError if an option names a key file */
  #refuseFiles(): void {
    if (this.#session.argv["keynum"] === undefined) return;
    throw new UsageError(
      "--keynum names key files, which are not used while TKE_SIGNSERV_URL names a signing service: use --key.",
    );
  }

  /** @throws PreconditionError if there is no SIGNSERVKEYS; WorkstationError */
  #listed(): ServiceKeyEntry[] {
    const { folder } = this.#session;
    const listed = readServiceKeys(folder);
    if (listed) return listed;
    const problem = `want the keys that are allowed to sign in '${SIGNSERVKEYS}' in ${folder.path}, got no such file`;
    const nextStep = `write it: [{"key": "KEY ID", "token": "TOKEN"}]`;
    throw new PreconditionError([{ unit: "signing service", problem, nextStep }]);
  }

  /** As many of the listed keys as there are to be administrators. @throws PreconditionError, UsageError */
  async #chosen(count: number): Promise<ServiceKeyEntry[]> {
    const listed = this.#listed();
    if (listed.length < count) throw tooFew(count, listed.length, `in '${SIGNSERVKEYS}'`);
    const { argv, prompts } = this.#session;
    if (argv["key"] === undefined && listed.length === count) return listed;
    this.#show(listed);
    const question =
      "\nEnter the key ids of the signature keys you want to use to create administrators:\nSeparate them by spaces.";
    const ids = wordsIn(await prompts.text(question, "key"));
    if (ids.length !== count) throw new UsageError(`administrators: want ${count} key ids, got ${ids.length}.`);
    return this.#those(ids, listed, "--key");
  }

  #those(ids: readonly string[], listed: readonly ServiceKeyEntry[], option: string): ServiceKeyEntry[] {
    return ids.map((id) => {
      const entry = listed.find((one) => one.id === id);
      if (entry) return entry;
      const known = listed.map((one) => one.id).join(", ");
      throw new UsageError(`${option}: want key ids that are in '${SIGNSERVKEYS}' (${known}), got '${id}'.`);
    });
  }

  /** The keys that have a token: without one in the file, the user is asked, and passes over a key with an empty line. */
  async #withTokens(entries: readonly ServiceKeyEntry[]): Promise<ServiceKeyAccess[]> {
    const keys: ServiceKeyAccess[] = [];
    for (const { id, token } of entries) {
      const question = `Enter the token for the signature key identified by:\n${id}\nAn empty line passes it over.`;
      const given = token ?? (await this.#session.prompts.password(question));
      if (given.length > 0) keys.push({ id, token: this.#session.prompts.keep(given) });
    }
    return keys;
  }

  async #signer(name: string, key: ServiceKeyAccess) {
    const { serviceSigner } = await import("../../workstation/service-signer.ts");
    return serviceSigner(await this.#session.core(), await this.#open(), name, key);
  }

  async #administrator(name: string, key: ServiceKeyAccess): Promise<Administrator> {
    const { serviceAdministrator } = await import("../../workstation/service-signer.ts");
    return serviceAdministrator(await this.#session.core(), await this.#signer(name, key));
  }

  /** Loaded when it is wanted: it brings a library of its own. */
  #open(): Promise<SigningService> {
    this.#service ??= this.#connect();
    return this.#service;
  }

  async #connect(): Promise<SigningService> {
    const { SigningService } = await import("../../workstation/signing-service.ts");
    const { argv, io, quiet, json } = this.#session;
    if (!quiet && !json && isOpen(this.#url))
      io.err("Warning: TKE_SIGNSERV_URL is not https: tokens go over the network as they are.\n");
    const file = argv["signserv-ca-file"];
    const ca = file === undefined ? {} : { ca: readCa(`${file}`) };
    return new SigningService({ url: this.#url, signal: io.signal, observer: observerOf(argv, io), ...ca });
  }

  #show(listed: readonly ServiceKeyEntry[]): void {
    if (listed.length === 0) return;
    this.#session.showChoices("key", () => `\nKEY ID\n${listed.map(({ id }) => `${id}\n`).join("")}`);
  }
}

/** Whether others may read what goes there. */
function isOpen(url: string): boolean {
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: "", hostname: "" };
  return protocol === "http:" && !isLoopback(hostname.replace(/^\[|\]$/g, ""));
}

function wordsIn(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter((word) => word !== ""))];
}

function tooFew(count: number, found: number, where: string): PreconditionError {
  const problem = `want ${count} keys of the signing service ${where} for ${count} administrators, got ${found}`;
  const nextStep = `list more keys in '${SIGNSERVKEYS}', or install fewer administrators`;
  return new PreconditionError([{ unit: "signing service", problem, nextStep }]);
}

function readCa(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError(`--signserv-ca-file: '${file}' cannot be read (${code}).`, { cause });
  }
}
