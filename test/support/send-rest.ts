/** What becomes of an operation whose variable `rest` holds names of the caller's choice. */
import type { TestGateway } from './gateway.ts';

type About = NonNullable<Parameters<TestGateway['query']>[1]>;

/** Asks, ends the gateway, and gives what its services were sent and the codes of its errors. */
export async function sendRest(
  opening: Promise<TestGateway>,
  text: string,
  { rest, as }: { rest: object } & Pick<About, 'as'>,
) {
  const gateway = await opening;
  const { body } = await gateway.query(text, { variables: { rest }, ...(as && { as }) });
  await gateway.close();
  const sent = gateway.requests.map(({ query }) => query);
  return { sent, codes: body.errors?.map((one) => one.extensions.code) };
}
