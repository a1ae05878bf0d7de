/** A condition of an access rule as text for people: `scopes hr:read`, `(roles a or b) and …`. */
import type { Condition } from '../conditions/condition.ts';

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
    case 'any':
      return join(condition.of, ' or ');
    case 'all':
      return join(condition.of, ' and ');
  }
}

function join(parts: readonly Condition[], by: string): string {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return toConditionText(only);
  return parts.map((part) => `(${toConditionText(part)})`).join(by);
}
