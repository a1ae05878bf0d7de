/** What events say about a caller, written once per caller: requests share it by credential. */
import type { Caller } from '../../request.ts';

export interface CallerTexts {
  /** OCSF's `actor`. */
  readonly actor: string;
  /** Members of `unmapped.gateway`, each with a comma before it; '' if there are none. */
  readonly more: string;
}

/** Roles and scopes listed in one event. */
const listedMax = 50;

const anonymous: CallerTexts = { actor: '{"user":{"uid":"anonymous","type_id":0}}', more: '' };
const textsByCaller = new WeakMap<Caller, CallerTexts>();

export function callerTexts(caller: Caller | undefined): CallerTexts {
  if (caller === undefined) return anonymous;
  const found = textsByCaller.get(caller);
  if (found !== undefined) return found;
  const made = {
    actor: caller.kind === 'anonymous' ? anonymous.actor : JSON.stringify(toActor(caller)),
    more: toMore(caller),
  };
  textsByCaller.set(caller, made);
  return made;
}

function toActor({ subject, issuer, client, credentialHash }: Caller) {
  return {
    user: { uid: subject ?? client ?? 'unknown', type_id: subject === undefined ? 3 : 1 },
    app_uid: client,
    session: { uid: credentialHash, issuer },
  };
}

function toMore({ roles, dropped }: Caller): string {
  const held = roles.size === 0 ? '' : `,"roles":${JSON.stringify([...roles].slice(0, listedMax))}`;
  if (dropped === undefined) return held;
  // What the issuer claimed beyond its ceiling.
  const beyond = {
    scopes: dropped.scopes.slice(0, listedMax),
    roles: dropped.roles.slice(0, listedMax),
  };
  return `${held},"dropped":${JSON.stringify(beyond)}`;
}
