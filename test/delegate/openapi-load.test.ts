/** Loading: formats, versions, references, and errors that name the file. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadOpenApi } from '../../gateway/delegate/openapi/load-openapi.ts';
import { translateOpenApi } from '../../gateway/delegate/openapi/translate-openapi.ts';

let directory = '';
beforeAll(async () => {
  const base = await mkdtemp(join(tmpdir(), 'fieldgate openapi-'));
  directory = join(base, 'api');
  await mkdir(directory);
  await writeFile(
    join(base, 'outside.yaml'),
    'type: object\nproperties: { secret: { type: string } }\n',
  );
  await writeFile(
    join(directory, 'inside.yaml'),
    'type: object\nproperties: { name: { type: string } }\n',
  );
  await symlink(join(base, 'outside.yaml'), join(directory, 'link.yaml'));
});
afterAll(async () => {
  await rm(join(directory, '..'), { recursive: true });
});

async function write(name: string, text: string): Promise<string> {
  const file = join(directory, name);
  await writeFile(file, text);
  return file;
}

function yaml(schema: string, version = '3.1.0'): string {
  return `openapi: ${version}
info: { title: t, version: '1' }
paths:
  /thing:
    get:
      responses:
        '200':
          description: ok
          content: { application/json: { schema: ${schema} } }
components:
  schemas:
    Tree:
      type: object
      properties:
        up: { $ref: '#/components/schemas/Tree' }
        down: { type: array, items: { $ref: '#/components/schemas/Tree', description: below } }
`;
}

async function linesOf(file: string): Promise<string[]> {
  const document = await loadOpenApi(file);
  const { schema } = translateOpenApi({ upstream: 'u', document, operations: 'all' });
  return printSchema(schema)
    .split('\n')
    .map((line) => line.trim());
}

describe('loads', () => {
  test.each(['3.0.3', '3.1.0'])(
    'OpenAPI %s with a schema that contains itself',
    async (version) => {
      const file = await write('tree.yaml', yaml("{ $ref: '#/components/schemas/Tree' }", version));
      const lines = await linesOf(file);
      expect(lines).toEqual(expect.arrayContaining(['thing: Tree', 'up: Tree', 'down: [Tree]']));
      expect(lines.filter((line) => line.startsWith('type '))).toEqual([
        'type Query {',
        'type Tree {',
      ]);
    },
  );

  test('brackets that close at the column of the key that they belong to', async () => {
    const example = 'x-example:\n  value:\n    {\n      "name": "Ada"\n  }\n';
    const schema = "{ $ref: 'inside.yaml' }";
    const file = await write('brackets.yaml', `${example}${yaml(schema)}`);
    expect(await linesOf(file)).toContain('name: String');
  });

  test('those in a document of many keys, and none where one stands twice', async () => {
    const example = 'x-example:\n  value:\n    {\n      "name": "Ada"\n  }\n';
    const keys = Array.from({ length: 20_000 }, (_, at) => `  k${at}: ${at}\n`).join('');
    const document = `${example}${yaml("{ $ref: 'inside.yaml' }")}\nx-many:\n${keys}`;
    expect(await linesOf(await write('many.yaml', document))).toContain('name: String');
    const twice = await write('twice.yaml', `${document}  k7: 8\n`);
    await expect(linesOf(twice)).rejects.toThrow('not YAML');
    const spelled = await write('spelled.yaml', `${document}x-two: { 200: 1, "200": 2 }\n`);
    await expect(linesOf(spelled)).rejects.toThrow('not YAML');
  });

  test('JSON, and a file beside the document', async () => {
    const schema = { $ref: './inside.yaml' };
    const responses = { 200: { description: 'ok', content: { 'application/json': { schema } } } };
    const paths = { '/thing': { get: { responses } } };
    const text = JSON.stringify({ openapi: '3.1.0', info: { title: 't', version: '1' }, paths });
    expect(await linesOf(await write('api.json', text))).toContain('name: String');
  });
});

describe('a default that is', () => {
  const bomb = Array.from({ length: 12 }, (_, level) => {
    const inner = Array.from({ length: 8 }, () => `*l${level}`).join(', ');
    return `x-l${level + 1}: &l${level + 1} [${inner}]`;
  });
  const above = ['x-l0: &l0 [1, 2]', ...bomb, 'x-own: &own [*own]'].join('\n');
  const cases = [
    { name: 'a text', given: 'open', expect: 'the service takes "open".' },
    { name: 'a list', given: '*l0', expect: 'the service takes [1,2].' },
    {
      name: 'small until it is written',
      given: '*l12',
      expect: 'the service takes what it likes.',
    },
    { name: 'in itself', given: '*own', expect: 'the service takes what it likes.' },
  ];
  test.each(cases)('$name', async ({ name, given, expect: wanted }) => {
    const parameter = `{ name: state, in: query, schema: { type: string, default: ${given} } }`;
    const answers = "{ '200': { content: { application/json: { schema: { type: string } } } } }";
    const text = `${above}
openapi: 3.1.0
paths: { /thing: { get: { parameters: [${parameter}], responses: ${answers} } } }
`;
    const document = await loadOpenApi(await write(`${name.replaceAll(' ', '-')}.yaml`, text));
    const { schema } = translateOpenApi({ upstream: 'u', document, operations: 'all' });
    const [argument] = schema.getQueryType()?.getFields().thing?.args ?? [];
    expect(argument?.description).toContain(wanted);
  });
});

describe('refuses, naming the file', () => {
  const cases = [
    { name: 'no such file', given: undefined, expect: /ENOENT/ },
    {
      name: 'a URL elsewhere',
      given: yaml("{ $ref: 'http://openapi.invalid/a.yaml' }"),
      expect: /only files/,
    },
    { name: 'no YAML', given: 'a: [', expect: /./ },
    { name: 'an empty file', given: '', expect: /./ },
    { name: 'a list', given: '- 1', expect: /./ },
    { name: 'Swagger 1', given: 'swagger: "1.2"\npaths: {}\n', expect: /1\.2/ },
    { name: 'another document', given: 'asyncapi: 3.0.0\n', expect: /neither/ },
    { name: 'OpenAPI 4', given: yaml('{}', '4.0.0'), expect: /4\.0\.0/ },
    {
      name: 'paths that are a list',
      given: 'openapi: 3.1.0\npaths: [/a]\n',
      expect: /paths/,
    },
    {
      name: 'a reference to a file that is not there',
      given: yaml("{ $ref: './none.yaml' }"),
      expect: /none\.yaml.*ENOENT/,
    },
    { name: 'a file outside', given: yaml("{ $ref: '../outside.yaml' }"), expect: /directory/ },
    {
      name: 'a link to a file outside',
      given: yaml("{ $ref: './link.yaml' }"),
      expect: /directory/,
    },
    {
      name: 'an encoded way outside',
      given: yaml("{ $ref: '%2e%2e/outside.yaml' }"),
      expect: /directory/,
    },
    { name: 'an absolute file', given: yaml("{ $ref: '/etc/hostname' }"), expect: /directory/ },
  ];
  test.each(cases)('$name', async ({ name, given, expect: message }) => {
    const base = `${name.replaceAll(' ', '-')}.yaml`;
    const file = given === undefined ? join(directory, base) : await write(base, given);
    const error = await loadOpenApi(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toContain(base);
    expect(String(error)).toMatch(message);
  });

  test('a URL, without asking for it', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.end('type: object\nproperties: { remote: { type: string } }\n');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const file = await write('url.yaml', yaml(`{ $ref: 'http://127.0.0.1:${port}/a.yaml' }`));
    const error = await loadOpenApi(file).catch((thrown: unknown) => thrown);
    await new Promise((resolve) => server.close(resolve));
    expect(String(error)).toMatch(/url\.yaml/);
    expect(asked).toBe(0);
  });
});
