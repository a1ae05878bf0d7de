/**
 * Reads a page of ours strictly: balanced, quoted, of known elements and attributes alone, without
 * comments and scripts. Throws for anything else, so whatever a name smuggles in is found.
 */

export interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Page {
  readonly tags: readonly Tag[];
  /** By row, the texts of its cells and heads. */
  readonly cells: readonly (readonly string[])[];
  readonly style: string;
  readonly text: string;
}

const plain = ['h1', 'h2', 'p', 'code', 'ol', 'li', 'dl', 'dt', 'dd', 'b', 'small'];

/** Everything that the page may consist of. */
const known: Readonly<Record<string, readonly string[]>> = {
  html: ['lang', 'data-fieldgate'],
  head: [],
  meta: ['charset', 'name', 'content', 'http-equiv'],
  title: [],
  style: [],
  body: [],
  ...Object.fromEntries(plain.map((name) => [name, []])),
  div: ['class'],
  table: [],
  thead: [],
  tbody: [],
  tr: ['class'],
  th: ['scope', 'colspan'],
  td: ['class', 'title'],
};
const hasNoEnd = ['meta'];
const start = '<!doctype html>\n';

export function readPage(page: string): Page {
  if (!page.startsWith(start)) throw new Error('no doctype');
  const reader = new Reader();
  for (const token of page.slice(start.length).match(/<[^>]*>|[^<]+/g) ?? []) reader.read(token);
  reader.end();
  return reader;
}

class Reader implements Page {
  readonly tags: Tag[] = [];
  readonly cells: string[][] = [];
  style = '';
  text = '';
  readonly #open: string[] = [];

  read(token: string): void {
    if (!token.startsWith('<')) this.#say(token);
    else if (token.startsWith('</')) this.#close(token);
    else this.#begin(token);
  }

  end(): void {
    if (this.#open.length > 0) throw new Error(`${this.#open.join()} not closed`);
  }

  #say(token: string): void {
    if (this.#open.at(-1) === 'style') {
      this.style += token;
      return;
    }
    const said = toPlain(token);
    this.text += said;
    const row = this.cells.at(-1);
    if (this.#open.includes('td') || this.#open.includes('th'))
      row?.push(`${row.pop() ?? ''}${said}`);
  }

  #close(token: string): void {
    if (`</${this.#open.pop()}>` !== token) throw new Error(`${token} closes nothing`);
  }

  #begin(token: string): void {
    const [, name = '', written = ''] =
      /^<([a-z0-9]+)((?: [a-z-]+="[^"<>]*")*)>$/.exec(token) ?? [];
    const allowed = known[name];
    if (allowed === undefined) throw new Error(`unknown: ${token}`);
    const attributes = Object.fromEntries(
      [...written.matchAll(/ ([a-z-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => {
        if (!allowed.includes(key)) throw new Error(`unknown: ${token}`);
        return [key, toPlain(value)];
      }),
    );
    this.tags.push({ name, attributes });
    if (name === 'tr') this.cells.push([]);
    if (name === 'td' || name === 'th') this.cells.at(-1)?.push('');
    if (!hasNoEnd.includes(name)) this.#open.push(name);
  }
}

const signs: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/** The page writes these references alone. */
function toPlain(text: string): string {
  return text.replace(/&[^;\s]*;?/g, (reference) => {
    const sign = signs[reference];
    if (sign === undefined) throw new Error(`unknown: ${reference}`);
    return sign;
  });
}
