/** One GraphQL request and its answer, for what is not measured. */
import { request } from 'undici';
import type { Contender } from './contender.ts';
import type { Site } from './site.ts';
import type { Workload } from './workload.ts';

export interface Asked {
  readonly status: number;
  readonly body: unknown;
}

/** Throws where there is no answer, or none in JSON. */
export async function ask(
  url: string,
  { contender, workload, count, site }: Question,
): Promise<Asked> {
  if (contender.dialect === undefined) throw new Error(`${contender.name} takes no GraphQL`);
  const token = site.tokens[count % site.tokens.length] ?? '';
  const { statusCode, body } = await request(url, {
    method: 'POST',
    headersTimeout: 20_000,
    bodyTimeout: 20_000,
    headers: {
      'content-type': 'application/json',
      ...(contender.isSecured && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(workload.ask(count, contender.dialect)),
  });
  return { status: statusCode, body: JSON.parse(await body.text()) };
}

export interface Question {
  readonly contender: Contender;
  readonly workload: Workload;
  readonly count: number;
  readonly site: Site;
}
