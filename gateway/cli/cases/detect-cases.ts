/**
 * The detection cases of `fieldgate test`: runs the detector of a served gateway over the requests
 * of a case, on the case's clock.
 */

import { coordinatesIn } from '../../authorize/schema-coordinates.ts';
import { reasons } from '../../decision.ts';
import { createCountedHere } from '../../detect/counted-here.ts';
import type { Detection } from '../../detect/detection.ts';
import { DetectionCounts } from '../../detect/detection-counts.ts';
import { createDetector } from '../../detect/detector.ts';
import { indexDetections } from '../../detect/indexed-detections.ts';
import type { Problem } from '../../files/config-error.ts';
import { type CaseEvent, type DetectCase, loadDetectCases } from '../../files/detect-cases-file.ts';
import { didYouMean } from '../../files/nearest.ts';
import type { Offline } from '../load-offline.ts';
import type { CaseResult } from './cases-text.ts';
import { type ClassesOf, toRecord } from './detect-cases-record.ts';

/** An alert; its time is undefined if the case gives none. */
interface Raised {
  readonly detection: string;
  readonly atMs: number | undefined;
}

type About = Pick<Offline, 'config' | 'detections' | 'policies' | 'snapshot'>;

/** Reads the cases, with the problems of all their files. */
export async function readDetectCases(
  about: About,
): Promise<{ readonly cases: readonly DetectCase[]; readonly problems: readonly Problem[] }> {
  const { cases, problems } = await loadDetectCases(about.config.policies);
  return { cases, problems: [...problems, ...cases.flatMap((one) => unknownIn(one, about))] };
}

/** Runs the cases. */
export function runDetectCases(
  { snapshot, detections }: About,
  cases: readonly DetectCase[],
): readonly CaseResult[] {
  const { fields, inputs } = snapshot.policy;
  const classesOf: ClassesOf = (coordinate) =>
    fields.get(coordinate)?.classes ?? inputs.get(coordinate)?.classes ?? [];
  return cases.map((one) => runCase(one, detections, classesOf));
}

function runCase(
  one: DetectCase,
  detections: readonly Detection[],
  classesOf: ClassesOf,
): CaseResult {
  const raised: Raised[] = [];
  const failures: string[] = [];
  let atMs = 0;
  const counts = new DetectionCounts(() => atMs);
  const index = indexDetections(detections);
  const detector = createDetector({
    detections: () => index,
    counting: createCountedHere(counts, (_fired, { detection }) =>
      raised.push({ detection: detection.name, atMs }),
    ),
    failed: (detection, why) => failures.push(`${detection}: ${why}`),
    key: Buffer.alloc(32),
  });
  for (const request of toRequests(one.events)) {
    atMs = request.atMs;
    const record = toRecord(request.event, { ...request, classesOf });
    detector.decided(record);
    detector.ended(record);
  }
  if (failures.length > 0) throw new Error(`a detection failed: ${failures.join(', ')}`);
  const expected = one.expect.map((alert): Raised => {
    if (typeof alert === 'string') return { detection: alert, atMs: undefined };
    return { detection: alert.detection, atMs: alert.at };
  });
  const { source, path, name } = one;
  return {
    name,
    file: source.file,
    line: source.at([...path, 'name']).line,
    ok: areAlike(expected, raised),
    problems: [],
    alerts: { expected: expected.map(toText), raised: raised.map(toText) },
  };
}

const areAlike = (expected: readonly Raised[], raised: readonly Raised[]): boolean =>
  expected.length === raised.length &&
  expected.every(({ detection, atMs }, index) => {
    const found = raised[index];
    return found?.detection === detection && (atMs === undefined || found.atMs === atMs);
  });

const toText = ({ detection, atMs }: Raised): string =>
  atMs === undefined ? detection : `${detection} at ${atMs / 1_000}s`;

/** Sorted by time; simultaneous requests keep the order of the file. */
function toRequests(
  events: readonly CaseEvent[],
): readonly { event: CaseEvent; n: number; atMs: number }[] {
  return events
    .flatMap((event) =>
      Array.from({ length: event.times }, (_, index) => ({
        event,
        n: index + 1,
        atMs: event.at + index * (event.every ?? 0),
      })),
    )
    .sort((one, other) => one.atMs - other.atMs);
}

/** Problems for unknown names: with one, a case could only ever show that nothing is raised. */
function unknownIn(
  { events, expect, source, path }: DetectCase,
  { detections, policies, config, snapshot }: About,
): Problem[] {
  const problems: Problem[] = [];
  const coordinates = coordinatesIn(snapshot.executable);
  const check = (
    what: string,
    names: readonly string[],
    there: readonly string[],
    at: (string | number)[],
  ) => {
    for (const name of names) {
      if (there.includes(name)) continue;
      const message = `there is no ${what} "${name}"${didYouMean(name, there)}`;
      problems.push(source.problem({ path: [...path, ...at], code: 'unknown-name', message }));
    }
  };
  const named = detections.map(({ name }) => name);
  for (const [index, alert] of expect.entries()) {
    const name = typeof alert === 'string' ? alert : alert.detection;
    check('detection', [name], named, ['expect', index]);
  }
  for (const [index, event] of events.entries()) {
    const at = (key: string): (string | number)[] => ['events', index, key];
    check('reason', event.reason === undefined ? [] : [event.reason], reasons, at('reason'));
    const rates = policies.rates.map(({ name }) => name);
    check('rate', event.rate === undefined ? [] : [event.rate], rates, at('rate'));
    check('coordinate', event.denied ?? [], coordinates, at('denied'));
    check('coordinate', event.stepUp ?? [], coordinates, at('stepUp'));
    check('coordinate', Object.keys(event.delivered ?? {}), coordinates, at('delivered'));
    check('coordinate', Object.keys(event.masked ?? {}), coordinates, at('masked'));
    const upstreams = config.upstreams.map(({ name }) => name);
    check('upstream', event.upstreamFailed ?? [], upstreams, at('upstreamFailed'));
    const lists = policies.network.lists.map(({ name }) => name);
    check('list', event.networks ?? [], lists, at('networks'));
  }
  return problems;
}
