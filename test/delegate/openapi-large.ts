/** Translates a document of very many fields in a process of its own. */
import { isObjectType } from 'graphql';
import { translateOpenApi } from '../../gateway/delegate/openapi/translate-openapi.ts';
import { answerAsProcess } from '../support/answer-of-process.ts';
import { answering, toDocument } from './openapi-rig.ts';

const properties = Object.fromEntries(
  Array.from({ length: 30 }, (_, at) => [
    `p${at}`,
    at % 2 === 0 ? { type: 'string' } : { type: 'array', items: { type: 'integer' } },
  ]),
);
const names = Array.from({ length: 1_000 }, (_, at) => `T${at}`);
const schemas = Object.fromEntries(
  names.map((name) => [name, { type: 'object', properties: { ...properties } }]),
);
const paths = Object.fromEntries(
  names.map((name) => [`/${name}`, { get: answering(schemas[name] ?? {}) }]),
);
const { schema } = translateOpenApi({
  upstream: 'large',
  document: toDocument(paths, schemas),
  operations: 'all',
});
const counts = Object.values(schema.getTypeMap()).map((type) =>
  isObjectType(type) && /^T\d/.test(type.name) ? Object.keys(type.getFields()).length : 0,
);
await answerAsProcess(async () => counts.reduce((sum, count) => sum + count, 0));
