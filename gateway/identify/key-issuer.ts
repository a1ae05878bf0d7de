/** The issuer of callers that have an API key; no token's issuer may be called so. */
export const keyIssuer = 'urn:fieldgate:api-keys';
