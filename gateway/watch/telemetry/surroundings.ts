/**
 * Names that spans and metrics share: from the configuration and closed lists, never a caller's.
 */
import type { RequestRecord, UpstreamCall } from '../../request.ts';

export interface Peer {
  readonly address: string;
  readonly port: number;
  readonly scheme: string;
}

export interface Surroundings {
  readonly scheme: 'http' | 'https';
  /** Path of the GraphQL endpoint. */
  readonly route: string;
  /** The peer of each upstream, by the upstream's name. */
  readonly upstreams: ReadonlyMap<string, Peer>;
}

/** The peer that an upstream's URL names. */
export function toPeer(url: string): Peer {
  const { hostname, port, protocol } = new URL(url);
  const scheme = protocol.slice(0, -1);
  const byDefault = scheme === 'https' ? 443 : 80;
  return { address: hostname, port: port === '' ? byDefault : Number(port), scheme };
}

const methods = new Set([
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'HEAD',
  'OPTIONS',
  'CONNECT',
  'TRACE',
  'QUERY',
]);

/** The method if HTTP knows it, else `_OTHER`: it is the caller's text. */
export const toMethod = (text: string): string => (methods.has(text) ? text : '_OTHER');

/** The endpoint's path if the request is known to have been for it, else ''. */
export function toRoute({ caller, refusal }: RequestRecord, { route }: Surroundings): string {
  return caller !== undefined || refusal?.reason.startsWith('identify/') === true ? route : '';
}

export interface CallNames {
  readonly method: string;
  /** Such as `/employees/{id}`; '' for GraphQL. */
  readonly template: string;
  readonly operationType: string;
  readonly peer: Peer | undefined;
}

const rest = /^([A-Z]+) (\/.*)$/;

export function toCallNames(call: UpstreamCall, { upstreams }: Surroundings): CallNames {
  const [, method, template = ''] = rest.exec(call.operation) ?? [];
  const isGraphql = call.operation === 'query' || call.operation === 'mutation';
  return {
    method: method === undefined ? 'POST' : toMethod(method),
    template,
    operationType: isGraphql ? call.operation : '',
    peer: upstreams.get(call.upstream),
  };
}
