/**
 * The constraints of a schema in the form in which checks need them, each schema read once: a check
 * runs for every value that is sent. Pure, except for its cache, which lives as long as the schemas.
 */
import { isJsonObject } from '../../../json-value.ts';
import { permittedItems, permittedValues } from '../document/permitted-values.ts';
import { isConstraintOnly } from '../document/read-alternatives.ts';
import {
  type JsonSchema,
  partsOf,
  permitsNull,
  propertiesOf,
  requiredOf,
  type SchemaLike,
  typesOf,
} from '../document/schema-shape.ts';

type Test = (value: unknown) => boolean;

export interface SchemaRules {
  readonly permitsNull: boolean;
  /** One of these holds for a value; undefined if values of any type are permitted. */
  readonly types: readonly Test[] | undefined;
  /** The values of `enum` or `const`. */
  readonly values: readonly unknown[] | undefined;
  /** The values of a list's items, if the list has them. */
  readonly items: readonly unknown[] | undefined;
  readonly properties: ReadonlyMap<string, SchemaLike>;
  /** The schema of properties that have none of their own. */
  readonly rest: SchemaLike;
  readonly required: readonly string[];
  readonly allOf: readonly SchemaLike[];
  readonly anyOf: readonly SchemaLike[];
  readonly oneOf: readonly SchemaLike[];
  /** Whether all of `oneOf` only say what must be given or not. */
  readonly isOneOfConstraints: boolean;
}

const known = new WeakMap<JsonSchema, SchemaRules>();

export function rulesOf(schema: JsonSchema): SchemaRules {
  const found = known.get(schema);
  if (found !== undefined) return found;
  const rules = readRules(schema);
  known.set(schema, rules);
  return rules;
}

function readRules(schema: JsonSchema): SchemaRules {
  const oneOf = partsOf(schema.oneOf);
  return {
    permitsNull: permitsNull(schema),
    types: testsOf(schema),
    values: permittedValues(schema),
    items: permittedItems(schema),
    properties: new Map(propertiesOf(schema)),
    rest: schema.patternProperties === undefined ? schema.additionalProperties : undefined,
    required: requiredOf(schema),
    allOf: partsOf(schema.allOf),
    anyOf: partsOf(schema.anyOf),
    oneOf,
    isOneOfConstraints: oneOf.every(isConstraintOnly),
  };
}

/** A type that JSON Schema does not define constrains nothing. */
function testsOf(schema: JsonSchema): readonly Test[] | undefined {
  const types = typesOf(schema);
  const tests = types.map((type) => typeTests.get(type)).filter((test) => test !== undefined);
  return tests.length === 0 || tests.length < types.length ? undefined : tests;
}

const typeTests = new Map<string, Test>([
  ['null', (value) => value === null],
  ['string', (value) => typeof value === 'string'],
  ['boolean', (value) => typeof value === 'boolean'],
  ['number', Number.isFinite],
  ['integer', Number.isInteger],
  ['array', Array.isArray],
  ['object', isJsonObject],
]);

const plainTypes: ReadonlySet<unknown> = new Set(['string', 'boolean', 'number', 'integer']);
/** Keywords that constrain nothing, and `type`. */
const plainKeys: ReadonlySet<string> = new Set(['type', 'title', 'description', 'default']);

/** The whole check of a schema with a type and nothing else, as most parameters have. */
export function plainTestOf(schema: JsonSchema): Test | undefined {
  const { type } = schema;
  const isPlain = plainTypes.has(type) && Object.keys(schema).every((key) => plainKeys.has(key));
  return isPlain && typeof type === 'string' ? typeTests.get(type) : undefined;
}
