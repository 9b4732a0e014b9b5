// Names of hosts: which of them only this machine can reach, and how they look in a URL.

import { isIPv6 } from "node:net";

const LOOPBACK = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/i;

/** Whether nobody but this machine reaches what listens on `host`. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** The host part of a URL; for a wildcard address, one that can be connected to. */
export function urlHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  const name = host === "::" ? "::1" : host;
  return isIPv6(name) ? `[${name}]` : name;
}
