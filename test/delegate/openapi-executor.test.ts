/** What is sent for a document, what comes back, and how calls of one request share the way. */
import { describe, expect, test } from 'vitest';
import type { Transport } from '../../gateway/delegate/upstream.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import { newContext } from '../support/delegation.ts';
import { answering, type Json, json, run, toDocument } from './openapi-rig.ts';

const text = { type: 'string' };
const employee = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'integer' }, 'first-name': text, kind: { enum: ['full-time', 'x'] } },
};
const list = (style: string, explode: boolean) => ({
  style,
  explode,
  schema: { type: 'array', items: text },
});
const filter = { type: 'object', properties: { 'first-name': text, age: { type: 'integer' } } };
const input = {
  type: 'object',
  properties: {
    'first-name': text,
    kind: { enum: ['full-time'] },
    big: { type: 'integer', format: 'int64' },
    parts: { type: 'array', items: { type: 'object', properties: { id: { type: 'integer' } } } },
    '__proto__-x': text,
    note: { type: ['string', 'null'] },
  },
};

const document = toDocument(
  {
    '/employees': {
      get: answering(
        { type: 'array', items: employee },
        {
          parameters: [
            { name: 'q', in: 'query', schema: text },
            { name: 'limit', in: 'query', schema: { type: 'integer' } },
            { name: 'kind', in: 'query', schema: { enum: ['full-time'] } },
            { name: 'tag', in: 'query', ...list('form', true) },
            { name: 'ids', in: 'query', ...list('form', false) },
            { name: 'pipes', in: 'query', ...list('pipeDelimited', false) },
            { name: 'filter', in: 'query', style: 'deepObject', schema: filter },
          ],
        },
      ),
    },
    '/employees/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      get: answering(employee),
      patch: answering(employee, {
        requestBody: { content: { 'application/merge-patch+json': { schema: input } } },
      }),
      delete: { responses: { 204: {} } },
    },
  },
  { Employee: employee },
);

describe('requests', () => {
  const accept = { accept: 'application/json' };
  const get = (path: string) => ({ method: 'GET', path, label: 'GET /employees', headers: accept });
  const merge = { ...accept, 'content-type': 'application/merge-patch+json' };
  const patch = (body: string) => ({
    method: 'PATCH',
    path: '/employees/7',
    label: 'PATCH /employees/{id}',
    headers: merge,
    body,
  });
  const cases = [
    { name: 'no arguments', given: '{ employees { id } }', expect: get('/employees') },
    {
      name: 'plain parameters, null left out',
      given: '{ employees(q: "a&b=c d+é", limit: 5, kind: full_time, tag: null) { id } }',
      expect: get('/employees?q=a%26b%3Dc%20d%2B%C3%A9&limit=5&kind=full-time'),
    },
    {
      name: 'lists',
      given: '{ employees(tag: ["a", "b,c"], ids: ["1", "2|3"], pipes: ["x", "y,z"]) { id } }',
      expect: get('/employees?tag=a&tag=b%2Cc&ids=1,2%7C3&pipes=x%7Cy%2Cz'),
    },
    {
      name: 'a deep object',
      given: '{ employees(filter: { firstName: "A B", age: 3 }) { id } }',
      expect: get('/employees?filter%5Bfirst-name%5D=A%20B&filter%5Bage%5D=3'),
    },
    {
      name: 'a body under wire names, with null kept and absent left out',
      given: `mutation { patchEmployeesById(id: "7", input: {
        firstName: "A", kind: full_time, big: 9007199254740991, parts: [{ id: "12" }], x___proto__X: "p", note: null
      }) { id } }`,
      expect: patch(
        '{"first-name":"A","kind":"full-time","big":9007199254740991,"parts":[{"id":12}],"__proto__-x":"p","note":null}',
      ),
    },
    {
      name: 'no body',
      given: 'mutation { patchEmployeesById(id: "7") { id } }',
      expect: {
        method: 'PATCH',
        path: '/employees/7',
        label: 'PATCH /employees/{id}',
        headers: accept,
      },
    },
  ];
  test.each(cases)('$name', async ({ given, expect: request }) => {
    const { sent } = await run({ document, query: given, answer: json({ id: 1 }) });
    expect(sent).toEqual([request]);
  });

  // To a service that decodes before it splits these are two, whatever was decided of one.
  test.each([
    ['ids', '["1", "2,3"]'],
    ['pipes', '["x", "y|z"]'],
  ])(
    'an item of %s with its separator in it is refused before anything is sent',
    async (name, list) => {
      const query = `{ employees(${name}: ${list}) { id } }`;
      const { sent, failures } = await run({ document, query, answer: json([]) });
      expect(sent).toEqual([]);
      expect(failures).toEqual([
        `employees: argument ${name} refused: an item with the separator in it`,
      ]);
    },
  );

  test('a number that the wire cannot hold is refused before anything is sent', async () => {
    const query =
      'mutation { patchEmployeesById(id: "7", input: { parts: [{ id: "x" }] }) { id } }';
    const { sent, failures } = await run({ document, query, answer: json({ id: 1 }) });
    expect(sent).toEqual([]);
    expect(failures).toEqual(['patchEmployeesById: argument input refused: no whole number']);
  });
});

