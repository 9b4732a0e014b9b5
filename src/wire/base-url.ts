// The base URL of an HTTP interface, as users give it.

/** What {@link baseUrl} takes, for messages. */
export const WANTED_URL = "a URL such as https://host:port, without user, query and fragment";

/** The URL; null if the text is none, or none to build on. */
export function baseUrl(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password) return null;
  return url;
}
