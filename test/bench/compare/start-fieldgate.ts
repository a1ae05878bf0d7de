/** This gateway as the benchmark has it, secured and with 1 % of traces, changed where one asks. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { main } from '../child-process.ts';
import type { Contender } from './contender.ts';
import { fieldgateFiles } from './fieldgate-files.ts';
import { firstAnswer } from './first-answer.ts';
import type { Entrant } from './measure.ts';
import type { Site } from './site.ts';
import { freePort, startProcess } from './start-process.ts';

export interface FieldgatePlan {
  readonly name: string;
  /** Other files than the benchmark's. */
  readonly change?: (files: Record<string, string>) => Record<string, string>;
  /** Arguments of Node itself. */
  readonly nodeArgs?: readonly string[];
}

/** Resolves after its first right answer. */
export async function startFieldgate(site: Site, plan: FieldgatePlan): Promise<Entrant> {
  const { name, change = (files) => files, nodeArgs = [] } = plan;
  const port = await freePort();
  const folder = join(site.folder, name);
  const files = change(fieldgateFiles(site, { isSecured: true, tracesRatio: 0.01 }, port));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const contender: Contender = {
    name,
    about: '',
    dialect: { id: 'ID!', update: 'EmployeeUpdateInput!' },
    view: 'ruled',
    isSecured: true,
    start: () => Promise.reject(new Error('it is started already')),
  };
  const started = await startProcess({
    args: [...nodeArgs, ...main, 'serve', '--config', join(folder, 'gateway.yaml')],
    url: `http://127.0.0.1:${port}/graphql`,
    logFile: join(folder, 'log.ndjson'),
    findFault: firstAnswer(contender, site),
  });
  return { contender, started };
}
