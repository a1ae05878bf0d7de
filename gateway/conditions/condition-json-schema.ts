/**
 * Conditions as JSON Schema, for editors: the same keys that read-condition.ts reads. It checks the
 * form of values, not whether named things exist.
 */

const textList = (items: object) => ({ type: 'array', items, minItems: 1, maxItems: 1_000 });
const text = { type: 'string', minLength: 1, maxLength: 256 };
const scalar = { type: ['string', 'number', 'boolean'] };
const conditions = textList({ $ref: '#/$defs/condition' });
const listName = { type: 'string', pattern: '^[A-Za-z0-9][\\w.-]{0,99}$' };

const hours = {
  type: 'object',
  additionalProperties: false,
  required: ['days', 'from', 'to', 'zone'],
  properties: {
    days: {
      type: 'array',
      items: { enum: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] },
      minItems: 1,
      uniqueItems: true,
    },
    from: { type: 'string', pattern: '^\\d\\d:[0-5]\\d$' },
    to: { type: 'string', pattern: '^\\d\\d:[0-5]\\d$' },
    zone: { ...text, description: 'a time zone by name, like Europe/Berlin' },
  },
};

const auth = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    acr: {
      type: 'array',
      items: { type: 'string', pattern: '^[!#-\\[\\]-~]{1,256}$' },
      minItems: 1,
      maxItems: 50,
      description: "values of the token's claim acr, any of them",
    },
    maxAge: {
      type: 'string',
      pattern: '^(0|[1-9]\\d{0,8})(ms|s|m|h|d)$',
      description: "how long ago the token's auth_time may be, like 5m",
    },
  },
  description: 'how strongly and how recently the caller signed in',
};

const words = {
  scopes: {
    ...textList({ type: 'string', pattern: '^[!#-\\[\\]-~]+$' }),
    description: 'all of them',
  },
  roles: { ...textList(text), description: 'any of them' },
  claims: {
    type: 'object',
    minProperties: 1,
    additionalProperties: textList(scalar),
    description: 'each claim has one of its values',
  },
  clients: { ...textList(text), description: 'any of them' },
  network: {
    anyOf: [listName, textList(listName)],
    description: 'lists of policies/network, any of them',
  },
  regions: {
    ...textList({ type: 'string', pattern: '^[A-Z]{2}$' }),
    description: 'countries by ISO 3166, any of them',
  },
  hours,
  auth,
  when: {
    type: 'string',
    minLength: 1,
    maxLength: 2_000,
    description:
      'CEL over claims, client, args, object and parent: object.id == claims.employee_id',
  },
  any: conditions,
  all: conditions,
};

/** Refers to itself as `#/$defs/condition`. */
export const conditionJsonSchema: Readonly<Record<string, unknown>> = {
  description: 'who: all keys of a map must hold',
  anyOf: [
    { enum: ['everyone', 'authenticated'] },
    { type: 'object', minProperties: 1, additionalProperties: false, properties: words },
  ],
};
