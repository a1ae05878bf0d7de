/**
 * Makes OpenAPI documents of any size: resources with lists, items and writes, schemas that refer
 * to each other and to themselves, enums, unions, maps, and texts as long as vendors write them.
 */

type Json = Record<string, unknown>;

export interface DocumentSize {
  /** Five operations each. */
  resources: number;
  /** Properties of one resource. */
  properties: number;
  /** Characters of one description. */
  textLength: number;
}

const ref = (name: string): Json => ({ $ref: `#/components/schemas/${name}` });
const media = (schema: Json): Json => ({ 'application/json': { schema } });

export function makeDocument(size: DocumentSize): Json {
  const numbers = Array.from({ length: size.resources }, (_, n) => n);
  const text = 'Lorem ipsum: what this is for, and what else. '
    .repeat(Math.ceil(size.textLength / 46))
    .slice(0, size.textLength);
  return {
    openapi: '3.0.3',
    info: { title: 'generated', version: '1' },
    paths: Object.assign({}, ...numbers.map((n) => toPaths(n, text))),
    components: {
      schemas: Object.assign(
        { Problem: toProblem() },
        ...numbers.map((n) => toSchemas(n, size, text)),
      ),
      parameters: {
        limit: {
          name: 'limit',
          in: 'query',
          schema: { type: 'integer', minimum: 1, maximum: 200 },
        },
      },
    },
  };
}

function toProblem(): Json {
  return { type: 'object', properties: { title: { type: 'string' }, status: { type: 'integer' } } };
}

function toPaths(n: number, description: string): Json {
  const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } };
  const limit = { $ref: '#/components/parameters/limit' };
  const answers = (schema: Json): Json => ({
    200: { description: 'ok', content: media(schema) },
    default: { description: 'not ok', content: media(ref('Problem')) },
  });
  const list = { type: 'object', properties: { data: { type: 'array', items: ref(`Thing${n}`) } } };
  const requestBody = { required: true, content: media(ref(`Thing${n}`)) };
  const one = answers(ref(`Thing${n}`));
  return {
    [`/things-${n}`]: {
      get: {
        operationId: `list-things-${n}`,
        description,
        parameters: [limit],
        responses: answers(list),
      },
      post: { operationId: `create-thing-${n}`, description, requestBody, responses: one },
    },
    [`/things-${n}/{id}`]: {
      parameters: [id],
      get: { operationId: `get-thing-${n}`, description, responses: one },
      patch: { operationId: `update-thing-${n}`, description, requestBody, responses: one },
      delete: {
        operationId: `delete-thing-${n}`,
        description,
        responses: { 204: { description: 'gone' } },
      },
    },
  };
}

function toSchemas(n: number, { properties, resources }: DocumentSize, description: string): Json {
  const kinds: Json[] = [
    { type: 'string', maxLength: 100 },
    { type: 'string', format: 'date-time', nullable: true },
    { type: 'integer', format: 'int64' },
    { type: 'number', minimum: 0 },
    { type: 'boolean' },
    { type: 'string', enum: ['on-leave', 'active', 'left'] },
    { type: 'array', items: ref(`Thing${(n + 1) % resources}`) },
    { type: 'object', additionalProperties: { type: 'string' } },
    { type: 'object', properties: { city: { type: 'string' }, 'post-code': { type: 'string' } } },
    { oneOf: [ref(`Thing${(n + 2) % resources}`), ref('Problem')] },
  ];
  const own = Array.from({ length: properties }, (_, at): [string, Json] => {
    const kind = kinds[at % kinds.length] ?? {};
    return [`property-${at}`, { ...kind, description }];
  });
  const all = { id: { type: 'string' }, parent: ref(`Thing${n}`), ...Object.fromEntries(own) };
  return { [`Thing${n}`]: { type: 'object', required: ['id'], description, properties: all } };
}
