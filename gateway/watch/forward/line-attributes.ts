/**
 * The flat attributes that are sent beside an audit line, so that a SIEM can search without parsing
 * the body. Only what the event says; missing parts and parts of a wrong type are left out. Pure.
 */

import type { AttributeValue } from './write-attribute.ts';

/** The parts of an audit event that the forwarder reads; any of them may be missing. */
export interface LooseEvent {
  readonly metadata?: { readonly uid?: unknown };
  readonly time?: unknown;
  readonly severity_id?: unknown;
  readonly status_id?: unknown;
  readonly status_code?: unknown;
  readonly actor?: {
    readonly user?: { readonly uid?: unknown };
    readonly app_uid?: unknown;
    readonly session?: { readonly uid?: unknown };
  };
  readonly src_endpoint?: {
    readonly ip?: unknown;
    readonly location?: { readonly country?: unknown };
  };
  readonly dst_endpoint?: { readonly svc_name?: unknown } | undefined;
  readonly http_request?: {
    readonly http_method?: unknown;
    readonly user_agent?: unknown;
    readonly url?: { readonly path?: unknown };
  };
  readonly http_response?: { readonly code?: unknown };
  readonly trace?:
    | { readonly uid?: unknown; readonly span?: { readonly uid?: unknown } }
    | undefined;
  readonly policy?: { readonly uid?: unknown };
  /** In a finding, these name the caller and the address. */
  readonly evidences?: readonly Pick<LooseEvent, 'actor' | 'src_endpoint'>[];
  readonly unmapped?: { readonly gateway?: LooseGateway };
}

export interface LooseGateway {
  readonly decision?: unknown;
  readonly reason?: unknown;
  readonly request?: unknown;
  readonly field?: unknown;
  readonly count?: unknown;
  readonly detector?: unknown;
  readonly orphan?: unknown;
  readonly rule?: unknown;
  readonly roles?: unknown;
  readonly operation?:
    | { readonly type?: unknown; readonly name?: unknown; readonly hash?: unknown }
    | undefined;
  readonly policy?: { readonly version?: unknown; readonly digest?: unknown } | undefined;
  readonly delivered?: unknown;
  readonly chain?: { readonly id?: unknown; readonly seq?: unknown };
}

export type Put = (name: string, value: AttributeValue) => void;

/** All attributes but the place in the chain, in their order on the wire. */
export function eachFact(event: LooseEvent, put: Put): void {
  const gateway = event.unmapped?.gateway;
  const about = event.evidences?.[0];
  eachOwn(event, put);
  eachOfCaller(event.actor ?? about?.actor, put);
  eachOfRoles(gateway?.roles, put);
  eachOfOperation(gateway?.operation, put);
  eachOfPolicy(gateway?.policy, put);
}

/** The attributes that differ between requests. */
function eachOwn(event: LooseEvent, put: Put): void {
  const gateway = event.unmapped?.gateway;
  text(put, 'log.record.uid', event.metadata?.uid);
  text(put, 'client.address', (event.src_endpoint ?? event.evidences?.[0]?.src_endpoint)?.ip);
  text(put, 'client.geo.country_iso_code', event.src_endpoint?.location?.country);
  text(put, 'user_agent.original', event.http_request?.user_agent);
  text(put, 'http.request.method', event.http_request?.http_method);
  integer(put, 'http.response.status_code', event.http_response?.code);
  text(put, 'url.path', event.http_request?.url?.path);
  if (event.status_id === 2) text(put, 'error.type', event.status_code);
  text(put, 'security_rule.name', gateway?.rule ?? event.policy?.uid);
  text(put, 'gateway.decision', gateway?.decision);
  text(put, 'gateway.reason', gateway?.reason);
  text(put, 'gateway.request.id', gateway?.request);
  text(put, 'gateway.field', gateway?.field);
  text(put, 'gateway.upstream', event.dst_endpoint?.svc_name);
  integer(put, 'gateway.count', gateway?.count);
  text(put, 'gateway.detector', gateway?.detector);
  text(put, 'gateway.orphan', gateway?.orphan);
  if (Array.isArray(gateway?.delivered)) eachOfExposure(gateway.delivered, put);
}

export function eachOfCaller(actor: LooseEvent['actor'], put: Put): void {
  text(put, 'user.id', actor?.user?.uid);
  text(put, 'session.id', actor?.session?.uid);
  text(put, 'gateway.app.id', actor?.app_uid);
}

export function eachOfRoles(roles: unknown, put: Put): void {
  if (!Array.isArray(roles) || roles.length === 0) return;
  put(
    'user.roles',
    roles.filter((one) => typeof one === 'string'),
  );
}

export function eachOfOperation(operation: LooseGateway['operation'], put: Put): void {
  text(put, 'graphql.operation.type', operation?.type);
  text(put, 'graphql.operation.name', operation?.name);
  text(put, 'gateway.operation.hash', operation?.hash);
}

export function eachOfPolicy(policy: LooseGateway['policy'], put: Put): void {
  text(put, 'security_rule.version', policy?.version);
  text(put, 'gateway.policy.digest', policy?.digest);
}

/** The event's place in the chain. */
export function eachOfChain(chain: LooseGateway['chain'], put: Put): void {
  text(put, 'gateway.chain.id', chain?.id);
  integer(put, 'gateway.chain.seq', chain?.seq);
}

/** How many values of classified fields were sent, and their classes. */
export function eachOfExposure(delivered: readonly unknown[], put: Put): void {
  let records = 0;
  const classes = new Set<string>();
  for (const one of delivered as readonly { classes?: unknown; count?: unknown }[]) {
    const its = Array.isArray(one?.classes) ? one.classes : [];
    if (its.length > 0 && typeof one.count === 'number') records += one.count;
    for (const name of its) if (typeof name === 'string') classes.add(name);
  }
  if (classes.size === 0) return;
  put('gateway.sensitive.records', records);
  put('gateway.sensitive.classes', [...classes]);
}

function text(put: Put, name: string, value: unknown): void {
  if (typeof value === 'string' && value !== '') put(name, value);
}

function integer(put: Put, name: string, value: unknown): void {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) put(name, value);
}
