// opentke root: the key that the certificate chains of the fleet's modules end in, for clients to pin.

import { toHex } from "../../bytes.ts";
import { readStore } from "../../fleet/store/open.ts";
import { type Command, oneOf } from "../command.ts";
import { opentkeHome } from "../home.ts";
import { OUTPUT_OPTION, OUTPUTS } from "../options.ts";
import { labels } from "../style.ts";

/** Bytes of a coordinate. */
const COORDINATE = 66;

export const root: Command = {
  name: "root",
  summary: "Print the root key of the fleet's modules, which clients pin in place of IBM's",
  examples: [["opentke root --output json > root.json", "subject key identifier, X, Y and certificate"]],
  options: OUTPUT_OPTION,
  run: async (argv, io) => {
    const output = oneOf(argv, "output", OUTPUTS);
    const store = await readStore(opentkeHome(io.env));
    const { rootPublicKey, rootCertificate } = store.root;
    const { root: ski } = store.head();
    store.close();
    const pin = {
      ski,
      x: toHex(rootPublicKey.subarray(1, 1 + COORDINATE)),
      y: toHex(rootPublicKey.subarray(1 + COORDINATE)),
      certificate: toHex(rootCertificate),
    };
    const text = labels([
      ["Subject key identifier", pin.ski],
      ["X", pin.x],
      ["Y", pin.y],
      ["Certificate", pin.certificate],
    ]);
    io.out(output === "json" ? `${JSON.stringify(pin, null, 2)}\n` : text);
  },
};
