/** A document as the rules see it, without a schema: rules run before validation. */
import { Kind, parse } from 'graphql';
import { defaultLimits, type Limits } from '../../../gateway/limits/limits.ts';
import type { DocumentRule } from '../../../gateway/limits/rule.ts';

/** The reason for which the rule refuses the first operation of a document, or `fits`. */
export function outcomeOf(rule: DocumentRule, text: string, limits: Partial<Limits> = {}): string {
  const { definitions } = parse(text);
  const operation = definitions.find((one) => one.kind === Kind.OPERATION_DEFINITION);
  if (operation === undefined) throw new Error('a document without an operation');
  const fragments = new Map(
    definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
    ),
  );
  const context = { operation, fragments, limits: { ...defaultLimits, ...limits } };
  return rule(context)?.reason ?? 'fits';
}

/** The smallest limit under which the document fits: what the rule measures. */
export function measured(rule: DocumentRule, text: string, limit: 'depth' | 'fields'): number {
  for (let value = 0; value < 200; value += 1) {
    if (outcomeOf(rule, text, { [limit]: value }) === 'fits') return value;
  }
  throw new Error('nothing that is measured here is that large');
}

/** A query that spreads a chain of fragments, each spreading the next one `times` over. */
export function chain(length: number, times: number, end = 'id'): string {
  const spread = (index: number) => `...F${index} `.repeat(times);
  const fragments = Array.from({ length }, (_, index) => {
    const body = index === length - 1 ? end : spread(index + 1);
    return `fragment F${index} on T { ${body} }`;
  });
  return `{ ...F0 } ${fragments.join(' ')}`;
}
