/**
 * The direction of imports: main → cli → the spine → rooms → what is shared. No room imports
 * another; nothing imports upwards; only named files touch the outside world.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../gateway/', import.meta.url));

const rooms = [
  'identify',
  'admit',
  'limits',
  'authorize',
  'rates',
  'delegate',
  'engine',
  'compiled',
  'shape',
  'detect',
  'watch',
  'console',
];

/** Folders that rooms share; they import no room and nothing that puts rooms together. */
const shared = ['conditions', 'plan', 'graph', 'files', 'addresses', 'time', 'caches'];

/** Files and folders that put rooms together; rooms never import them. */
const spine = [
  'gateway.ts',
  'walk/',
  'graph.ts',
  'open-store.ts',
  'open-upstream.ts',
  'snapshot/',
  'http/',
  'cli/',
  'main.ts',
  'config.ts',
  'config/',
];

/** The contract between executors and transport is what engines are handed as context. */
const sharedContracts = ['delegate/upstream.ts'];

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort();

const imports: Import[] = files.flatMap((from) => {
  const text = readFileSync(join(root, from), 'utf8');
  const targets = [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(
    (match) => match[1] ?? '',
  );
  return targets.map((target) => ({ from, to: relative(root, join(root, dirname(from), target)) }));
});

const roomOf = (file: string): string | undefined =>
  rooms.find((room) => file.startsWith(`${room}/`));

const isShared = (file: string): boolean => shared.some((folder) => file.startsWith(`${folder}/`));

const isSpine = (file: string): boolean =>
  spine.some((part) => (part.endsWith('/') ? file.startsWith(part) : file === part));

const offenders = (isWrong: (one: Import) => boolean): string[] =>
  imports.filter(isWrong).map(({ from, to }) => `${from} imports ${to}`);

describe('the direction of imports', () => {
  it('finds the files it judges', () => {
    expect(files).toContain('gateway.ts');
    expect(imports.length).toBeGreaterThan(100);
  });

  it('no room imports another room', () => {
    const wrong = offenders(({ from, to }) => {
      const [mine, theirs] = [roomOf(from), roomOf(to)];
      if (mine === undefined || theirs === undefined || mine === theirs) return false;
      return !sharedContracts.includes(to);
    });
    expect(wrong).toEqual([]);
  });

  it('no room imports the spine, a command or the process edge', () => {
    const wrong = offenders(({ from, to }) => roomOf(from) !== undefined && isSpine(to));
    expect(wrong).toEqual([]);
  });

  it('what rooms share imports no room and nothing of the spine', () => {
    const wrong = offenders(
      ({ from, to }) =>
        isShared(from) &&
        (isSpine(to) || (roomOf(to) !== undefined && !sharedContracts.includes(to))),
    );
    expect(wrong).toEqual([]);
  });

  it('nothing but the process edge and the commands imports a command', () => {
    const wrong = offenders(
      ({ from, to }) => to.startsWith('cli/') && from !== 'main.ts' && !from.startsWith('cli/'),
    );
    expect(wrong).toEqual([]);
  });

  it('there are no import cycles between files', () => {
    expect(findCycle()).toBeUndefined();
  });

  it('imports name their file, with .ts', () => {
    const wrong = offenders(({ to }) => !to.endsWith('.ts') && to !== '../package.json');
    expect(wrong).toEqual([]);
  });
});

describe('the outside world', () => {
  it('the command starts where env takes no options, as in small containers', () => {
    const [first] = readFileSync(join(root, 'main.ts'), 'utf8').split('\n');
    expect(first).toBe('#!/usr/bin/env node');
  });

  it('only the process edge touches process', () => {
    const wrong = files.filter(
      (file) =>
        // A lock names its holder, and asks whether one is still there.
        // A process of its own hears its orders from the one that started it.
        ![
          'main.ts',
          'watch/audit-log/lock-file.ts',
          'watch/audit-log/search/search-process.ts',
        ].includes(file) && /(?<!-)\bprocess\.|'node:process'/.test(withoutComments(file)),
    );
    expect(wrong).toEqual([]);
  });

  it('only named files open sockets or read files', () => {
    const io =
      /from '(?:node:(?:fs|fs\/promises|net|http|https|tls|dns|child_process|cluster)|undici)'/;
    const allowed = [
      'http/admin.ts',
      'http/client-certificate.ts',
      'console/page-files.ts',
      'cli/audit/audit-source.ts',
      'cli/audit/audit-verify.ts',
      'cli/demo/demo-ports.ts',
      'cli/demo/demo-tokens.ts',
      'cli/diff.ts',
      'cli/init.ts',
      'cli/matrix/matrix-file.ts',
      'cli/audit/open-audit.ts',
      'cli/read-caller.ts',
      'cli/serve/serve-graphiql.ts',
      'delegate/transport/connector.ts',
      'delegate/graphql/read-sdl.ts',
      'delegate/transport/oauth-endpoint.ts',
      'delegate/transport/plain-connector.ts',
      'delegate/transport/ending-certificates.ts',
      'delegate/transport/read-tls.ts',
      'delegate/replace-file.ts',
      'delegate/openapi/document/read-sources.ts',
      'delegate/transport/base-url.ts',
      'delegate/transport/transport.ts',
      'delegate/transport/transport-exchange.ts',
      'identify/outbound.ts',
      'addresses/guarded-lookup.ts',
      'addresses/shared-lookup.ts',
      'identify/read-keys.ts',
      'http/answer-bytes.ts',
      'http/connection-room.ts',
      'http/connection-shares.ts',
      'http/hold-back.ts',
      'snapshot/policy-digest.ts',
      'files/make-folder.ts',
      'files/policy-folder.ts',
      'files/read-file.ts',
      'http/server.ts',
      'http/exchange-headers.ts',
      'http/exchange-means.ts',
      'http/owed-answers.ts',
      'http/socket-exchange.ts',
      'http/unread-request.ts',
      'http/request-listener.ts',
      'http/answer-unread.ts',
      'workers/worker-link.ts',
      'workers/fork-worker.ts',
      'workers/handed-over.ts',
      'cli/serve/serve-workers.ts',
      'watch/audit-log/append-file.ts',
      'watch/audit-log/lock-file.ts',
      'watch/audit-log/log-writer.ts',
      'watch/audit-log/read-anchors.ts',
      'watch/audit-log/orphan-notes.ts',
      'watch/audit-log/read-segment.ts',
      'watch/audit-log/recover.ts',
      'watch/audit-log/search/search-log.ts',
      'watch/audit-log/segment-keeper.ts',
      'watch/audit-log/segment-start.ts',
      'watch/audit-log/signing-key.ts',
      'watch/audit-log/verify-log.ts',
      'watch/subject-keys-file.ts',
      'files/yaml-source.ts',
      'watch/alerts/post-alert.ts',
      'watch/forward/cursor-file.ts',
      'watch/forward/dead-letters.ts',
      'watch/forward/post-otlp.ts',
      'watch/forward/segment-source.ts',
    ];
    const wrong = files.filter((file) => !allowed.includes(file) && io.test(withoutComments(file)));
    expect(wrong).toEqual([]);
  });

  it('no clock or chance inside the rooms that decide', () => {
    const pure = files.filter((file) => /^(authorize|limits|shape|admit|detect)\//.test(file));
    const wrong = pure.filter((file) =>
      /Date\.now|Math\.random|performance\.now/.test(withoutComments(file)),
    );
    expect(wrong).toEqual([]);
  });
});

function withoutComments(file: string): string {
  return readFileSync(join(root, file), 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '');
}

/** Type imports count too: two files that need each other's types are one thing in two files. */
function findCycle(): string | undefined {
  const targets = new Map<string, string[]>();
  for (const { from, to } of imports) targets.set(from, [...(targets.get(from) ?? []), to]);
  const done = new Set<string>();
  const visit = (file: string, above: readonly string[]): string | undefined => {
    if (above.includes(file)) return [...above.slice(above.indexOf(file)), file].join(' -> ');
    if (done.has(file)) return undefined;
    done.add(file);
    for (const next of targets.get(file) ?? []) {
      const found = visit(next, [...above, file]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  for (const file of files) {
    const found = visit(file, []);
    if (found !== undefined) return found;
  }
  return undefined;
}
