/**
 * Compares the settings besides the coordinates: who is admitted, how much they may ask, what is
 * counted, detected, sent to upstreams and recorded, and which classes coordinates lose. The
 * content of key files and network lists is not compared.
 */
import { coordinatesIn, hasCoordinate } from '../../authorize/schema-coordinates.ts';
import type { Config } from '../../config.ts';
import type { CostPolicy } from '../../limits/cost/cost-policy.ts';
import type { DocumentPolicy } from '../../limits/document-policy.ts';
import type { Limits } from '../../limits/limits.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import type { Offline } from '../load-offline.ts';
import { compareAlerts } from './diff-alerts.ts';
import { compareAudit } from './diff-audit.ts';
import { compareDetections } from './diff-detections.ts';
import { compareIdentity } from './diff-identity.ts';
import { compareListen } from './diff-listen.ts';
import { compareNetwork } from './diff-network.ts';
import { compareRates } from './diff-rates.ts';
import { none, type SettingChange, SettingChanges } from './diff-setting.ts';
import { compareShadows } from './diff-shadows.ts';
import { compareTypes } from './diff-types.ts';
import { compareUpstreams } from './diff-upstreams.ts';

/** Sorted by setting. */
export function compareSettings(
  old: Offline,
  now: Offline,
): { readonly widens: readonly SettingChange[]; readonly narrows: readonly SettingChange[] } {
  const changes = new SettingChanges();
  compareConfig(changes, old.config, now.config);
  compareListen(changes, old.config, now.config);
  compareUpstreams(changes, old, now);
  compareAudit(changes, old.config, now.config);
  compareTypes(changes, old.snapshot, now.snapshot);
  compareIdentity(changes, old.config, now.config);
  compareLimits(changes, old.policies.limits, now.policies.limits);
  compareCost(changes, old.policies.cost, now.policies.cost);
  compareDocuments(changes, old.policies.documents, now.policies.documents);
  compareRates(changes, old, now);
  compareShadows(changes, old, now);
  compareNetwork(changes, old, now);
  compareDetections(changes, old.policies.detections, now.policies.detections);
  compareAlerts(changes, old.config, now.config);
  compareClasses(changes, old.snapshot, now.snapshot);
  return { widens: changes.widens.sort(bySetting), narrows: changes.narrows.sort(bySetting) };
}

const bySetting = (one: SettingChange, other: SettingChange): number =>
  one.setting < other.setting ? -1 : Number(one.setting > other.setting);

function compareConfig(changes: SettingChanges, was: Config, is: Config): void {
  const words = ['nobody', 'authenticated', 'everyone'] as const;
  changes.word('introspection', was.introspection, is.introspection, words);
  changes.number('batch.max', was.batch.max, is.batch.max);
  const [before, after] = [was.store.onStoreDown, is.store.onStoreDown];
  if (before && after) changes.word('onStoreDown', before, after, ['refuse', 'local']);
  changes.value('telemetry.otlp', was.telemetry.otlp || none, is.telemetry.otlp || none);
}

function compareLimits(changes: SettingChanges, was: Limits, is: Limits): void {
  for (const name of Object.keys(is) as (keyof Limits)[]) {
    // A multiplier of costs.
    const opens = name === 'referenceFactor' ? 'less' : 'more';
    changes.number(`limits.${name}`, was[name], is[name], opens);
  }
}

function compareCost(changes: SettingChanges, was: CostPolicy, is: CostPolicy): void {
  for (const name of ['upstreamCall', 'mutation', 'assumedListSize'] as const) {
    changes.number(name, was[name], is[name], 'less');
  }
  for (const coordinate of new Set([...was.weights.keys(), ...is.weights.keys()])) {
    const [before, after] = [was.weights.get(coordinate), is.weights.get(coordinate)];
    const setting = `weights.${coordinate}`;
    if (before && after) changes.number(setting, before.weight, after.weight, 'less');
    else changes.value(setting, before?.weight, after?.weight);
  }
  for (const coordinate of new Set([...was.listSizes.keys(), ...is.listSizes.keys()])) {
    const [before, after] = [was.listSizes.get(coordinate), is.listSizes.get(coordinate)];
    changes.value(`listSizes.${coordinate}`, before?.size, after?.size);
  }
}

function compareDocuments(changes: SettingChanges, was: DocumentPolicy, is: DocumentPolicy): void {
  changes.word('documents', was.documents, is.documents, ['trusted', 'any']);
  if (was.documents === 'any' || is.documents === 'any') return;
  const { byId } = is.manifest;
  const isOther = (id: string, text: string) => byId.has(id) && byId.get(id) !== text;
  // An ID with a changed text counts as a new document.
  const before = [...was.manifest.byId].flatMap(([id, text]) => (isOther(id, text) ? [] : [id]));
  changes.names('manifest', before, [...byId.keys()], 'added');
}

/** A class causes auditing and counting, so losing it widens. */
function compareClasses(changes: SettingChanges, was: Ruled, is: Ruled): void {
  // Filters not named by a rule take the classes of their fields, which are compared themselves.
  const isWritten = ({ policy }: Ruled, coordinate: string) =>
    policy.filters.get(coordinate)?.named !== undefined || !policy.filters.has(coordinate);
  const classesOf = ({ policy: { fields, inputs } }: Ruled, coordinate: string) =>
    (fields.get(coordinate) ?? inputs.get(coordinate))?.classes ?? [];
  for (const coordinate of coordinatesIn(is.executable)) {
    if (!hasCoordinate(was.executable, coordinate)) continue;
    if (![was, is].every((one) => isWritten(one, coordinate))) continue;
    const [had, has] = [classesOf(was, coordinate), classesOf(is, coordinate)];
    changes.names(`class of ${coordinate}`, had, has, 'removed');
  }
}

type Ruled = Pick<Snapshot, 'executable' | 'policy'>;
