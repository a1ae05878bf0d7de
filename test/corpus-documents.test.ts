/** Where documents of others are missing, `npm run test:corpus` says which, and fails. */
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

it('tells all that is missing, and where it is looked for', async () => {
  const above = await realpath(await mkdtemp(join(tmpdir(), 'corpus-')));
  try {
    const copy = join(above, 'project');
    await mkdir(join(copy, 'test'), { recursive: true });
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
    const isTest = /\.test\.ts$/;
    await cp(join(root, 'test/corpus'), join(copy, 'test/corpus'), {
      recursive: true,
      filter: (file) => !isTest.test(file),
    });
    const test = "import { test } from 'vitest';\ntest('runs', () => undefined);\n";
    await writeFile(join(copy, 'test/corpus/some.test.ts'), test);
    await mkdir(join(above, 'shared/ocsf'), { recursive: true });
    await writeFile(join(above, 'shared/ocsf/validate.py'), '');
    const args = [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--config',
      'test/corpus/vitest.config.ts',
    ];
    const ran = await promisify(execFile)(process.execPath, args, {
      cwd: copy,
      env: { PATH: process.env.PATH, NO_COLOR: '1' },
    }).catch((error: { code: number; stdout: string; stderr: string }) => error);
    expect(ran).toMatchObject({ code: 1 });
    const said = ran.stdout + ran.stderr;
    expect(said).toContain(`${above}/shared/openapi/apideck-hris.yml`);
    expect(said).toContain(`${above}/shared/ocsf/ocsf-1.8.0.json`);
    expect(said).not.toContain('validate.py');
  } finally {
    await rm(above, { recursive: true });
  }
});
