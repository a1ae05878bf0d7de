/**
 * Where something came from, as OCSF's endpoint. Of a connection that was reset before it was taken
 * nobody knows; an endpoint must be called something, and an empty text is no address.
 */
export type SourceEndpoint = { readonly ip: string } | { readonly name: 'unknown' };

/** @param address '' where it is not known */
export const toSourceEndpoint = (address: string): SourceEndpoint =>
  address === '' ? { name: 'unknown' } : { ip: address };
