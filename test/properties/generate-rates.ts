/** Rates and record budgets for the comparison of engines. */
import { type GraphQLSchema, isObjectType } from 'graphql';
import type { Random } from './random.ts';

/** What record budgets count: each is used up at another time, by other rows. */
const budgeted: readonly (readonly [string, readonly string[]])[] = [
  ['Account', ['iban']],
  ['Account', ['id', 'trace']],
  ['Employee', ['name', 'email']],
  ['Employee', ['id']],
  ['Contractor', ['name']],
  ['Office', ['id', 'label']],
];

/** The text of a file of rates on what the graph has; undefined where there is none. */
export function generateRates(random: Random, graph: GraphQLSchema): string | undefined {
  if (random.chance(0.3)) return undefined;
  const plain = { per: 'caller', limit: 100_000, window: '1h' };
  const budgets = random
    .subset(budgeted, 0.5)
    .map(([type, names]) => [type, names.filter((name) => has(graph, type, name))] as const)
    .filter(([, names]) => names.length > 0)
    .map(([type, fields], index) => ({
      ...plain,
      name: `budget-${index}`,
      fields: { [type]: fields },
      counts: 'records',
      limit: random.pick([1, 1, 2, 3, 6, 100_000]),
    }));
  const cities = { name: 'cities', fields: { Office: ['city'] }, counts: 'occurrences' };
  return JSON.stringify({
    version: 1,
    rates: [{ ...plain, name: 'all' }, { ...plain, ...cities }, ...budgets],
  });
}

function has(graph: GraphQLSchema, typeName: string, field: string): boolean {
  const type = graph.getType(typeName);
  return isObjectType(type) && Object.hasOwn(type.getFields(), field);
}
