import type { Served } from './served.ts';

/**
 * Asks the graph of `smallFiles` for a person, as the caller at the address `from`; the name, where
 * there is one. What a busy machine sheds is asked again, as its 503 says.
 */
export async function askPerson(
  gateway: Served,
  id: string,
  from: string,
): Promise<string | undefined> {
  for (;;) {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
      body: JSON.stringify({ query: `{ person(id: "${id}") { name } }` }),
    });
    const body = await response.json();
    if (response.status !== 503) return body.data?.person?.name;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
