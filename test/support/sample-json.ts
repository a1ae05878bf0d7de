/** One instance of a JSON Schema, with every property, as a stand-in upstream would answer. */
type Schema = Readonly<Record<string, unknown>>;

const depthMax = 6;

export function sampleOf(schema: unknown, name = '', depth = 0): unknown {
  if (typeof schema !== 'object' || schema === null || depth > depthMax) return null;
  const { type, properties, items, allOf, oneOf, anyOf, ...own } = schema as Schema;
  if (own.enum !== undefined) return (own.enum as unknown[])[0];
  const [first] = (oneOf ?? anyOf ?? []) as unknown[];
  if (first !== undefined) return sampleOf(first, name, depth + 1);
  const parts = ((allOf ?? []) as unknown[]).map((part) => sampleOf(part, name, depth + 1));
  if (parts.length > 0 && type === undefined) return Object.assign({}, ...parts);
  switch ([type ?? (properties === undefined ? 'string' : 'object')].flat()[0]) {
    case 'object':
      return Object.fromEntries(
        Object.entries(Object(properties)).map(([key, one]) => [
          key,
          sampleOf(one, key, depth + 1),
        ]),
      );
    case 'array':
      return depth > 4 ? [] : [sampleOf(items, name, depth + 1)];
    case 'integer':
    case 'number':
      return 12;
    case 'boolean':
      return true;
    default:
      return own.format === 'date-time' ? '2020-01-01T00:00:00.000Z' : `the ${name}`;
  }
}