describe('answers', () => {
  const one = '{ it: employeesById(id: "7") { id name: firstName kind } }';
  const cases: { name: string; given: Parameters<typeof json>; query?: string; expect: Json }[] = [
    {
      name: 'data under the names of the graph',
      given: [{ id: 7, 'first-name': 'A', kind: 'full-time', ssn: 'S' }],
      expect: { data: { it: { id: '7', name: 'A', kind: 'full_time' } }, failures: [] },
    },
    {
      name: '404 of a read',
      given: [{ secret: 1 }, 404],
      expect: { data: { it: null }, failures: [] },
    },
    {
      name: '500',
      given: [{ secret: 1 }, 500],
      expect: { data: { it: null }, failures: ['it: status 500'] },
    },
    { name: '304', given: ['', 304], expect: { data: { it: null }, failures: ['it: status 304'] } },
    {
      name: '404 of a write',
      given: [{}, 404],
      query: 'mutation { it: deleteEmployeesById(id: "7") }',
      expect: { data: { it: null }, failures: ['it: status 404'] },
    },
    {
      name: '204 where no JSON is promised',
      given: ['', 204],
      query: 'mutation { it: deleteEmployeesById(id: "7") }',
      expect: { data: { it: true }, failures: [] },
    },
  ];
  test.each(cases)('$name', async ({ given, query = one, expect: outcome }) => {
    expect(await run({ document, query, answer: json(...given) })).toMatchObject(outcome);
  });

  test('a failure of the transport keeps its code and stays at its path', async () => {
    const failure = new UpstreamFailure({
      code: 'UPSTREAM_TIMEOUT',
      upstream: 'hris',
      why: 'late',
    });
    const answer: Transport = ({ path }) =>
      path === '/employees/1' ? Promise.reject(failure) : Promise.resolve(json({ id: 2 }));
    const query = '{ a: employeesById(id: "1") { id } b: employeesById(id: "2") { id } }';
    const { data, failures, text: errors } = await run({ document, query, answer });
    expect({ data, failures }).toEqual({
      data: { a: null, b: { id: '2' } },
      failures: ['a: late'],
    });
    expect(errors).toContain('UPSTREAM_TIMEOUT');
  });

  test('variables that do not fit are a failure without their values', async () => {
    const query = 'query ($limit: Int) { employees(limit: $limit) { id } }';
    const {
      sent,
      failures,
      text: errors,
    } = await run({
      document,
      query,
      variables: { limit: 'SSN-1' },
      answer: json([]),
    });
    expect({ sent, failures }).toEqual({
      sent: [],
      failures: ['undefined: a request that does not fit the schema'],
    });
    expect(errors).not.toContain('SSN-1');
  });

  test('errors of an answer are bounded', async () => {
    const rows = Array.from({ length: 500 }, () => ({ id: 1, kind: 'unknown' }));
    const { failures } = await run({
      document,
      query: '{ employees { kind } }',
      answer: json(rows),
    });
    expect(failures).toHaveLength(101);
    expect(failures.at(-1)).toBe('undefined: 400 further failures');
  });
});

describe('calls of one request', () => {
  const fields = Array.from({ length: 40 }, (_, n) => `a${n}: employeesById(id: "${n}") { id }`);
  const query = `{ ${fields.join(' ')} }`;

  test('at most 16 run at once, and all run', async () => {
    let running = 0;
    let most = 0;
    const answer: Transport = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
      return json({ id: 1 });
    };
    const { sent, failures } = await run({ document, query, answer });
    expect({ most, sent: sent.length, failures }).toEqual({ most: 16, sent: 40, failures: [] });
  });

  test('those that wait are bounded', async () => {
    const many = Array.from({ length: 2_020 }, (_, n) => `a${n}: employees { id }`);
    const { sent, failures } = await run({
      document,
      query: `{ ${many.join(' ')} }`,
      answer: json([]),
    });
    expect(sent).toHaveLength(2_016);
    expect(failures).toEqual([2_016, 2_017, 2_018, 2_019].map((n) => `a${n}: too many calls`));
  });

  test('an abort ends those that wait, and they are never sent', async () => {
    const controller = new AbortController();
    const answer: Transport = (_, { signal }) => {
      const { promise, reject } = Promise.withResolvers<never>();
      const why = 'aborted';
      signal.addEventListener('abort', () =>
        reject(new UpstreamFailure({ upstream: 'hris', why })),
      );
      setImmediate(() => controller.abort());
      return promise;
    };
    const { sent, failures } = await run({
      document,
      query,
      answer,
      context: newContext({ signal: controller.signal }),
    });
    expect(sent).toHaveLength(16);
    expect(failures).toHaveLength(40);
    expect(failures.filter((failure) => failure.includes('before it was sent'))).toHaveLength(24);
  });

  test('an aborted request sends nothing; a late one says so', async () => {
    const signal = AbortSignal.abort(new DOMException('late', 'TimeoutError'));
    const { sent, text: errors } = await run({
      document,
      query: '{ employees { id } }',
      answer: json([]),
      context: newContext({ signal }),
    });
    expect(sent).toEqual([]);
    expect(errors).toContain('UPSTREAM_TIMEOUT');
  });
});
