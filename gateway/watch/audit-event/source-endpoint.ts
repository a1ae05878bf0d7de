/**
 * The source of a request as OCSF's endpoint. A connection that was reset before it was accepted
 * has no known address; an endpoint needs a name then, since an empty text is no address.
 */
export type SourceEndpoint = { readonly ip: string } | { readonly name: 'unknown' };

/** @param address '' if unknown */
export const toSourceEndpoint = (address: string): SourceEndpoint =>
  address === '' ? { name: 'unknown' } : { ip: address };
