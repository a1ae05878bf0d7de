/**
 * Whoever looks a name up while it is being looked up waits for the same answer. The system looks up
 * two names at a time: a name whose servers are silent takes ten seconds and more, and as many
 * look-ups of it as there are calls would keep all other names waiting for minutes, and a process
 * that ends from ending.
 */
import type { LookupAddress, LookupOptions } from 'node:dns';

/** As node:dns's `lookup`; all addresses, whatever the options ask for. */
export type Resolve = (
  hostname: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
  options: LookupOptions,
) => void;

type Done = Parameters<Resolve>[1];

export function shareLookups(resolve: Resolve): Resolve {
  const waiting = new Map<string, Done[]>();
  return (hostname, done, options) => {
    const { family, hints, order } = options;
    const question = JSON.stringify([hostname, family, hints, order]);
    const asked = waiting.get(question);
    if (asked !== undefined) {
      asked.push(done);
      return;
    }
    const all = [done];
    waiting.set(question, all);
    const answer: Done = (error, addresses) => {
      waiting.delete(question);
      for (const one of all) {
        try {
          one(error, addresses);
        } catch (fault) {
          // It is told, and keeps nobody behind it waiting.
          void Promise.reject(fault);
        }
      }
    };
    try {
      resolve(hostname, answer, options);
    } catch (error) {
      // Nobody would ever answer who waits for it.
      waiting.delete(question);
      throw error;
    }
  };
}
