/**
 * The JSON Schemas of all files that operators write, for their editors: generated from the schemas
 * that the loader checks with, so that they cannot diverge. They check less than the loader, which
 * also knows the graph and relations between files. Written to gateway/schemas.
 */
import { z } from 'zod';
import { networkSchema } from './admit/network-schema.ts';
import { accessSchema } from './authorize/access/access-schema.ts';
import { otherwiseJsonSchema } from './authorize/access/otherwise-json-schema.ts';
import { conditionJsonSchema } from './conditions/condition-json-schema.ts';
import { configSchema } from './config/config-schema.ts';
import { detectSchema } from './detect/detect-schema.ts';
import { casesSchema } from './files/cases-file.ts';
import { detectCasesSchema } from './files/detect-cases-file.ts';
import { isJsonObject, type JsonObject } from './json-value.ts';
import { limitsSchema } from './limits/limits-schema.ts';
import { mapValues } from './map-values.ts';
import { ratesSchema } from './rates/rates-file.ts';

/** By file name. */
export function jsonSchemas(): Readonly<Record<string, JsonObject>> {
  return {
    'gateway.schema.json': withReferences(toJson(configSchema, 'gateway.yaml')),
    'access.schema.json': toJson(accessSchema, 'policies/access', {
      condition: conditionJsonSchema,
      otherwise: otherwiseJsonSchema,
    }),
    'rates.schema.json': toJson(ratesSchema, 'policies/rates', { condition: conditionJsonSchema }),
    'limits.schema.json': toJson(limitsSchema, 'policies/limits'),
    'network.schema.json': toJson(networkSchema, 'policies/network'),
    'detect.schema.json': toJson(detectSchema, 'policies/detect'),
    'cases.schema.json': toJson(casesSchema, '*.cases.yaml'),
    'detect-cases.schema.json': toJson(detectCasesSchema, 'policies/detect/*.cases.yaml'),
  };
}

function toJson(schema: z.ZodType, title: string, parts?: JsonObject): JsonObject {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  const whole = withParts({ ...rest }) as JsonObject;
  return { $schema, title: `Fieldgate ${title}`, ...whole, ...(parts && { $defs: parts }) };
}

/** Replaces parts that are read by hand, and so described by hand, by references. */
function withParts(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withParts);
  if (typeof node !== 'object' || node === null) return node;
  if ('part' in node && typeof node.part === 'string') return { $ref: `#/$defs/${node.part}` };
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, withParts(value)]));
}

/** Allows `${NAME}` wherever gateway.yaml holds a value. */
function withReferences(node: JsonObject): JsonObject {
  const changed: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(node)) {
    // Names of properties are not keywords.
    if (key === 'properties')
      changed[key] = mapValues(value as Record<string, JsonObject>, withReferences);
    else if (['items', 'additionalProperties'].includes(key) && isJsonObject(value))
      changed[key] = withReferences(value);
    else if (['anyOf', 'oneOf', 'allOf'].includes(key) && Array.isArray(value))
      changed[key] = value.map((one) => withReferences(one));
    else changed[key] = value;
  }
  return isScalar(changed) ? { anyOf: [changed, reference] } : changed;
}

const reference: JsonObject = {
  type: 'string',
  pattern: '\\$\\{[A-Za-z_]',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what operators write
  description: '${NAME}',
};

const isScalar = (node: JsonObject): boolean =>
  ('enum' in node ||
    'const' in node ||
    ['string', 'integer', 'number', 'boolean'].includes(String(node.type))) &&
  node.const !== 1;
