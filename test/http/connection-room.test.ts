/** How many connections there is room for, by what the system says of files. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readConnectionRoom } from '../../gateway/http/connection-room.ts';

const cases = [
  { name: 'few files', soft: '1024', room: { connections: 512, files: 1024 } },
  { name: 'an odd number of them', soft: '129', room: { connections: 64, files: 129 } },
  { name: 'one too few', soft: '19999', room: { connections: 9_999, files: 19_999 } },
  { name: 'enough', soft: '20000', room: { connections: 10_000 } },
  { name: 'as many as it likes', soft: 'unlimited', room: { connections: 10_000 } },
];

it.each(cases)('$name', async ({ soft, room }) => {
  const directory = await mkdtemp(join(tmpdir(), 'fieldgate-limits-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const file = join(directory, 'limits');
  const lines = [
    'Limit                     Soft Limit           Hard Limit           Units     ',
    'Max processes             127                  127                  processes ',
    `Max open files            ${soft.padEnd(20)} 524288               files     `,
    'Max locked memory         8388608              8388608              bytes     ',
  ];
  await writeFile(file, lines.join('\n'));
  expect(await readConnectionRoom(file)).toEqual(room);
});

it('where the system does not say', async () => {
  expect(await readConnectionRoom(join(tmpdir(), 'no', 'such'))).toEqual({ connections: 10_000 });
});
