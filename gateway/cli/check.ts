/**
 * `fieldgate check`: whether everything loads, and what an operator should know even so:
 * coordinates without a rule, rules that allow nothing, masks that nobody gets, fields lost with something hidden,
 * unclassified fields that sound sensitive, parts of OpenAPI documents missing from the graph,
 * filters on guarded fields and defaults that choose them, open filters on fields that nobody has,
 * settings without effect, and missing key
 * files.
 */
import type { AccessRule } from '../authorize/access/access-file.ts';
import { findDeadRules } from '../authorize/access/dead-rules.ts';
import { findBesidePins } from '../authorize/beside-pins.ts';
import { findUnlisted } from '../authorize/coverage.ts';
import { findKeyQueries } from '../authorize/key-queries.ts';
import { findOpenFilters } from '../authorize/open-filters.ts';
import { findParentsLookedAt } from '../authorize/parents-looked-at.ts';
import type { Policy } from '../authorize/policy.ts';
import { coordinatesIn } from '../authorize/schema-coordinates.ts';
import { findUnclassified } from '../authorize/unclassified.ts';
import { hiddenFromSome } from '../authorize/view/hidden.ts';
import { findWideWrites } from '../authorize/wide-writes.ts';
import { findWriteCoverage } from '../authorize/write-coverage.ts';
import { endingCertificates } from '../delegate/transport/ending-certificates.ts';
import type { Snapshot } from '../snapshot/snapshot.ts';
import { readAllCases } from './cases/cases-load.ts';
import { explainFallen } from './check/check-fallen.ts';
import { checkFiles } from './check/check-files.ts';
import type { Findings, FoundDefault } from './check/check-findings.ts';
import { findIdle } from './check/check-idle.ts';
import { findOtherIssuers } from './check/check-issuers.ts';
import { findListRates } from './check/check-list-rates.ts';
import { findDeadMasks } from './check/check-masks.ts';
import { findPatterns } from './check/check-patterns.ts';
import { explainShadows } from './check/check-shadows.ts';
import { toCheckText } from './check/check-text.ts';
import type { CommandIo, CommandOptions } from './command.ts';
import { explainPins } from './explain/explain-pins.ts';
import { loadOffline } from './load-offline.ts';

/** Returns 0 if everything loads, whatever is found; throws ConfigError or Error if it does not. */
export async function runCheck(options: CommandOptions, io: CommandIo): Promise<number> {
  const offline = await loadOffline(options, io);
  const { graph, snapshot } = offline;
  const { executable, policy } = snapshot;
  const { cases, detectCases } = await readAllCases(offline);
  const absent = await checkFiles(offline, io.env);
  const findings: Findings = {
    ok: true,
    unlisted: findUnlisted(executable, policy),
    dead: findDeadRules(inForce(offline.policies.rules), policy).map(toPlace),
    deadMasks: findDeadMasks(policy, offline.config.identity.anonymous === 'allow'),
    patterns: findPatterns(offline.policies),
    idle: findIdle(offline),
    listRates: findListRates(offline.policies, executable),
    unclassified: findUnclassified(executable, policy),
    fallen: snapshot.public.fallen,
    ...findHidden(snapshot),
    report: graph.report,
    filters: [...policy.filters.values()].map(({ named, ...match }) => ({
      ...match,
      ...(named && { named: toPlace(named) }),
    })),
    warnings: [...policy.freeFilters].map(([coordinate, mayMean]) => ({
      code: 'free-filter',
      coordinate,
      mayMean,
    })),
    openFilters: findOpenFilters(executable, policy, snapshot.viewWithout),
    defaults: findDefaults(policy),
    pins: explainPins(policy),
    besidePins: findBesidePins(policy, snapshot.public.schema),
    looked: [...policy.looked],
    parents: findParentsLookedAt(policy, { schema: snapshot.public.schema, executable }),
    writes: findWriteCoverage(executable, policy),
    wideWrites: findWideWrites(executable, policy).map(({ rule, ...one }) => ({
      ...one,
      ...toPlace(rule),
    })),
    keyQueries: findKeyQueries(snapshot.public.schema, policy),
    absent,
    ending: endingCertificates(offline.config, offline.nowMs),
    otherIssuers: await findOtherIssuers(offline.config.identity, absent),
    shadows: explainShadows(offline),
    cases: cases.length + detectCases.length,
  };
  const about = { policy, executable, schema: snapshot.public.schema };
  const toText = () => toCheckText(findings, (fallen) => explainFallen(fallen, about));
  io.stdout.write(options.json ? `${JSON.stringify(findings, null, 2)}\n` : toText());
  return 0;
}

const inForce = (rules: readonly AccessRule[]) => rules.filter(({ shadow }) => !shadow);

const findDefaults = ({ defaults }: Policy): FoundDefault[] =>
  [...defaults.values()]
    .flat()
    .map(({ means, policy: { coordinate }, isOfService: byService }) => ({
      coordinate,
      means,
      byService,
    }));

const toPlace = ({ name, source: { file, line } }: AccessRule) => ({ rule: name, file, line });

function findHidden({ policy, public: whole, viewWithout }: Snapshot) {
  const hidden = hiddenFromSome(policy);
  if (hidden.size === 0) return { hidden: [], fallenWithHidden: [] };
  const left = new Set(coordinatesIn(viewWithout(hidden)?.schema));
  const gone = coordinatesIn(whole.schema).filter((one) => !left.has(one) && !hidden.has(one));
  return { hidden: [...hidden], fallenWithHidden: gone };
}
