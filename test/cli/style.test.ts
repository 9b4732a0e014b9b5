import { describe, expect, it } from "vitest";
import { labels, styleFor, table } from "../../src/cli/style.ts";

describe("tables", () => {
  it("put columns three spaces apart and end no line with a space", () => {
    const rows = [
      [1, "true", ""],
      [12, "false", "x"],
    ];
    expect(table(["NUM", "SELECTED", "TYPE"], rows)).toBe(
      ["NUM   SELECTED   TYPE", "1     true", "12    false      x", ""].join("\n"),
    );
  });

  it("are a header alone without rows", () => expect(table(["A", "B"], [])).toBe("A   B\n"));

  it("label values in one column", () =>
    expect(
      labels([
        ["A", "1"],
        ["Long", "2"],
      ]),
    ).toBe("A:      1\nLong:   2\n"));
});

describe("colours", () => {
  const coloured = (env: Record<string, string>, terminal: boolean) => styleFor({ env }, terminal).good("OK") !== "OK";

  it("are for terminals, unless NO_COLOR says no", () => {
    expect(coloured({}, true)).toBe(true);
    expect(coloured({}, false)).toBe(false);
    expect(coloured({ NO_COLOR: "1" }, true)).toBe(false);
    expect(coloured({ NO_COLOR: "" }, true)).toBe(true);
    expect(coloured({ TERM: "dumb" }, true)).toBe(false);
  });

  it.each([
    ["false", true, false],
    ["FALSE", true, false],
    ["true", false, true],
    ["", true, true],
    ["perhaps", false, false],
  ])("IBMCLOUD_COLOR=%s, terminal %s: %s", (value, terminal, expected) => {
    expect(coloured({ IBMCLOUD_COLOR: value }, terminal)).toBe(expected);
    expect(coloured({ IBMCLOUD_COLOR: value, NO_COLOR: "1" }, terminal)).toBe(false);
  });
});
