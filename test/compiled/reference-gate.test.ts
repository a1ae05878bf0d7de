/** Who takes the slow road: bounded in all, and nobody waits behind all that somebody else has sent. */
import { describe, expect, it } from 'vitest';
import { createReferenceGate } from '../../gateway/compiled/reference-gate.ts';

const never = new AbortController().signal;

/** Enters without waiting for the turn; what came of it is added to `entered` when it comes. */
function rig(runningMax: number) {
  const gate = createReferenceGate(runningMax);
  const entered: string[] = [];
  const refused: string[] = [];
  const enter = async (caller: string, signal = never): Promise<void> => {
    const refusal = await gate.enter(signal, caller);
    if (refusal === undefined) entered.push(caller);
    else refused.push(`${caller} ${refusal.reason}`);
  };
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  return { gate, entered, refused, enter, turn };
}

describe('the gate of the reference engine', () => {
  it('lets so many run, as many wait, and refuses the rest', async () => {
    const { gate, entered, refused, enter, turn } = rig(2);
    for (const caller of ['a', 'b', 'c', 'd', 'e']) void enter(caller);
    await turn();
    expect(entered).toEqual(['a', 'b']);
    expect(refused).toEqual(['e limits/reference-busy']);
    expect(gate.sizes()).toEqual({ running: 2, waiting: 2 });
    gate.leave('a');
    gate.leave('b');
    await turn();
    expect(entered).toEqual(['a', 'b', 'c', 'd']);
    gate.leave('c');
    gate.leave('d');
    expect(gate.sizes()).toEqual({ running: 0, waiting: 0 });
  });

  it('gives the next turn to a caller who has nothing running, and keeps room for others to wait', async () => {
    const { gate, entered, refused, enter, turn } = rig(4);
    for (let nth = 0; nth < 8; nth += 1) void enter('flood');
    await turn();
    expect(entered).toEqual(['flood', 'flood', 'flood', 'flood']);
    expect(refused).toHaveLength(2);
    void enter('other');
    await turn();
    gate.leave('flood');
    await turn();
    expect(entered.slice(4)).toEqual(['other']);
    gate.leave('other');
    await turn();
    expect(entered.slice(5)).toEqual(['flood']);
  });

  it('gives no turn to who has left', async () => {
    const { gate, entered, refused, enter, turn } = rig(1);
    void enter('a');
    const gone = new AbortController();
    void enter('b', gone.signal);
    await turn();
    gone.abort();
    await turn();
    expect(refused).toEqual(['b limits/reference-busy']);
    void enter('c');
    await turn();
    gate.leave('a');
    await turn();
    expect(entered).toEqual(['a', 'c']);
  });
});
