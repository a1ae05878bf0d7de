/**
 * Parses the address of the store: `redis://`, `rediss://`, a list of these for Redis Cluster, or
 * `sentinel://host:port,host:port/name`. Messages name the mistake and never quote the text, which
 * may hold a password.
 */

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

export interface RedisLogin {
  readonly username?: string;
  readonly password?: string;
}

export type RedisAddress =
  | {
      readonly kind: 'single';
      readonly node: RedisNode;
      readonly login: RedisLogin;
      readonly tls: boolean;
      readonly db: number;
    }
  | {
      readonly kind: 'cluster';
      readonly nodes: readonly RedisNode[];
      readonly login: RedisLogin;
      readonly tls: boolean;
    }
  | {
      readonly kind: 'sentinel';
      readonly sentinels: readonly RedisNode[];
      readonly name: string;
      readonly login: RedisLogin;
    };

type Single = Extract<RedisAddress, { kind: 'single' }>;

/** Throws TypeError if it is no such address. */
export function parseRedisAddress(urls: string | readonly string[]): RedisAddress {
  if (typeof urls !== 'string') return parseCluster(urls);
  return urls.startsWith('sentinel://') ? parseSentinel(urls) : parseSingle(urls);
}

function parseSingle(text: string): Single {
  const url = readUrl(text);
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    throw new TypeError('the store must begin with redis://, rediss:// or sentinel://');
  }
  if (url.search !== '' || url.hash !== '') {
    throw new TypeError('the address of the store takes no query and no fragment');
  }
  const db = /^\/?(\d{0,4})$/.exec(url.pathname)?.[1];
  if (db === undefined)
    throw new TypeError('the path of the store must be the number of a database');
  return {
    kind: 'single',
    node: toNode(url),
    login: toLogin(url),
    tls: url.protocol === 'rediss:',
    db: Number(db),
  };
}

function parseCluster(urls: readonly string[]): RedisAddress {
  const all = urls.map(parseSingle);
  const [first] = all;
  if (first === undefined) throw new TypeError('the list of the store needs at least one address');
  const isLikeFirst = ({ tls, db, login }: Single) =>
    tls === first.tls && db === 0 && JSON.stringify(login) === JSON.stringify(first.login);
  if (!all.every(isLikeFirst)) {
    throw new TypeError(
      'all addresses of a cluster must share scheme and login, and name no database',
    );
  }
  const { login, tls } = first;
  return { kind: 'cluster', nodes: all.map(({ node }) => node), login, tls };
}

function parseSentinel(text: string): RedisAddress {
  const [, login = '', hosts = '', name = ''] =
    /^sentinel:\/\/(?:([^@/]*)@)?([^@/]+)\/([\w.-]+)$/.exec(text) ?? [];
  if (name === '') {
    throw new TypeError('a sentinel store must read sentinel://host:port,host:port/name');
  }
  const at = login === '' ? '' : `${login}@`;
  const urls = hosts.split(',').map((host) => readUrl(`redis://${at}${host}`));
  const [first] = urls;
  return {
    kind: 'sentinel',
    name,
    sentinels: urls.map((url) => toNode(url, 26_379)),
    login: first === undefined ? {} : toLogin(first),
  };
}

function readUrl(text: string): URL {
  if (!URL.canParse(text)) throw new TypeError('the address of the store is no URL');
  return new URL(text);
}

function toNode(url: URL, port = 6379): RedisNode {
  if (url.hostname === '') throw new TypeError('the address of the store names no host');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { host, port: url.port === '' ? port : Number(url.port) };
}

function toLogin(url: URL): RedisLogin {
  const [username, password] = [decode(url.username), decode(url.password)];
  return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // The original error would quote the text.
    throw new TypeError('the login of the store is not percent-encoded');
  }
}
