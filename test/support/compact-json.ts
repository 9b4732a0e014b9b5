// JSON as people read it: what is flat, or fits, is in one line.

const WIDTH = 140;

export function compactJson(value: unknown, indent = ""): string {
  const whole = oneLine(value);
  if (typeof value !== "object" || value === null || isFlat(value) || indent.length + whole.length <= WIDTH)
    return whole;
  const deeper = `${indent}  `;
  const inside = Array.isArray(value)
    ? value.map((each) => `${deeper}${compactJson(each, deeper)}`)
    : Object.entries(value).map(([name, each]) => `${deeper}${JSON.stringify(name)}: ${compactJson(each, deeper)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${inside.join(",\n")}\n${indent}${close}`;
}

function isFlat(value: object): boolean {
  return Object.values(value).every((each) => typeof each !== "object" || each === null);
}

function oneLine(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(oneLine).join(", ")}]`;
  const fields = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${oneLine(each)}`);
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}
