import { describe, expect, it } from "vitest";
import { readUnitList } from "../../src/client/units.ts";
import { WireError } from "../../src/errors.ts";

const entry = (id: string, location = "[us-south].[AZ3-CS3].[02].[03]", serial = "93AABD1X") => {
  return { hsm_id: id, location, serial_number: serial, state: "active", version: 1 };
};

describe("the list of a service instance's units", () => {
  it("numbers operational, recovery and failover units in this order, and reads their places", () => {
    const body = JSON.stringify({
      metadata: [{ collectionType: "x", collectionTotal: 3 }],
      failover_hsms: [entry("c", "[eu].[h].[0].[255]")],
      source_hsms: [entry("b", "[us-east].[AZ1-CS1].[10].[7]", "93AABD2X")],
      hsms: [entry("a")],
    });
    expect(readUnitList("instance", body)).toEqual([
      {
        id: "a",
        instance: "instance",
        type: "operational",
        location: "[us-south].[AZ3-CS3].[02].[03]",
        moduleIndex: 2,
        domainIndex: 3,
        serial: "93AABD1X",
      },
      expect.objectContaining({ id: "b", type: "recovery", moduleIndex: 10, domainIndex: 7, serial: "93AABD2X" }),
      expect.objectContaining({ id: "c", type: "failover", moduleIndex: 0, domainIndex: 255 }),
    ]);
  });

  it("takes an instance without units, and lists that are null or missing", () => {
    expect(readUnitList("i", '{"hsms":[]}')).toEqual([]);
    expect(readUnitList("i", '{"hsms":[],"source_hsms":null,"failover_hsms":null}')).toEqual([]);
  });

  it.each([
    ["an empty body", ""],
    ["no JSON", "oops"],
    ["no object", "[]"],
    ["no list of operational units", '{"source_hsms":[]}'],
    ["null for it", '{"hsms":null}'],
    ["an entry that is no object", '{"hsms":["a"]}'],
    ["no id", JSON.stringify({ hsms: [{ location: "[a].[b].[1].[2]", serial_number: "93AABD1X" }] })],
    ["an id that is no text", JSON.stringify({ hsms: [{ ...entry("a"), hsm_id: 1 }] })],
    ["no serial number", JSON.stringify({ hsms: [{ hsm_id: "a", location: "[a].[b].[1].[2]" }] })],
    ["a short serial number", JSON.stringify({ hsms: [entry("a", undefined, "93AABD1")] })],
    ["a serial number that is not ASCII", JSON.stringify({ hsms: [entry("a", undefined, "93AABD1é")] })],
    ["three parts", JSON.stringify({ hsms: [entry("a", "[a].[3].[7]")] })],
    ["five parts", JSON.stringify({ hsms: [entry("a", "[eu.de].[b].[3].[7]")] })],
    ["no brackets around the indexes", JSON.stringify({ hsms: [entry("a", "a.b.103.1217")] })],
    ["an index that is no number", JSON.stringify({ hsms: [entry("a", "[a].[b].[x].[2]")] })],
    ["a module index too high", JSON.stringify({ hsms: [entry("a", "[a].[b].[256].[2]")] })],
    ["a domain index too high", JSON.stringify({ hsms: [entry("a", "[a].[b].[1].[256]")] })],
    ["one id twice", JSON.stringify({ hsms: [entry("a")], source_hsms: [entry("a")] })],
  ])("refuses %s", (_, body) => {
    expect(() => readUnitList("i", body)).toThrow(WireError);
  });
});
