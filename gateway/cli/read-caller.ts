/**
 * Reads the caller described by `--as`: `anonymous`, the claims of a verified token, or the short
 * form of policy cases (`scopes`, `roles`, `claims`, `client`). Nothing is verified: the operator
 * states what a token would hold.
 */
import { readFile } from 'node:fs/promises';
import type { IdentityConfig } from '../config.ts';
import { systemCode } from '../files/system-error.ts';
import { createAnonymousCaller, toCaller } from '../identify/to-caller.ts';
import { isJsonObject, type JsonObject } from '../json-value.ts';
import type { Caller } from '../request.ts';

type Names = Parameters<typeof toCaller>[1];

/** The text itself, or the content of the file in `@FILE`; throws Error naming the option. */
export async function readArgument(text: string, option: string): Promise<string> {
  if (!text.startsWith('@')) return text;
  const file = text.slice(1);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`${option}: cannot read ${file} (${systemCode(error)})`, { cause: error });
  }
}

const jsonForms: Readonly<Record<string, string>> = {
  '--as': `claims such as '{"scope":"hr:read"}', anonymous`,
  '--variables': `an object such as '{"id":"1001"}'`,
};

/** Reads a JSON object from an option; throws Error naming the option. */
export async function readJsonArgument(text: string, option: string): Promise<JsonObject> {
  const json = await readArgument(text, option);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new Error(`${option} is not JSON: write ${jsonForms[option] ?? 'an object'}, or @FILE`, {
      cause: error,
    });
  }
  if (!isJsonObject(value)) throw new Error(`${option} must be a JSON object`);
  return value;
}

/**
 * The caller described by `--as`. Without it the anonymous caller, if the configuration admits
 * those; throws Error if it does not, or if the description is invalid.
 */
export async function readCaller(
  as: string | undefined,
  identity: IdentityConfig,
): Promise<Caller> {
  if (as === undefined && identity.anonymous === 'refuse') {
    throw new Error(
      '--as is missing, and this configuration refuses anonymous callers: claims as JSON, or @FILE',
    );
  }
  if (as === undefined || as === 'anonymous') return createAnonymousCaller();
  const given = await readJsonArgument(as, '--as');
  const names = toNames(identity, given.iss);
  return isCase(given, names) ? readCase(given, names) : readClaims(given, names);
}

/** The caller of a policy case; anonymous if the case describes none. */
export function readCaseCaller(
  given: {
    readonly scopes?: readonly string[] | undefined;
    readonly roles?: readonly string[] | undefined;
    readonly claims?: JsonObject | undefined;
    readonly client?: string | undefined;
  },
  identity: IdentityConfig,
): Caller {
  const said = Object.entries(given).filter(
    ([key, value]) => Object.hasOwn(caseKeys, key) && value !== undefined,
  );
  if (said.length === 0) return createAnonymousCaller();
  return readCase(Object.fromEntries(said), toNames(identity, given.claims?.iss));
}

/** Whether the gateway admits the caller at all. */
export function isLetIn(caller: Caller, { anonymous }: IdentityConfig): boolean {
  return caller.kind !== 'anonymous' || anonymous === 'allow';
}

/** Claim names of the issuer in the claims, or of the first one configured. */
function toNames({ jwt, introspection }: IdentityConfig, named: unknown): Names {
  const all = [...jwt, ...introspection];
  const {
    issuer = '',
    scopes = 'scope',
    roles = 'roles',
    client = 'azp',
    may,
    leewayMs = 0,
  } = all.find((one) => one.issuer === named) ?? all[0] ?? {};
  return { issuer, scopes, roles, client, may, leewayMs };
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');
const isText = (value: unknown): value is string => typeof value === 'string';

const caseKeys: Readonly<Record<string, (value: unknown) => boolean>> = {
  scopes: isTexts,
  roles: isTexts,
  claims: isJsonObject,
  client: isText,
};

/** Claims of tokens that the short form does not use. */
const registered = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti'];

function isCase(given: JsonObject, names: Names): boolean {
  const configured = [names.scopes, names.roles, names.client];
  if (registered.some((claim) => Object.hasOwn(given, claim))) return false;
  return Object.entries(caseKeys).some(
    ([key, fits]) => Object.hasOwn(given, key) && !configured.includes(key) && fits(given[key]),
  );
}

function readCase(given: JsonObject, names: Names): Caller {
  for (const [key, value] of Object.entries(given)) {
    const fits = Object.hasOwn(caseKeys, key) ? caseKeys[key] : undefined;
    if (fits === undefined) throw new Error(`--as: "${key}" belongs under "claims"`);
    if (!fits(value)) throw new Error(`--as: "${key}" has the wrong form`);
  }
  const { scopes, roles, client, claims } = given;
  const caller = readClaims(isJsonObject(claims) ? claims : {}, names);
  return Object.freeze({
    ...caller,
    ...(isTexts(scopes) && { scopes: new Set(scopes) }),
    ...(isTexts(roles) && { roles: new Set(roles) }),
    ...(isText(client) && { client }),
  });
}

function readClaims(claims: JsonObject, names: Names): Caller {
  const { exp } = claims;
  const expiresAt = typeof exp === 'number' ? exp : Number.MAX_SAFE_INTEGER;
  return toCaller({ claims, expiresAt, credentialHash: 'none' }, names);
}
