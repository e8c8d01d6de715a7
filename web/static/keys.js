// Keys that let the server see that two requests are one: pressing twice, or trying again, never doubles.

export function newKey() {
  // randomUUID is missing on plain HTTP outside this machine.
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
