/**
 * Shares a look-up among all callers that ask for the same name while it is in progress. The system
 * resolves a few names at a time, and a name whose servers are silent takes ten seconds or more:
 * one look-up per call would delay all other names for minutes, and keep the process from exiting.
 */
import type { LookupAddress, LookupOptions } from 'node:dns';

/** Like `lookup` of node:dns; gives all addresses, whatever the options say. */
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
      for (const deliver of all) {
        try {
          deliver(error, addresses);
        } catch (fault) {
          // Reported as an unhandled rejection, so that the other callers still get the answer.
          void Promise.reject(fault);
        }
      }
    };
    try {
      resolve(hostname, answer, options);
    } catch (error) {
      // Removed, or later callers would wait for an answer that never comes.
      waiting.delete(question);
      throw error;
    }
  };
}
