/** Formats a condition of an access rule: `scopes hr:read`, `(roles a or b) and …`. */
import type { Condition } from '../../conditions/condition.ts';
import type { SignIn } from '../../conditions/criteria/sign-in.ts';
import type { PinnedClaim } from '../../plan/pinned.ts';
import { toDurationText } from '../../time/duration.ts';

export function toConditionText(condition: Condition): string {
  switch (condition.kind) {
    case 'everyone':
    case 'authenticated':
      return condition.kind;
    case 'scopes':
      return `scopes ${condition.scopes.join(' ')}`;
    case 'roles':
      return `roles ${condition.roles.join(' or ')}`;
    case 'claims':
      return `claims.${condition.claim} ${condition.values.map(String).join(' or ')}`;
    case 'clients':
      return `clients ${condition.clients.join(' or ')}`;
    case 'network':
      return `network ${condition.lists.join(' or ')}`;
    case 'regions':
      return `regions ${condition.regions.join(' or ')}`;
    case 'hours':
      return `hours of ${condition.hours.zone}`;
    case 'auth':
      return `auth ${toSignInText(condition.signIn)}`;
    case 'pinned':
      return toPinnedText(condition.pinned);
    case 'when':
      return toWhenText(condition);
    case 'any':
      return join(condition.of, ' or ');
    case 'all':
      return join(condition.of, ' and ');
  }
}

/** For a write's condition, includes the read that it evaluates. */
export function toWhenText({ expression, before }: Condition & { kind: 'when' }): string {
  const of = before === undefined ? '' : ` of ${before}`;
  return `when ${expression.text}${of}`;
}

/** For example `claims.tenant_id as ID` or `claims.teams as [HR or IT]`. */
export function toPinnedText({ claim, of, isList }: PinnedClaim): string {
  const type = typeof of === 'string' ? of : of.join(' or ');
  return `claims.${claim.join('.')} as ${isList ? `[${type}]` : type}`;
}

/** For example `acr mfa or phr`, `at most 5m ago`, or both. */
function toSignInText({ acr, maxAgeS }: SignIn): string {
  const parts = [
    ...(acr === undefined ? [] : [`acr ${acr.join(' or ')}`]),
    ...(maxAgeS === undefined ? [] : [`at most ${toDurationText(maxAgeS * 1_000)} ago`]),
  ];
  return parts.join(', ');
}

function join(parts: readonly Condition[], by: string): string {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return toConditionText(only);
  return parts.map((part) => `(${toConditionText(part)})`).join(by);
}
