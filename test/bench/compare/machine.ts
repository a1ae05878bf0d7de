/** Where and with which versions a run was made. */
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { z } from 'zod';

const lock = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional() })),
});

const watched = [
  ['this repository', '../../../', ['graphql', 'graphql-yoga', '@graphql-tools/stitch', 'undici']],
  [
    'Hive, Apollo',
    '../peers/',
    ['@graphql-hive/gateway', '@apollo/server', '@apollo/gateway', 'graphql'],
  ],
  ['Mercurius', '../peers/mercurius/', ['mercurius', '@mercuriusjs/gateway', 'fastify', 'graphql']],
] as const;

/** One line each. */
export async function describeMachine(): Promise<string[]> {
  const [processor] = cpus();
  const memoryGb = Math.round(totalmem() / 2 ** 30);
  const lines = [
    `${processor?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${memoryGb} GB, ${process.platform} ${release()}`,
    `Node.js ${process.versions.node}, fieldgate at ${revision()}`,
  ];
  for (const [who, folder, names] of watched) {
    const text = await readFile(new URL(`${folder}package-lock.json`, import.meta.url), 'utf8');
    const { packages } = lock.parse(JSON.parse(text));
    const versions = names.map((name) => `${name} ${packages[`node_modules/${name}`]?.version}`);
    lines.push(`${who}: ${versions.join(', ')}`);
  }
  return lines;
}

function revision(): string {
  const { status, stdout } = spawnSync('git', ['describe', '--always', '--dirty'], {
    cwd: new URL('.', import.meta.url),
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : 'an unknown revision';
}
