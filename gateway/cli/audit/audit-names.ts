/**
 * Decides whether "nobody" is a valid answer to `audit who-saw`: only if the log would record an
 * access. A mistyped or unrecorded name appears in no log.
 */

import { didYouMean } from '../../files/nearest.ts';
import { ownerOf, splitCoordinate } from '../../graph/coordinate.ts';
import { recordedNames } from '../../watch/audit-log/search/recorded-names.ts';
import { isAskedField } from '../../watch/audit-log/search/who-saw.ts';
import type { CommandIo } from '../command.ts';
import type { AuditSource } from './audit-source.ts';

const form = /^[_A-Za-z][_0-9A-Za-z]*(?:\.[_A-Za-z][_0-9A-Za-z]*)?$/;

/** Throws Error if the text is not a field name or coordinate. */
export function checkFieldForm(asked: string): void {
  if (form.test(asked)) return;
  throw new Error(`--field: "${asked}" is neither Type.field nor the name of a field`);
}

/** Throws Error for a type under which nothing is recorded: "nobody" would be a wrong answer. */
export function refuseUnknownType(type: string, subjects: AuditSource['subjects']): void {
  if (subjects === undefined) return;
  const recorded = new Set(Object.values(subjects).map(({ of }) => of));
  if (recorded.has(type)) return;
  const owner = Object.hasOwn(subjects, type) ? subjects[type]?.of : undefined;
  const hint =
    owner === undefined
      ? didYouMean(type, recorded)
      : `: what left of it is recorded under ${owner}`;
  throw new Error(
    `audit.subjects records nothing under "${type}"${hint}; ask with --directory where it once did`,
  );
}

/** Throws Error if there is no configuration to consult and the log holds no record of the type. */
export async function refuseUnrecordedType(
  type: string,
  { chains, subjects }: Pick<AuditSource, 'chains' | 'subjects'>,
): Promise<void> {
  if (subjects !== undefined) return;
  const recorded = new Set<string>();
  for await (const one of recordedNames(chains, 'type')) {
    if (one === type) return;
    recorded.add(one);
  }
  throw new Error(`the log names no record of a "${type}"${didYouMean(type, recorded)}`);
}

/**
 * Throws Error if the log has never held such a field and the policies give it no class: accesses
 * to it would not be recorded.
 */
export async function refuseUnrecordedField(
  asked: string,
  { chains, configFile }: Pick<AuditSource, 'chains' | 'configFile'>,
  io: CommandIo,
): Promise<void> {
  const recorded = new Set<string>();
  for await (const field of recordedNames(chains, 'field')) {
    if (isAskedField(field, asked)) return;
    recorded.add(field);
  }
  const nothing = `nothing that ever left by this log is "${asked}"`;
  if (configFile === undefined) {
    const hint = didYouMean(asked, namesLike(asked, recorded));
    throw new Error(
      `${nothing}${hint}; with --config its schema says whether there is such a field`,
    );
  }
  const { classified, others } = await fieldsOf(configFile, io);
  if (classified.some((field) => isAskedField(field, asked))) return;
  const unclassified = others.find((field) => isAskedField(field, asked));
  if (unclassified !== undefined) {
    throw new Error(
      `${nothing}, and ${unclassified} has no class: what leaves of it is not recorded`,
    );
  }
  const hint = didYouMean(asked, namesLike(asked, new Set([...recorded, ...classified])));
  throw new Error(`${nothing}, and the schema has no such field${hint}`);
}

/**
 * Fields of object types, as events name them, with and without a class. Loads the gateway only
 * here, so that questions the log alone can answer stay fast.
 */
async function fieldsOf(
  config: string,
  io: CommandIo,
): Promise<{ classified: string[]; others: string[] }> {
  try {
    const { loadOffline } = await import('../load-offline.ts');
    const { isObjectType } = await import('graphql');
    const { snapshot } = await loadOffline({ config, json: false, values: {} }, io);
    const all = [...snapshot.policy.fields.values()].filter(({ coordinate }) =>
      isObjectType(snapshot.executable.getType(ownerOf(coordinate))),
    );
    const named = (has: boolean): string[] =>
      all.filter(({ classes }) => classes.length > 0 === has).map(({ coordinate }) => coordinate);
    return { classified: named(true), others: named(false) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`the log has no such field, and the schema cannot be asked: ${why}`, {
      cause: error,
    });
  }
}

/** A plain field name is compared with plain field names. */
const namesLike = (asked: string, coordinates: ReadonlySet<string>): Iterable<string> =>
  asked.includes('.')
    ? coordinates
    : new Set([...coordinates].map((one) => splitCoordinate(one)[1]));
