/**
 * The few parts of an event that the forwarder sends beside its line, passed on in memory so that
 * it need not parse a line that was just written. Tests compare them with the parsed line.
 */
import { publicFaces } from '../../errors.ts';
import type { Caller, RequestRecord } from '../../request.ts';
import { type AuditDecision, outcomes } from './decision-of.ts';
import { toMethod } from './http-method.ts';

/**
 * Like the parsed line, without members that the forwarder does not read. Holds no subject's id.
 */
export type FlatEvent = ReturnType<typeof toFlatEvent>;

/** Members of `unmapped.gateway`, by kind of event. */
export interface FlatGateway {
  readonly request: string;
  readonly reason?: string | undefined;
  readonly field?: string;
  readonly roles?: readonly string[] | undefined;
  readonly operation?: RequestRecord['operation'];
  readonly policy?: { readonly version: string; readonly digest: string } | undefined;
  readonly delivered?: readonly { readonly classes: readonly string[]; readonly count?: number }[];
}

const rolesMax = 50;
const anonymous = { user: { uid: 'anonymous' } };
const login = {};

interface CallerParts {
  readonly actor: {
    readonly user: { readonly uid: string };
    readonly app_uid?: string | undefined;
    readonly session?: { readonly uid: string | undefined };
  };
  readonly roles: readonly string[] | undefined;
}

const partsByCaller = new WeakMap<Caller, CallerParts>();

export function toFlatEvent(
  record: RequestRecord,
  parts: {
    readonly decision: AuditDecision;
    readonly uid: string;
    readonly rule: string | undefined;
    readonly gateway: FlatGateway;
  },
) {
  const { decision } = parts;
  const { refusal, country, trace } = record;
  const { severity, status } = outcomes[decision];
  const isLogin = decision === 'auth_failed';
  // '' if unknown.
  const address = record.clientAddress ?? record.peer;
  return {
    metadata: { uid: parts.uid },
    time: record.startedAtMs,
    severity_id: severity,
    status_id: status,
    status_code: refusal && publicFaces[refusal.reason].code,
    actor: isLogin ? login : partsOf(record.caller).actor,
    src_endpoint: { ip: address === '' ? undefined : address, location: { country } },
    dst_endpoint:
      decision === 'upstream_failed' ? { svc_name: upstreamAtFault(record) } : undefined,
    http_request: { http_method: isLogin ? undefined : toMethod(record.method) },
    http_response: { code: record.status > 0 ? record.status : undefined },
    trace: isLogin ? undefined : { uid: trace.traceId, span: { uid: trace.spanId } },
    policy: { uid: parts.rule ?? refusal?.reason ?? 'default' },
    unmapped: { gateway: { decision, ...parts.gateway } },
  };
}

/** The first upstream that failed, or the first that was asked if no single one failed. */
export function upstreamAtFault({ upstreamCalls }: RequestRecord): string | undefined {
  const failed = upstreamCalls.find(({ failure }) => failure !== undefined) ?? upstreamCalls[0];
  return failed?.upstream;
}

/** For the event that tells of the whole request. */
export function toWholeGateway(record: RequestRecord): FlatGateway {
  const { policyDigest: digest } = record;
  return {
    request: record.id,
    reason: record.refusal?.reason,
    roles: partsOf(record.caller).roles,
    operation: record.operation,
    policy: digest === undefined ? undefined : { version: digest.slice(0, 16), digest },
    delivered: record.delivered,
  };
}

/** Built once per caller: requests share it by credential. */
function partsOf(caller: Caller | undefined): CallerParts {
  if (caller === undefined) return { actor: anonymous, roles: undefined };
  const found = partsByCaller.get(caller);
  if (found !== undefined) return found;
  const { subject, client, credentialHash, roles } = caller;
  const made = {
    actor:
      caller.kind === 'anonymous'
        ? anonymous
        : {
            user: { uid: subject ?? client ?? 'unknown' },
            app_uid: client,
            session: { uid: credentialHash },
          },
    roles: roles.size === 0 ? undefined : [...roles].slice(0, rolesMax),
  };
  partsByCaller.set(caller, made);
  return made;
}
