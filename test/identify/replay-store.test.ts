/** Used proofs are remembered for as long as they could come again, and never more than fit. */
import { expect, it } from 'vitest';
import { createReplayStore } from '../../gateway/identify/replay-store.ts';

const keepMs = 1_000;

function open(entriesMax = 100, entriesPerGroupMax = 100) {
  let nowMs = 5_000;
  const proofs = createReplayStore(keepMs, () => nowMs, { entriesMax, entriesPerGroupMax });
  const store = {
    take: (id: string, group: string, issuedAtMs = nowMs) => proofs.take({ id, group, issuedAtMs }),
    size: () => proofs.size,
  };
  const at = (ms: number): void => {
    nowMs = 5_000 + ms;
  };
  return { store, at };
}

it.each([0, 1, 999, 1_000])('a proof cannot come again %d ms later', (ms) => {
  for (const takenAt of [0, 400, 999]) {
    const { store, at } = open();
    at(takenAt);
    store.take('proof', 'key');
    at(takenAt + ms);
    expect(store.take('proof', 'key')).toBe('replayed');
  }
});

it('a proof that nobody could use any more is forgotten, whatever came between', () => {
  const { store, at } = open();
  store.take('proof', 'key');
  at(1_000);
  store.take('other', 'key');
  at(2_000);
  expect(store.take('proof', 'key')).toBe('new');
  at(4_000);
  expect(store.take('third', 'key')).toBe('new');
  expect(store.size()).toBe(1);
});

it.each([
  { name: 'one after the other', turns: [1_000, 2_000] },
  { name: 'at once', turns: [2_000] },
])('generations forgotten $name refuse all that is as old', ({ turns }) => {
  const { store, at } = open();
  store.take('older', 'key', 100);
  store.take('proof', 'key', 200);
  for (const ms of turns) {
    at(ms);
    store.take(`at ${ms}`, 'key', 300);
  }
  expect(['proof', 'older', 'other'].map((id) => store.take(id, 'key', 200))).toEqual(
    Array(3).fill('replayed'),
  );
  expect(store.take('other', 'key', 201)).toBe('new');
});

it('what one key takes in a generation and the next is counted together', () => {
  const { store, at } = open(100, 3);
  expect(['a', 'b'].map((proof) => store.take(proof, 'key'))).toEqual(['new', 'new']);
  at(1_000);
  expect(['c', 'd'].map((proof) => store.take(proof, 'key'))).toEqual(['new', 'full']);
  expect(store.take('d', 'another')).toBe('new');
  at(2_000);
  expect(['e', 'f', 'g'].map((proof) => store.take(proof, 'key'))).toEqual(['new', 'new', 'full']);
});

it('what all keys take in a generation and the next is counted together', () => {
  const { store, at } = open(3, 2);
  expect(['a', 'b'].map((proof) => store.take(proof, proof))).toEqual(['new', 'new']);
  at(1_000);
  expect(['c', 'd'].map((proof) => store.take(proof, proof))).toEqual(['new', 'full']);
  expect([store.take('a', 'a'), store.size()]).toEqual(['replayed', 3]);
});
