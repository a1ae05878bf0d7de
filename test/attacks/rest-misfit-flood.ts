/** A gateway in a process of its own, in front of a REST upstream that answers what it is told. */
import { answering, toDocument } from '../delegate/openapi-rig.ts';
import { answerAsProcess } from '../support/answer-of-process.ts';
import { testGateway } from '../support/gateway.ts';

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

interface Given {
  readonly engine: 'compiled' | 'reference';
  readonly body: string;
}

await answerAsProcess(async ({ engine, body }: Given) => {
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
  return answer.body;
});
