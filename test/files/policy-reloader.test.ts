/** New policies are taken up whole or not at all, and a request never sees half of two sets. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createPolicyReloader, type PolicyChange } from '../../gateway/files/policy-reloader.ts';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

function rig(files: {
  digest: string | Error;
  load?: Error;
  until?: Promise<void>;
  report?: () => void;
}) {
  const changes: PolicyChange[] = [];
  const retired: string[] = [];
  let loads = 0;
  let lookByItself: () => void = () => undefined;
  const reloader = createPolicyReloader<string>({
    initial: { digest: 'a', value: 'policies a' },
    digest: async () => {
      if (files.digest instanceof Error) throw files.digest;
      return files.digest;
    },
    load: async () => {
      loads += 1;
      const found = { digest: String(files.digest), value: `policies ${files.digest}` };
      await files.until;
      if (files.load !== undefined) throw files.load;
      return found;
    },
    retire: (old) => retired.push(old),
    report(change) {
      changes.push(change);
      files.report?.();
    },
    everyMs: 1_000,
    looksPerRetry: 3,
    every: (_everyMs, run) => {
      lookByItself = run;
      return () => undefined;
    },
  });
  /** As the timer does. */
  const wait = async (looks: number): Promise<void> => {
    for (let count = 0; count < looks; count += 1) {
      lookByItself();
      await setImmediate();
    }
  };
  return { reloader, changes, retired, wait, loads: () => loads };
}

describe('the policies in use', () => {
  it('stay while the files stay', async () => {
    const { reloader, changes, loads } = rig({ digest: 'a' });
    await reloader.look();
    expect([reloader.current(), changes, loads()]).toEqual(['policies a', [], 0]);
  });

  it('follow the files, and the old ones are handed back', async () => {
    const files = { digest: 'b' };
    const { reloader, changes, retired } = rig(files);
    await reloader.look();
    expect([reloader.current(), retired]).toEqual(['policies b', ['policies a']]);
    expect(changes).toEqual([{ kind: 'reloaded', from: 'a', to: 'b', problems: [] }]);
  });

  it.each([
    {
      name: 'files that do not load',
      files: { digest: 'b', load: new Error('x:1:1 no\ny:2:2 no') },
      to: 'b',
      lines: 2,
    },
    {
      name: 'files that cannot be read',
      files: { digest: new Error('gone') },
      to: undefined,
      lines: 1,
    },
  ])('stay with $name, complained of once', async ({ files, to, lines }) => {
    const { reloader, changes, wait } = rig(files);
    await wait(10);
    expect(reloader.current()).toBe('policies a');
    expect(changes).toHaveLength(1);
    expect(changes[0]).toMatchObject({ kind: 'failed', from: 'a', to });
    expect(changes[0]?.problems).toHaveLength(lines);
  });

  it('are taken up once they are mended', async () => {
    const files: { digest: string; load?: Error } = { digest: 'b', load: new Error('no') };
    const { reloader, changes } = rig(files);
    await reloader.look();
    files.digest = 'c';
    delete files.load;
    await reloader.look();
    expect(changes.map(({ kind, to }) => [kind, to])).toEqual([
      ['failed', 'b'],
      ['reloaded', 'c'],
    ]);
    expect(reloader.current()).toBe('policies c');
  });

  it('are taken up once what they need is there, though they are as they were', async () => {
    const files: { digest: string; load?: Error } = { digest: 'b', load: new Error('no list') };
    const { reloader, changes, wait, loads } = rig(files);
    await wait(3);
    expect([loads(), changes.length]).toEqual([1, 1]);
    delete files.load;
    await wait(1);
    expect(reloader.current()).toBe('policies b');
    expect(changes.map(({ kind }) => kind)).toEqual(['failed', 'reloaded']);
  });

  it('are tried at once when asked for, and complained of again', async () => {
    const files: { digest: string; load?: Error } = { digest: 'b', load: new Error('no list') };
    const { reloader, changes, wait } = rig(files);
    await wait(1);
    await reloader.look();
    expect(changes.map(({ kind }) => kind)).toEqual(['failed', 'failed']);
    delete files.load;
    await reloader.look();
    expect(reloader.current()).toBe('policies b');
  });

  it('are complained of anew for another problem, or once they were away', async () => {
    const files: { digest: string; load?: Error } = { digest: 'b', load: new Error('no list') };
    const { changes, wait } = rig(files);
    await wait(1);
    files.load = new Error('no schema');
    await wait(3);
    expect(changes.map(({ problems }) => problems)).toEqual([['no list'], ['no schema']]);
    files.digest = 'a';
    await wait(1);
    files.digest = 'b';
    await wait(1);
    expect(changes.map(({ kind }) => kind)).toEqual(['failed', 'failed', 'reloaded', 'failed']);
  });

  it.each(['by itself', 'when asked'])(
    'say once that a bad set was taken back, %s',
    async (how) => {
      const files: { digest: string; load?: Error } = { digest: 'b', load: new Error('no') };
      const { reloader, changes, retired, wait } = rig(files);
      await wait(1);
      files.digest = 'a';
      await (how === 'by itself' ? wait(1) : reloader.look());
      await wait(2);
      expect(changes.slice(1)).toEqual([{ kind: 'reloaded', from: 'a', to: 'a', problems: [] }]);
      expect([reloader.current(), retired]).toEqual(['policies a', []]);
    },
  );

  it('change no more once closed', async () => {
    const files = { digest: 'b' };
    const { reloader } = rig(files);
    reloader.close();
    await reloader.look();
    expect(reloader.current()).toBe('policies a');
  });

  it('that do not load any more once closed are no news', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { reloader, changes } = rig({ digest: 'b', load: new Error('closed'), until: promise });
    const looked = reloader.look();
    await setImmediate();
    reloader.close();
    resolve();
    await looked;
    expect(changes).toEqual([]);
  });

  it.each([undefined, new Error('no')])('go on where nobody takes the news (%s)', async (load) => {
    const report = () => {
      throw new Error('no reader');
    };
    const files: Parameters<typeof rig>[0] = { digest: 'b', report, ...(load && { load }) };
    const { reloader, changes, retired } = rig(files);
    await reloader.look().catch(() => undefined);
    files.digest = 'c';
    delete files.load;
    delete files.report;
    await reloader.look();
    expect(reloader.current()).toBe('policies c');
    expect(retired).toEqual(load ? ['policies a'] : ['policies a', 'policies b']);
    expect(changes.map(({ kind }) => kind)).toEqual([load ? 'failed' : 'reloaded', 'reloaded']);
  });

  it('are looked at once more where somebody asks while they are loaded', async () => {
    const loaded = Promise.withResolvers<void>();
    const files = { digest: 'b', until: loaded.promise };
    const { reloader, changes } = rig(files);
    const first = reloader.look();
    await setImmediate();
    files.digest = 'c';
    const second = reloader.look();
    loaded.resolve();
    await Promise.all([first, second]);
    expect(reloader.current()).toBe('policies c');
    expect(changes.map(({ to }) => to)).toEqual(['b', 'c']);
  });

  it('are handed back at once where they were loaded for nobody any more', async () => {
    const loaded = Promise.withResolvers<void>();
    const { reloader, changes, retired } = rig({ digest: 'b', until: loaded.promise });
    const looking = reloader.look();
    await setImmediate();
    reloader.close();
    loaded.resolve();
    await looking;
    expect([reloader.current(), retired]).toEqual(['policies a', ['policies b']]);
    expect(changes).toEqual([]);
  });
});

