/**
 * A real document, 7,300 lines, as its owner publishes it: every operation is in the graph or in
 * the report, the schema is valid, and no credential became an argument.
 */
import { validateSchema } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import type { ApiDocument } from '../../gateway/delegate/openapi/document/api-document.ts';
import { loadOpenApi } from '../../gateway/delegate/openapi/load-openapi.ts';
import {
  type TranslatedOpenApi,
  translateOpenApi,
} from '../../gateway/delegate/openapi/translate-openapi.ts';
import { json, run } from '../delegate/openapi-rig.ts';
import { apideck as file } from './documents.ts';

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];

let document: ApiDocument;
let translated: TranslatedOpenApi;
beforeAll(async () => {
  document = await loadOpenApi(file);
  translated = translateOpenApi({ upstream: 'apideck', document, operations: 'all' });
});

test('every operation is in the graph, or lost by name', () => {
  const labels = Object.entries(document.paths).flatMap(([path, item]) =>
    methods
      .filter((method) => Object.hasOwn(Object(item), method))
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(labels).toHaveLength(25);
  const { operations, report } = translated;
  const kept = [...operations.values()].map((operation) => operation.label);
  const lost = report.filter((entry) => entry.lost).map((entry) => entry.operation);
  expect([...kept, ...lost].sort()).toEqual(labels.sort());
  expect(lost).toEqual([]);
});

test('the schema is valid and every operation is a field of it', () => {
  const { schema, operations } = translated;
  expect(validateSchema(schema)).toEqual([]);
  const roots = [schema.getQueryType(), schema.getMutationType()];
  const fields = roots.flatMap((root) =>
    Object.keys(root?.getFields() ?? {}).map((field) => `${root?.name}.${field}`),
  );
  expect(fields.sort()).toEqual([...operations.keys()].sort());
});

test('no credential is an argument; the report says what the configuration must supply', () => {
  const { schema, report } = translated;
  const roots = [schema.getQueryType(), schema.getMutationType()];
  const names = roots.flatMap((root) =>
    Object.values(root?.getFields() ?? {}).flatMap((field) => field.args.map((arg) => arg.name)),
  );
  expect(names).toContain('id');
  expect(names.filter((name) => /auth|apideck|consumer|app_?id|service/i.test(name))).toEqual([]);
  const needing = report.filter((entry) => /x-apideck-consumer-id.*required/.test(entry.why));
  expect(needing).toHaveLength(25);
});

test('what is opaque is named', () => {
  const opaque = translated.report.filter((entry) => entry.why.startsWith('opaque JSON'));
  expect(opaque.map((entry) => entry.operation).sort()).toEqual([
    'CustomField.value',
    'CustomFieldInput.value',
  ]);
});

test('a query through it', async () => {
  const { sent, data, failures } = await run({
    document,
    query:
      '{ employeesAll(limit: 2, filter: { first_name: "Ana" }) { data { id employment_status } } }',
    answer: json({
      status_code: 200,
      status: 'OK',
      service: 's',
      resource: 'Employees',
      operation: 'all',
      data: [{ id: '1', employment_status: 'active', social_security_number: '1' }],
    }),
  });
  expect(sent.map((request) => request.path)).toEqual([
    '/hris/employees?limit=2&filter%5Bfirst_name%5D=Ana',
  ]);
  expect({ data, failures }).toEqual({
    data: { employeesAll: { data: [{ id: '1', employment_status: 'active' }] } },
    failures: [],
  });
});
