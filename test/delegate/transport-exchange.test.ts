/** An exchange ends once, whatever is reported of it afterwards. */
import { expect, it } from 'vitest';
import { Exchange } from '../../gateway/delegate/transport/transport-exchange.ts';

class Counted extends Exchange {
  readonly ends: (string | undefined)[] = [];

  protected override settled(failure: { why: string } | undefined): void {
    this.ends.push(failure?.why);
  }
}

const controller = {} as Parameters<Exchange['onResponseError']>[0];
const open = (): Counted => new Counted({ upstream: 'up', responseBytesMax: 10 });

it('with its answer', async () => {
  const exchange = open();
  exchange.onResponseEnd();
  exchange.stop('timeout');
  exchange.onResponseError(controller, new Error('late'));
  expect(await exchange.answer).toMatchObject({ body: '' });
  expect(exchange.ends).toEqual([undefined]);
});

it('with its failure', async () => {
  const exchange = open();
  exchange.stop('timeout');
  exchange.onResponseEnd();
  exchange.onResponseError(controller, new Error('late'));
  await expect(exchange.answer).rejects.toMatchObject({ why: 'timeout' });
  expect(exchange.ends).toEqual(['timeout']);
});
