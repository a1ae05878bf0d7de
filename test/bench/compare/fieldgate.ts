/**
 * This gateway, with everything on and with as little as it can be made to do. What its
 * configuration does not take yet is found out by `fieldgate check` and left out, by name.
 */
import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { main } from '../child-process.ts';
import type { Contender, Missing } from './contender.ts';
import { type Features, fieldgateFiles } from './fieldgate-files.ts';
import { firstAnswer } from './first-answer.ts';
import type { Site } from './site.ts';
import { freePort, type Started, startProcess } from './start-process.ts';

const guards = 'JWT ES256, access policies, rates, limits, log';
const guarded: Features = { isSecured: true };
const fewTraces = { tracesRatio: 0.01 };

interface Variant {
  readonly name: string;
  readonly about: string;
  readonly features: Features;
  /** Keys of gateway.yaml without which it would not be itself. */
  readonly needs: readonly (keyof Features)[];
}

const variants: readonly Variant[] = [
  {
    name: 'fieldgate',
    about: `${guards}; traces at 1 %`,
    features: { ...guarded, ...fewTraces },
    needs: [],
  },
  {
    name: 'fieldgate + audit',
    about: `${guards}; traces at 1 %, audit`,
    features: { ...guarded, ...fewTraces, audit: true },
    needs: ['audit'],
  },
  {
    name: 'fieldgate + audit, all traces',
    about: `${guards}; traces at 100 %, audit`,
    features: { ...guarded, tracesRatio: 1, audit: true },
    needs: ['tracesRatio', 'audit'],
  },
  {
    name: 'fieldgate, all off',
    about: 'anonymous callers, one rule that grants everything, no rates; its log cannot be off',
    features: { isSecured: false },
    needs: [],
  },
  {
    name: 'fieldgate, reference engine',
    about: `${guards}; traces at 1 %; Yoga over the stitched schema`,
    features: { ...guarded, ...fewTraces, engine: 'reference' },
    needs: ['engine'],
  },
];

/** What this gateway can be, and what it cannot be yet. */
export async function findFieldgates(
  site: Site,
): Promise<{ contenders: Contender[]; missing: Missing[] }> {
  const unknown = new Set<keyof Features>();
  const optional = { audit: true, tracesRatio: 0.01, engine: 'reference' } as const;
  for (const [key, value] of Object.entries(optional)) {
    const files = fieldgateFiles(site, { ...guarded, [key]: value }, 4_000);
    const folder = await writeFiles(join(site.folder, `check-${key}`), files);
    const { status } = spawnSync(
      process.execPath,
      [...main, 'check', '--config', configIn(folder)],
      {
        timeout: 60_000,
      },
    );
    if (status !== 0) unknown.add(key as keyof Features);
  }
  const able = variants.filter(({ needs }) => !needs.some((key) => unknown.has(key)));
  const unable = variants.filter((variant) => !able.includes(variant));
  return {
    contenders: able.map((variant) => toContender(variant, unknown)),
    missing: unable.map(({ name, needs }) => ({
      name,
      reason: `gateway.yaml does not take ${needs.filter((key) => unknown.has(key)).join(', ')} yet`,
    })),
  };
}

function toContender(variant: Variant, unknown: ReadonlySet<keyof Features>): Contender {
  const known = Object.entries(variant.features).filter(
    ([key]) => !unknown.has(key as keyof Features),
  );
  const features = Object.fromEntries(known) as unknown as Features;
  const isWhole = known.length === Object.keys(variant.features).length;
  const contender: Contender = {
    name: variant.name,
    about: isWhole ? variant.about : variant.about.replace('traces at 1 %', 'no traces yet'),
    dialect: { id: 'ID!', update: 'EmployeeUpdateInput!' },
    view: features.isSecured ? 'ruled' : 'open',
    isSecured: features.isSecured,
    start: (site) => start(contender, features, site),
  };
  return contender;
}

async function start(contender: Contender, features: Features, site: Site): Promise<Started> {
  const port = await freePort();
  const name = contender.name.replaceAll(/\W+/g, '-');
  const folder = await writeFiles(join(site.folder, name), fieldgateFiles(site, features, port));
  return startProcess({
    args: [...main, 'serve', '--config', configIn(folder)],
    url: `http://127.0.0.1:${port}/graphql`,
    logFile: join(folder, 'log.ndjson'),
    findFault: firstAnswer(contender, site),
  });
}

const configIn = (folder: string): string => join(folder, 'gateway.yaml');

async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}
