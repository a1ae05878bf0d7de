/** The issuer of callers identified by an API key; no token issuer may have this name. */
export const keyIssuer = 'urn:fieldgate:api-keys';
