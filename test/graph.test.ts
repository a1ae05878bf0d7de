/** What a reload of the policies asks of the hosts of OpenAPI documents. */
import { fileURLToPath } from 'node:url';
import { printSchema } from 'graphql';
import { expect, it } from 'vitest';
import { loadOpenApi } from '../gateway/delegate/openapi/load-openapi.ts';
import { translateOpenApi } from '../gateway/delegate/openapi/translate-openapi.ts';
import { createDocumentReader } from '../gateway/graph.ts';

it('a document of a URL is read once, that of a file each time; a failure is not kept', async () => {
  const asked: string[] = [];
  let isDown = true;
  const read = createDocumentReader(async (source) => {
    asked.push(source);
    if (isDown) throw new Error('down');
    return { paths: {}, version: asked.length };
  });
  const url = 'https://docs.example.com/hr.yaml';
  await expect(read(url)).rejects.toThrow('down');
  isDown = false;
  const first = await read(url);
  isDown = true;
  expect(await read(url)).toBe(first);
  await expect(read('hr.yaml')).rejects.toThrow('down');
  expect(asked).toEqual([url, url, 'hr.yaml']);
});

it('a document that is kept is translated the same each time', async () => {
  const file = fileURLToPath(new URL('./cases/openapi-traps.yaml', import.meta.url));
  const document = await loadOpenApi(file);
  const [first, second] = [1, 2].map(() => {
    const { schema, report } = translateOpenApi({ upstream: 'a', document, operations: 'all' });
    return { sdl: printSchema(schema), report };
  });
  expect(second).toEqual(first);
});
