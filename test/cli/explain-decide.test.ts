/** What commands that send nothing decide is what a served request meets, the dearer engine's price included. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { decideAsServed } from '../../gateway/cli/explain/explain-decide.ts';
import { toQuestion } from '../../gateway/cli/explain/explain-question.ts';
import { loadOffline } from '../../gateway/cli/load-offline.ts';
import { readCaller } from '../../gateway/cli/read-caller.ts';
import { Refusal } from '../../gateway/decision.ts';
import { writeFiles } from '../support/config-files.ts';
import { people } from './run-command.ts';

const cases = [
  { name: 'what the engine takes', leaves: undefined, factor: 1_000, expect: 'runs' },
  { name: 'what it leaves, within the limit', leaves: 'no-join', factor: 1, expect: 'runs' },
  { name: 'what it leaves', leaves: 'no-join', factor: 1_000, expect: 'limits/too-costly' },
];
test.each(cases)('$name', async ({ leaves, factor, expect: outcome }) => {
  const config = join(await writeFiles(people), 'gateway.yaml');
  const given = { config, json: false, values: {} };
  const offline = await loadOffline(given, { env: {} });
  const { engine, limits, checkDocument, public: view } = offline.snapshot;
  const snapshot = {
    ...offline.snapshot,
    engine: { ...engine, fallbackReason: () => leaves },
    limits: { ...limits, referenceFactor: factor },
  };
  const caller = await readCaller('{"scopes":["people:read"]}', offline.config.identity);
  const text = '{ people { id } }';
  const question = toQuestion({ checkDocument, schema: view.schema }, { text, variables: {} });
  if (question instanceof Refusal) throw new Error(question.reason);
  const sight = await snapshot.callerContextOf(caller);
  const decided = await decideAsServed(snapshot, sight, { ...question, caller });
  expect(decided instanceof Refusal ? decided.reason : 'runs').toBe(outcome);
});
