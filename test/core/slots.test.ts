import { describe, expect, test } from "vitest";
import { Slots } from "../../src/core/slots.ts";

describe("slots", () => {
  test("are taken from 0 up, the last freed first", () => {
    const slots = new Slots("key", 4);
    expect([slots.take(), slots.take(), slots.take()]).toEqual([0, 1, 2]);
    slots.give(1);
    slots.give(0);
    expect(slots.left).toBe(3);
    expect([slots.take(), slots.take(), slots.take()]).toEqual([0, 1, 3]);
    expect(slots.left).toBe(0);
  });

  test("run out", () => {
    const slots = new Slots("unit", 2);
    expect(() => slots.need(3)).toThrow("want 3 free unit slots, got 2 of 2; free some first");
    slots.take();
    slots.take();
    expect(() => slots.take()).toThrow(RangeError);
    slots.give(1);
    expect(slots.take()).toBe(1);
  });

  test.each([0, 2, -1, 0.5, Number.NaN, 2 ** 32])("%d is refused if it is not in use", (slot) => {
    const slots = new Slots("key", 2);
    expect(() => slots.check(slot)).toThrow(`want a key slot in use, got ${slot}`);
    expect(() => slots.give(slot)).toThrow(RangeError);
    expect(slots.left).toBe(2);
  });

  test("closed: none in use, none to be had", () => {
    const slots = new Slots("key", 3);
    const slot = slots.take();
    slots.close();
    expect(() => slots.check(slot)).toThrow(RangeError);
    expect(() => slots.take()).toThrow(RangeError);
  });
});
