// Every small change to the structure of a DER message, with all lengths made right again. Random damage hardly ever gets there:
// an element more in a SEQUENCE needs a new length in each SEQUENCE around it.

import { concat } from "../../src/bytes.ts";
import { elementSize, Reader, Writer } from "../../src/wire/der.ts";

export interface Variant {
  /** What was done, for the test's title. */
  readonly change: string;
  readonly bytes: Uint8Array;
}

interface Node {
  readonly tag: number;
  /** Octets of the content before the children: the unused bits of a BIT STRING. */
  readonly prefix: Uint8Array;
  readonly children: readonly Node[] | undefined;
  readonly content: Uint8Array;
}

const NOTHING = new Uint8Array(0);
const NULL: Node = { tag: 0x05, prefix: NOTHING, children: undefined, content: NOTHING };
const EMPTY_STRING: Node = { ...NULL, tag: 0x04 };

/** The message's elements; strings that hold whole elements are opened too. */
function parse(bytes: Uint8Array): Node[] {
  const nodes: Node[] = [];
  const reader = new Reader(bytes);
  while (reader.more) {
    const tag = bytes[reader.offset] as number;
    const content = reader.take(tag, "element");
    const prefix = tag === 0x03 ? content.subarray(0, 1) : NOTHING;
    nodes.push({ tag, prefix, content, children: childrenOf(tag, content.subarray(prefix.length)) });
  }
  return nodes;
}

function childrenOf(tag: number, content: Uint8Array): Node[] | undefined {
  if ((tag & 0x20) !== 0) return parse(content);
  const string = tag === 0x03 || tag === 0x04;
  if (!string || content.length < 2 || ![0x04, 0x30].includes(content[0] as number)) return undefined;
  try {
    return parse(content);
  } catch {
    return undefined;
  }
}

function write(nodes: readonly Node[]): Uint8Array {
  return concat(
    ...nodes.map(({ tag, prefix, children, content }) => {
      const inside = children === undefined ? content : concat(prefix, write(children));
      return new Writer(elementSize(inside.length)).element(tag, inside).finish();
    }),
  );
}

interface Change {
  readonly change: string;
  readonly nodes: readonly Node[];
}

function changesOf(nodes: readonly Node[], path: string, outermost: boolean): Change[] {
  const changes: Change[] = [];
  const add = (change: string, changed: readonly Node[]): void => void changes.push({ change, nodes: changed });
  nodes.forEach((node, i) => {
    const at = `${path}/${i}`;
    if (!outermost) {
      add(`${node.tag === NULL.tag ? "NULL" : "element"} ${at} left out`, nodes.toSpliced(i, 1));
      add(`element ${at} repeated`, nodes.toSpliced(i, 0, node));
      add(`NULL before ${at}`, nodes.toSpliced(i, 0, NULL));
    }
    add(`tag of ${at} changed`, nodes.with(i, { ...node, tag: node.tag ^ 0x01 }));
    if (node.children === undefined) {
      const content = (bytes: Uint8Array): readonly Node[] => nodes.with(i, { ...node, content: bytes });
      add(`${at} longer at its end`, content(concat(node.content, Uint8Array.of(0x01))));
      add(`${at} longer at its front`, content(concat(Uint8Array.of(0x01), node.content)));
      if (node.content.length > 0) add(`${at} shorter`, content(node.content.subarray(0, -1)));
      return;
    }
    for (const inner of changesOf(node.children, at, false)) {
      add(inner.change, nodes.with(i, { ...node, children: inner.nodes }));
    }
    for (const extra of [NULL, EMPTY_STRING]) {
      const children = [...node.children, extra];
      add(`element ${extra.tag} at the end of ${at}`, nodes.with(i, { ...node, children }));
    }
  });
  return changes;
}

/** All variants of a message with one change. */
export function derVariants(message: Uint8Array): Variant[] {
  return changesOf(parse(message), "", true).map(({ change, nodes }) => ({ change, bytes: write(nodes) }));
}
