/**
 * The field filter cases through the whole gateway: SAFETY (no leaf beyond the rule carries
 * data) in every case, PARITY (exactly the leaves that are due) wherever the semantics are ours.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type FilterCase,
  type FilterCases,
  filterCases,
  refusedMutationRoots,
  unmetInterfaceRequirements,
  withUnusedVariable,
} from './cases/authz-field-filter.ts';
import { leavesWithData } from './cases/filter-leaves.ts';
import { accessRules, openUpstream, variablesFor } from './cases/filter-rig.ts';
import { type TestAnswer, type TestGateway, testGateway } from './support/gateway.ts';

const allCases = filterCases.flatMap((group) => group.cases);
const exactCases = allCases.filter((each) => each.either === undefined);
const differing = new Set([...refusedMutationRoots, ...unmetInterfaceRequirements]);

function callerOf({ as }: FilterCase): { as?: { scopes: string[] } } {
  return as === 'anonymous' ? {} : { as: { scopes: as.split(' ').filter(Boolean) } };
}

/** Asks once per concrete type an abstract field can hold, and joins the leaves that had data. */
async function ask(rig: Rig, given: FilterCase, operation: string): Promise<Seen> {
  const leaves = new Set<string>();
  const answers: TestAnswer[] = [];
  for (let variant = 0; variant < rig.upstream.variants; variant += 1) {
    rig.upstream.choose(variant);
    const variables = variablesFor(rig.upstream.schema, operation);
    const answer = await rig.gateway.query(operation, { ...callerOf(given), variables });
    answers.push(answer);
    for (const leaf of leavesWithData(rig.upstream.schema, operation, answer.body.data, variant)) {
      leaves.add(leaf);
    }
  }
  return { leaves: [...leaves].sort(), answers };
}

interface Seen {
  leaves: string[];
  answers: TestAnswer[];
}

interface Rig {
  upstream: ReturnType<typeof openUpstream>;
  gateway: TestGateway;
}

async function openRig(group: FilterCases): Promise<Rig> {
  const upstream = openUpstream(group.schema);
  const rules = accessRules(upstream.schema, group.requires);
  const gateway = await testGateway({ upstreams: { records: upstream }, rules });
  return { upstream, gateway };
}

describe.each(filterCases.map((group, index) => ({ group, index })))(
  'schema $index',
  ({ group }) => {
    let rig: Rig;
    beforeAll(async () => {
      rig = await openRig(group);
    });
    afterAll(() => rig.gateway.close());

    test.each(group.cases)('$id', async (given) => {
      const seen = await ask(rig, given, given.operation);
      const permitted = given.either ?? given.kept;
      expect(seen.leaves.filter((leaf) => !permitted.includes(leaf))).toEqual([]);
      if (differing.has(given.id)) {
        expect(seen.leaves).not.toEqual(given.kept);
        return;
      }
      const repaired = withUnusedVariable[given.id];
      if (repaired !== undefined) {
        const codes = seen.answers.flatMap(({ body }) =>
          body.errors?.map((e) => e.extensions.code),
        );
        expect(new Set(codes)).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']));
      }
      if (given.either !== undefined) return;
      const { leaves } = repaired === undefined ? seen : await ask(rig, given, repaired);
      expect(leaves).toEqual([...given.kept].sort());
    });
  },
);

test('the cases whose semantics are not ours are exactly the listed ones', () => {
  const ids = allCases.map((each) => each.id);
  expect({ all: new Set(ids).size, exact: exactCases.length }).toEqual({ all: 73, exact: 71 });
  const exactIds = new Set(exactCases.map((each) => each.id));
  expect([...differing].filter((id) => !exactIds.has(id))).toEqual([]);
  expect(refusedMutationRoots).toHaveLength(5);
  expect(unmetInterfaceRequirements).toHaveLength(7);
  expect(exactCases.filter((each) => !differing.has(each.id))).toHaveLength(59);
});

test.each(refusedMutationRoots)('a denied mutation root refuses the whole: %s', async (id) => {
  const group = filterCases.find((each) => each.cases.some((given) => given.id === id));
  const given = group?.cases.find((each) => each.id === id);
  if (group === undefined || given === undefined) throw new Error(`no case ${id}`);
  const rig = await openRig(group);
  const { answers } = await ask(rig, given, given.operation);
  const [answer] = answers;
  expect(answer?.status).toBe(403);
  expect(answer?.body.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  expect(rig.gateway.requests).toEqual([]);
  await rig.gateway.close();
});
