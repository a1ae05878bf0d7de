/**
 * Whether two schemas describe the same, apart from descriptive texts. Schemas may be recursive: a
 * pair already being compared counts as equal. Bounded, and unequal at the bound, so that no
 * document can make a comparison run for long.
 */
import { isContainer } from '../../../json-value.ts';
import type { SchemaLike } from './schema-shape.ts';

const pairsMax = 50_000;
const forPeople = new Set([
  'description',
  'title',
  'example',
  'examples',
  'deprecated',
  'externalDocs',
]);

interface Comparison {
  readonly seen: Map<object, Set<object>>;
  pairs: number;
}

/** `ignored` are top-level keys of the two schemas that do not count. */
export function isSameSchema(
  one: SchemaLike,
  other: SchemaLike,
  ignored: ReadonlySet<string> = new Set(),
): boolean {
  const comparison = { seen: new Map(), pairs: 0 };
  return isSame(one, other, { comparison, isMap: false, ignored });
}

interface About {
  readonly comparison: Comparison;
  /** Whether keys are property names rather than JSON Schema keywords. */
  readonly isMap: boolean;
  readonly ignored?: ReadonlySet<string>;
}

function isSame(one: unknown, other: unknown, about: About): boolean {
  if (one === other) return true;
  if (!isContainer(one) || !isContainer(other)) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const { comparison } = about;
  const compared = comparison.seen.get(one) ?? new Set();
  if (compared.has(other)) return true;
  comparison.pairs += 1;
  if (comparison.pairs > pairsMax) return false;
  comparison.seen.set(one, compared.add(other));
  if (one instanceof Map || other instanceof Map) return false;
  const keys = keysOf(one, about);
  if (keys.length !== keysOf(other, about).length) return false;
  return keys.every((key) => {
    const isMap = !about.isMap && (key === 'properties' || key === 'patternProperties');
    return (
      Object.hasOwn(other, key) &&
      isSame(Reflect.get(one, key), Reflect.get(other, key), { comparison, isMap })
    );
  });
}

function keysOf(value: object, { isMap, ignored }: About): string[] {
  const keys = Object.keys(value);
  if (isMap || Array.isArray(value)) return keys;
  return keys.filter(
    (key) => !forPeople.has(key) && !key.startsWith('x-') && ignored?.has(key) !== true,
  );
}
