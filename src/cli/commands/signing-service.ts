// opentke signing-service: administrators' keys, kept where they are, sign for workstations elsewhere.

import type { Command } from "../command.ts";
import { LOG_FORMATS } from "../signing-options.ts";
import { flagOption, PASSWORD_OPTIONS, textOption } from "../tke/tke-command.ts";

export const signingService: Command = {
  name: "signing-service",
  summary: "Sign for other workstations with signature keys of this one, and show what is signed",
  examples: [
    [
      "opentke signing-service --keys '1=alice' --issue-tokens alice.json --port 8444",
      "asks for the key's password; alice.json is for the other side's SIGNSERVKEYS",
    ],
    [
      "opentke signing-service --keys '1 2' --token-file tokens --password-file pw --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem",
      "for others, over TLS",
    ],
    [
      "opentke signing-service --keys 1 --token-file tokens --allow 'export-wk commit-pending-wk' --allow-unit 93AABD1X.22",
      "signs these commands to this crypto unit, and nothing else",
    ],
    ["opentke signing-service --keys 1 --token-file tokens --ask", "shows each request, and signs after a y"],
  ],
  options: {
    keys: textOption("KEYNUM values of the keys that sign; NUM=ID gives a key another id than its KEYNUM"),
    "token-file": textOption(
      "File with the keys' tokens: lines 'sha256:HASH KEY-ID', made with 'opentke serve --hash-token'",
    ),
    "issue-tokens": textOption(
      "File to be made, in the form of SIGNSERVKEYS, with a new token for each key; gone, like the tokens, at the end",
    ),
    ...PASSWORD_OPTIONS,
    host: {
      describe: "Host or address to listen on; others than loopback want TLS",
      default: "127.0.0.1",
      requiresArg: true,
    },
    port: { describe: "Port to listen on; 0 picks a free one", default: 0, requiresArg: true },
    "port-file": textOption("File that gets the URL once it is served, and is removed at the end"),
    "tls-cert": textOption("File with the certificate chain (PEM): serve HTTPS"),
    "tls-key": textOption("File with the certificate's private key (PEM)"),
    "plain-http": flagOption("Serve other hosts without TLS: tokens go over the network as they are"),
    allow: textOption(
      "What is signed: names of commands such as commit-pending-wk, certificate, test, other; all but other if left out",
    ),
    "allow-unit": textOption("Crypto units to which commands are signed, as SERIAL or SERIAL.DOMAIN; any if left out"),
    ask: flagOption("Ask on the terminal before anything is signed"),
    "log-format": {
      describe: "What standard error shows: text (a line for each thing that is signed, or not) or json (all requests)",
      choices: LOG_FORMATS,
      default: "text",
      requiresArg: true,
    },
    log: textOption("File to which all requests are logged, JSON, one a line"),
  },
  run: async (argv, io) => {
    // Loaded when it is wanted: a server brings its own libraries.
    const { serveSignatures } = await import("../signing-serving.ts");
    return serveSignatures(argv, io);
  },
};
