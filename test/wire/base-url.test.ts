import { expect, it } from "vitest";
import { baseUrl } from "../../src/wire/base-url.ts";

it.each(["https://host", "http://127.0.0.1:8080/", "https://host:8443/a/path"])("takes %s", (text) => {
  expect(baseUrl(text)?.href).toBe(new URL(text).href);
});

it.each([
  "",
  "host:8443",
  "ftp://host",
  "https://user@host",
  "https://:pw@host",
  "https://host/?a=b",
  "https://host/#a",
])("takes no '%s'", (text) => expect(baseUrl(text)).toBeNull());
