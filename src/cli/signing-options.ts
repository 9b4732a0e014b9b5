// Words of the signing service's options; apart from the service, so that to list them is not to load it.

export const LOG_FORMATS = ["text", "json"] as const;
