// Where commands go, setting by setting, and who said so: options say more than the environment, the environment more than
// target.json.
//
// What is kept for an endpoint (token, roots, certificate authority, service instances) counts for that endpoint alone: a token is
// not sent to another one, and a root not trusted for it.

import { ROOT_NAMES } from "../../client/roots.ts";
import { UsageError } from "../../errors.ts";
import type { Arguments } from "../command.ts";
import type { Io } from "../io.ts";
import { readTargetSettings, type TargetSettings } from "./target-file.ts";

/** A setting and where it comes from: an option, a variable, `target.json` or `default`. */
export interface Setting<T> {
  readonly value: T;
  readonly source: string;
}

export interface ResolvedTarget {
  /** Base URL; undefined for the fleet in OPENTKE_HOME. */
  readonly endpoint: Setting<string | undefined>;
  readonly tokenFile: Setting<string | undefined>;
  /** Names of known roots. */
  readonly roots: Setting<readonly string[]>;
  readonly rootFile: Setting<string | undefined>;
  readonly caFile: Setting<string | undefined>;
  readonly resourceGroup: Setting<string>;
  /** Service instances to work with; undefined for all. */
  readonly instances: Setting<readonly string[] | undefined>;
  /** Seconds to wait for an answer. */
  readonly timeout: Setting<number>;
  /** How often a request is sent again that can be. */
  readonly retries: Setting<number>;
}

const TARGET_DEFAULTS = { resourceGroup: "Default", timeout: 60, retries: 2 } as const;
const MAX_TIMEOUT = 3600;
const MAX_RETRIES = 10;

const FILE = "target.json";
const DEFAULT = "default";
const ADDRESS = "TKE_PRIVATE_ADDR";
const TIMEOUT = "IBMCLOUD_HTTP_TIMEOUT";

/** What a command works with. @throws UsageError if a setting makes no sense. */
export function resolveTarget(argv: Arguments, io: Pick<Io, "env">): ResolvedTarget {
  const kept = readTargetSettings(io);
  const given = optionsOf(argv);
  const endpoint = first(
    [given.endpoint, "--endpoint"],
    [io.env[ADDRESS] || undefined, ADDRESS],
    [kept.endpoint, FILE],
  );
  // What is kept belongs to the endpoint that is kept with it, be it none.
  const own: TargetSettings = sameEndpoint(endpoint.value, kept.endpoint) ? kept : {};
  const trustGiven = given.roots !== undefined || given.rootFile !== undefined;
  const trusted = trustGiven ? {} : own;
  return {
    endpoint,
    tokenFile: first([given.tokenFile, "--token-file"], [own.tokenFile, FILE]),
    roots: orElse([], first([given.roots, "--root"], [trusted.roots, FILE])),
    rootFile: first([given.rootFile, "--root-file"], [trusted.rootFile, FILE]),
    caFile: first([given.caFile, "--ca-file"], [own.caFile, FILE]),
    resourceGroup: orElse(
      TARGET_DEFAULTS.resourceGroup,
      first([given.resourceGroup, "--resource-group"], [kept.resourceGroup, FILE]),
    ),
    instances: first([given.instances, "--instance-id"], [own.instances, FILE]),
    timeout: orElse(
      TARGET_DEFAULTS.timeout,
      first(
        [given.timeout, "--timeout"],
        [number(io.env[TIMEOUT] || undefined, TIMEOUT, 1, MAX_TIMEOUT), TIMEOUT],
        [kept.timeout, FILE],
      ),
    ),
    retries: orElse(TARGET_DEFAULTS.retries, first([given.retries, "--retries"], [kept.retries, FILE])),
  };
}

/** What the options say, as target.json has it. @throws UsageError */
export function optionsOf(argv: Arguments): TargetSettings {
  const text = (option: string) => (argv[option] === undefined ? undefined : `${argv[option]}`);
  const settings = {
    endpoint: text("endpoint"),
    tokenFile: text("token-file"),
    roots: rootNames(text("root")),
    rootFile: text("root-file"),
    caFile: text("ca-file"),
    resourceGroup: text("resource-group"),
    instances: words(text("instance-id")),
    timeout: number(text("timeout"), "--timeout", 1, MAX_TIMEOUT),
    retries: number(text("retries"), "--retries", 0, MAX_RETRIES),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** Whether two URLs mean one endpoint. */
export function sameEndpoint(one: string | undefined, other: string | undefined): boolean {
  return normal(one) === normal(other);
}

function normal(url: string | undefined): string | undefined {
  return (url !== undefined && URL.canParse(url) ? new URL(url).href : url)?.replace(/\/+$/, "");
}

/** The first of these that is there. */
function first<T>(...candidates: readonly (readonly [T | undefined, string])[]): Setting<T | undefined> {
  for (const [value, source] of candidates) if (value !== undefined) return { value, source };
  return { value: undefined, source: DEFAULT };
}

function orElse<T>(fallback: T, { value, source }: Setting<T | undefined>): Setting<T> {
  return { value: value ?? fallback, source };
}

function words(text: string | undefined): string[] | undefined {
  const list = text?.split(/[\s,]+/).filter((word) => word !== "");
  return list && list.length > 0 ? list : undefined;
}

function rootNames(text: string | undefined): string[] | undefined {
  const names = text === undefined ? undefined : (words(text) ?? []);
  const wrong = names?.find((name) => !ROOT_NAMES.includes(name));
  if (wrong !== undefined || names?.length === 0)
    throw new UsageError(`--root: want ${ROOT_NAMES.join(", ")}, got '${wrong ?? ""}'.`);
  return names;
}

function number(text: string | undefined, name: string, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^[0-9]{1,9}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  throw new UsageError(`${name}: want ${least} to ${most}, got '${text}'.`);
}