describe('a served gateway', () => {
  it('closes and opens a field by its policy file, and keeps the old policies where a file is bad', async () => {
    await using upstream = await disposable(
      await playUpstream((_request, response) => {
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({ data: { person: { id: '1', name: 'A', ssn: '900-11-1111' } } }),
        );
      }),
    );
    await using gateway = await serveFiles(smallFiles(upstream.url));
    const file = join(gateway.directory, 'policies/access/staff.yaml');
    const open =
      smallFiles('')['policies/access/staff.yaml']?.replace('{ scopes: [ssn] }', 'everyone') ?? '';
    const ask = async () => {
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: '{ person(id: "1") { name ssn } }' }),
      });
      return JSON.stringify(await response.json());
    };
    expect(await ask()).not.toMatch(/900-\d\d-/);
    await writeFile(file, open);
    await gateway.reload();
    expect(await ask()).toContain('900-');
    await writeFile(file, `${open}\n  - name: broken\n    felds: {}\n`);
    await gateway.reload();
    expect(await ask()).toContain('900-');
    await writeFile(file, smallFiles('')['policies/access/staff.yaml'] ?? '');
    await gateway.reload();
    expect(await ask()).not.toMatch(/900-\d\d-/);
    const kinds = gateway.lines
      .map(({ kind }) => kind)
      .filter((kind) => String(kind).startsWith('policy'));
    expect(kinds).toEqual(['policy-reloaded', 'policy-reload-failed', 'policy-reloaded']);
  });
});

async function disposable<T extends { close(): Promise<void> }>(one: T) {
  return { ...one, [Symbol.asyncDispose]: () => one.close() };
}
