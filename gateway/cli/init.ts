/**
 * `fieldgate init NAME=DESCRIPTION[,URL]…`: writes a configuration and policies to start from,
 * which pass `check` and serve unchanged. Never overwrites a file; if the result does not load,
 * everything written is removed again.
 *
 * The start is closed: reads only, and one API key that sees nothing that sounds sensitive.
 */

import { createHash, randomBytes } from 'node:crypto';
import { access, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ApiDocument } from '../delegate/openapi/document/api-document.ts';
import { loadOpenApi } from '../delegate/openapi/load-openapi.ts';
import { makeFolder } from '../files/make-folder.ts';
import { printable } from '../files/printable.ts';
import { isAbsent } from '../files/system-error.ts';
import type { CommandIo, CommandOptions } from './command.ts';
import { type FittedUpstream, fitTogether } from './init/init-compose.ts';
import { readGiven } from './init/init-given.ts';
import { type ProposedPolicy, proposePolicy } from './init/init-policy.ts';
import { ratesYaml, toAccessYaml, toGatewayYaml, toKeysYaml } from './init/init-text.ts';
import { initUsage } from './init/init-usage.ts';
import { loadOffline } from './load-offline.ts';

const upstreamsMax = 50;

/** Returns 1 if a file is in the way; throws Error if an argument cannot be read. */
export async function runInit(options: CommandOptions, io: CommandIo): Promise<number> {
  const words = options.words ?? [];
  const names = words.map((word) => word.split('=', 1)[0]);
  if (words.length === 0 || words.length > upstreamsMax || new Set(names).size < names.length) {
    io.stderr.write(`fieldgate: init: 1 to ${upstreamsMax} upstreams, each with its own name\n`);
    for (const line of initUsage) io.stderr.write(`  ${line}\n`);
    return 2;
  }
  const given = [];
  for (const word of words) given.push(await readGiven(word, io.stop));
  const upstreams = fitTogether(given);
  const start = new Start(upstreams, resolve(options.config));
  const taken = await start.findTaken();
  if (taken !== undefined) {
    io.stderr.write(
      `${taken} is there already: nothing was written. To start elsewhere: --config FOLDER/gateway.yaml\n`,
    );
    return 1;
  }
  await start.write(options, io);
  report(start, upstreams, options, io);
  return 0;
}

class Start {
  readonly key = randomBytes(32).toString('base64url');
  readonly policies: ReadonlyMap<string, ProposedPolicy>;
  readonly #upstreams: readonly FittedUpstream[];
  readonly #config: string;
  /** Files written and folders made, in order. */
  readonly #made: string[] = [];

  constructor(upstreams: readonly FittedUpstream[], config: string) {
    this.#upstreams = upstreams;
    this.#config = config;
    const named = new Set<string>();
    this.policies = new Map(
      upstreams.map((upstream) => {
        const policy = proposePolicy(upstream, (type) => named.has(type));
        for (const { fields } of policy.rules) for (const type of fields.keys()) named.add(type);
        return [upstream.given.name, policy];
      }),
    );
  }

  /** Texts by path, gateway.yaml last: without it nothing can start. */
  files(): ReadonlyMap<string, string> {
    const directory = dirname(this.#config);
    const hash = createHash('sha256').update(this.key).digest('hex');
    const scopes = this.#upstreams.map(({ given }) => `${given.name}:read`);
    return new Map([
      ...this.#upstreams.flatMap(({ given }): [string, string][] =>
        given.sdl === undefined ? [] : [[given.description, given.sdl]],
      ),
      ...[...this.policies].map(([name, policy]): [string, string] => [
        join(directory, 'policies/access', `${name}.yaml`),
        toAccessYaml(name, policy),
      ]),
      [join(directory, 'policies/rates/default.yaml'), ratesYaml],
      [join(directory, 'keys.yaml'), toKeysYaml(hash, scopes)],
      [this.#config, toGatewayYaml(this.#upstreams, directory)],
    ]);
  }

  async findTaken(): Promise<string | undefined> {
    // Existing policies would be mixed with the new ones.
    const policies = join(dirname(this.#config), 'policies');
    for (const file of [...this.files().keys(), policies]) if (await isThere(file)) return file;
    return undefined;
  }

  /** Writes all files or none. */
  async write(options: CommandOptions, io: CommandIo): Promise<void> {
    try {
      await this.#put();
      await loadOffline(options, { ...io, loadDocument: (source) => this.#documentAt(source) });
    } catch (error) {
      // Removes only what was made here: another file may have appeared since the check.
      for (const one of this.#made.reverse()) await rm(one, { recursive: true, force: true });
      throw error;
    }
  }

  async #documentAt(source: string): Promise<ApiDocument> {
    const one = this.#upstreams.find(({ given }) => given.description === source);
    return one?.given.document ?? (await loadOpenApi(source));
  }

  async #put(): Promise<void> {
    for (const [file, text] of this.files()) {
      const folder = await makeFolder(dirname(file));
      if (folder !== undefined) this.#made.push(folder);
      await writeFile(file, text, { flag: 'wx' });
      this.#made.push(file);
    }
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

function report(
  start: Start,
  upstreams: readonly FittedUpstream[],
  { json, config }: CommandOptions,
  { stdout }: CommandIo,
): void {
  const files = [...start.files().keys()];
  const found = upstreams.map(({ given, fields, leftOut, prefixWhy }) => ({
    upstream: given.name,
    kind: given.kind,
    url: given.url,
    fields: fields.size,
    leftOut,
    others: given.others,
    ...(prefixWhy !== undefined && { prefixWhy }),
    classes: [
      ...new Set(start.policies.get(given.name)?.rules.flatMap((rule) => rule.class ?? [])),
    ],
  }));
  if (json) {
    stdout.write(`${JSON.stringify({ files, upstreams: found, key: start.key }, null, 2)}\n`);
    return;
  }
  for (const file of files) stdout.write(`wrote ${file}\n`);
  for (const { upstream, kind, url, fields, leftOut, others, classes, prefixWhy } of found) {
    const apart = classes.length === 0 ? 'nothing' : classes.join(', ');
    stdout.write(
      `${upstream}: ${counted(fields, 'root field')} at ${url}; under scopes of their own: ${apart}\n`,
    );
    if (prefixWhy !== undefined) stdout.write(`${printable(`${upstream}: ${prefixWhy}`)}\n`);
    for (const { field, why } of leftOut) {
      stdout.write(`${printable(`${upstream}: left out ${field}: ${why}`)}\n`);
    }
    if (others > 0) stdout.write(`${upstream}: not in it: ${notReads[kind](others)}\n`);
  }
  const where = config === 'gateway.yaml' ? '' : ` --config ${toWord(config)}`;
  stdout.write(`the API key, shown only now, for the header x-api-key: ${start.key}\n`);
  stdout.write(`next: npx fieldgate check${where}, then npx fieldgate serve${where}\n`);
}

const counted = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? '' : 's'}`;

/** Describes the operations left out as not reads, and how to include them. */
const notReads = {
  graphql: (count: number) =>
    `${counted(count, 'mutation')}; name what you need of them, Mutation.name, and its input in rules`,
  openapi: (count: number) =>
    `${counted(count, 'operation')} by ${count === 1 ? 'another method' : 'other methods'} than GET; name what you need of them, Query.name: POST /path where one reads`,
};

/** Quotes a text as one word for a shell. */
const toWord = (text: string): string =>
  /^[\w./~@%+:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
