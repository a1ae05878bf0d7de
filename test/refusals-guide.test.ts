/** What gateway/refusals.md tells client developers is what the catalogue says, and all of it. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Refusal, reasons } from '../gateway/decision.ts';
import { publicFaces, upstreamFailureMessages } from '../gateway/errors.ts';
import { toRefusalAnswer } from '../gateway/shape/answer.ts';

const guide = readFileSync(new URL('../gateway/refusals.md', import.meta.url), 'utf8');
const section = (title: string): string =>
  guide.split(/^## /m).find((text) => text.startsWith(`${title}\n`)) ?? '';

test('every reason has its row, with its status and code, and no other has one', () => {
  const rows = section('All reasons').matchAll(
    /^\| (\d{3}) \| `([A-Z_]+)` \| `([a-z]+\/[a-z-]+)` \| [^|]+ \| [^|]+ \|$/gm,
  );
  const written = [...rows].map(([, status, code, reason]) => `${status} ${code} ${reason}`);
  const known = reasons.map((reason) => {
    const { status, code } = publicFaces[reason];
    return `${status} ${code} ${reason}`;
  });
  expect(written.toSorted()).toEqual(known.toSorted());
});

test('every code of a single place has its row', () => {
  const rows = section('Errors at a place in the answer').matchAll(/^\| `([A-Z_]+)` \|/gm);
  const ofRefusals = (['authorize/denied', 'authorize/step-up', 'rates/limited'] as const).map(
    (reason) => publicFaces[reason].code,
  );
  const known = [...ofRefusals, ...Object.keys(upstreamFailureMessages), 'INTERNAL'];
  expect([...rows].map(([, code]) => code).toSorted()).toEqual(known.toSorted());
});

test('the reasons whose status goes by the media type are named', () => {
  const statusOf = (
    reason: (typeof reasons)[number],
    type: Parameters<typeof toRefusalAnswer>[1],
  ) => toRefusalAnswer(new Refusal(reason), type, 'an-id').status;
  const differing = reasons.filter(
    (reason) =>
      statusOf(reason, 'application/json') !==
      statusOf(reason, 'application/graphql-response+json'),
  );
  const [, sentence = ''] = /These are (.*?)\. All other refusals/s.exec(guide) ?? [];
  const written = [...sentence.matchAll(/`([a-z]+\/[a-z-]+)`/g)].map(([, reason]) => reason);
  expect(written.toSorted()).toEqual(differing.toSorted());
});
