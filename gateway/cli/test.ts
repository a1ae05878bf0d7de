/**
 * `fieldgate test`: runs the policy cases, which are data beside the policies. Decided by the
 * policy, plan and view of a served request; nothing is sent, and rates are not counted. Cases of
 * detections are sequences of requests with the alerts that they raise. Without any case the answer
 * is no, because the operator relies on some.
 */

import { parseAddress } from '../addresses/ip-address.ts';
import { createNetwork, type Network } from '../admit/network-rules.ts';
import { Refusal } from '../decision.ts';
import type { CaseCaller, PolicyCase } from '../files/cases-file.ts';
import { readFileVersion } from '../files/read-file.ts';
import { asksForRegions } from '../snapshot/check-conditions.ts';
import { type CasePerson, findVerdicts } from './cases/cases-found.ts';
import { judge } from './cases/cases-judge.ts';
import { readAllCases } from './cases/cases-load.ts';
import { namesAsked, notesOf } from './cases/cases-notes.ts';
import type { ReadCase } from './cases/cases-read.ts';
import { type CaseResult, toText } from './cases/cases-text.ts';
import { runDetectCases } from './cases/detect-cases.ts';
import type { CommandIo, CommandOptions } from './command.ts';
import { loadOffline, type Offline } from './load-offline.ts';
import { readCaseCaller } from './read-caller.ts';

/** Returns 0 if all pass, 1 if one fails or there is none; throws ConfigError or Error. */
export async function runTest(options: CommandOptions, io: CommandIo): Promise<number> {
  const offline = await loadOffline(options, io);
  const { policies } = offline.config;
  const { cases, detectCases } = await readAllCases(offline);
  const detected = runDetectCases(offline, detectCases);
  if (cases.length + detected.length === 0) {
    const why = `there are no cases: no *.cases.yaml beside the policies in ${policies} has one`;
    io.stdout.write(options.json ? toJson({ ok: false, cases: [] }) : `${why}\n`);
    return 1;
  }
  const network = await openNetwork(offline, cases);
  const results: CaseResult[] = [];
  const asked = namesAsked(offline.policies);
  for (const one of cases) {
    const notes = notesOf(one.one, asked);
    const result = await runCase(offline, one, network);
    results.push(notes.length === 0 ? result : { ...result, notes });
  }
  network?.close();
  results.push(...detected);
  const ok = results.every((result) => result.ok);
  io.stdout.write(options.json ? toJson({ ok, cases: results }) : toText(results));
  return ok ? 0 : 1;
}

const toJson = (said: { ok: boolean; cases: readonly CaseResult[] }): string =>
  `${JSON.stringify(said, null, 2)}\n`;

async function runCase(
  offline: Offline,
  { one, asked, named }: ReadCase,
  network: Network | undefined,
): Promise<CaseResult> {
  const findings = await findVerdicts(offline, toPerson(one, offline, network), asked);
  const places = asked instanceof Refusal ? [] : asked.places;
  const { inputs } = offline.snapshot.policy;
  const problems = judge(one, { named, places, isRuled: (input) => inputs.has(input) }, findings);
  const { source, path, name } = one;
  const { line } = source.at([...path, 'name']);
  return { name, file: source.file, line, ok: problems.length === 0, problems };
}

/** A case without an address skips the network rules, as if it was admitted. */
function toPerson(
  { as = 'anonymous' }: PolicyCase,
  { config }: Offline,
  network: Network | undefined,
): CasePerson {
  const given: CaseCaller = as === 'anonymous' ? {} : as;
  const caller = readCaseCaller(given, config.identity);
  const { address, now } = given;
  if (address === undefined && now === undefined) {
    return { caller, situation: undefined, refusal: undefined };
  }
  const where = address === undefined ? undefined : network?.decide(parseAddress(address));
  return {
    caller,
    situation: {
      country: where?.country,
      networks: where?.lists ?? [],
      nowMs: now === undefined ? Number.NaN : Date.parse(now),
    },
    refusal: where?.refusal && new Refusal(where.refusal),
  };
}

/** Network lists and countries, if a case has an address; throws ConfigError if unreadable. */
async function openNetwork(
  { policies }: Offline,
  cases: readonly ReadCase[],
): Promise<Network | undefined> {
  const hasAddress = ({ one: { as } }: ReadCase) => typeof as === 'object' && 'address' in as;
  if (!cases.some(hasAddress)) return undefined;
  return await createNetwork(policies.network, {
    now: Date.now,
    readFile: readFileVersion,
    report: () => undefined,
    needsRegions: asksForRegions(policies),
    every: () => () => undefined,
  });
}
