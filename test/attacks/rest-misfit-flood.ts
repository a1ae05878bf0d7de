/** A gateway in a thread of its own, in front of a REST upstream that answers what `workerData` says. */
import { parentPort, workerData } from 'node:worker_threads';
import { answering, toDocument } from '../delegate/openapi-rig.ts';
import { testGateway } from '../support/gateway.ts';

const { engine, item, count } = workerData as {
  engine: 'compiled' | 'reference';
  item: string;
  count: number;
};
const text = { type: 'string' };
const person = {
  type: 'object',
  required: ['id'],
  properties: { id: text, tags: { type: 'array', items: text }, extra: {} },
};
const list = answering({ type: 'array', items: person });
const body = `[${`${item},`.repeat(count - 1)}${item}]`;
const gateway = await testGateway({
  upstreams: {},
  rest: {
    hris: {
      document: toDocument({ '/people': { get: list } }, { Person: person }),
      operations: { 'Query.people': 'GET /people' },
      answer: () => ({ status: 200, body }),
    },
  },
  rules: `
version: 1
rules:
  - { name: open, fields: { Query: ["*"], Person: [id, tags, extra] }, allow: everyone }
`,
  anonymous: 'allow',
  engine,
});
const answer = await gateway.query('{ people { id tags extra } }');
await gateway.close();
parentPort?.postMessage(answer.body);
