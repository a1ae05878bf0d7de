/** A gateway in a thread of its own, in front of a REST upstream that answers what `workerData` says. */
import { parentPort, workerData } from 'node:worker_threads';
import { answering, toDocument } from '../delegate/openapi-rig.ts';
import { testGateway } from '../support/gateway.ts';

const { engine, body } = workerData as { engine: 'compiled' | 'reference'; body: string };
const text = { type: 'string' };
const person = {
  type: 'object',
  required: ['id'],
  properties: {
    id: text,
    tags: { type: 'array', items: text },
    notes: { type: 'array', items: { type: 'object' } },
    extra: {},
  },
};
const list = answering({ type: 'array', items: person });
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
  - { name: open, fields: { Query: ["*"], Person: [id, tags, notes, extra] }, allow: everyone }
`,
  anonymous: 'allow',
  engine,
});
const answer = await gateway.query('{ people { id tags notes extra } }');
await gateway.close();
parentPort?.postMessage(answer.body);
