/**
 * Subscriptions: a server opens the upstream's stream first and asks its rules at each event.
 * Until they are built they are refused clearly, before anything is sent.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { type QueryOptions, testGateway } from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query { me: ID }
  type Subscription { paid: Pay }
  type Pay { salary: Int }
`;
const hr = played(sdl, { me: '1', paid: { salary: 7777 } });
const gateway = await testGateway({
  upstreams: { hr },
  rules: `
version: 1
rules:
  - { name: open, fields: { Query: [me] }, allow: everyone }
`,
});
const subscription = 'subscription { paid { salary } }';

beforeEach(() => {
  gateway.requests.length = 0;
  gateway.records.length = 0;
});

describe('a subscription', () => {
  it('reaches the upstream of the obvious gateway though it is denied', async () => {
    const sent: string[] = [];
    const open = obvious({
      upstreams: {
        hr: {
          sdl,
          answer: (request) => {
            sent.push(request.query);
            return hr.answer(request);
          },
        },
      },
      rules: ({ scope }) => ({ Subscription: { paid: scope('pay') } }),
    });
    await open.query(subscription);
    expect(sent.join()).toContain('subscription');
  });

  const stream = { headers: { accept: 'text/event-stream, application/json' } };
  const both = `query Q { me } ${subscription.replace(' {', ' S {')}`;
  const cases: { name: string; given: string; about?: QueryOptions }[] = [
    { name: 'alone', given: subscription },
    { name: 'for a stream of events', given: subscription, about: stream },
    { name: 'by a caller with every scope', given: subscription, about: { as: { scopes: ['*'] } } },
    { name: 'picked by name', given: both, about: { operationName: 'S' } },
    { name: 'beside a query', given: both, about: { operationName: 'Q' } },
    { name: 'two roots', given: 'subscription { a: paid { salary } b: paid { salary } }' },
    { name: 'of a field that is not there', given: 'subscription { celery }' },
    {
      name: 'in fragments',
      given: 'subscription { ...F } fragment F on Subscription { __typename }',
    },
  ];
  it.each(cases)('is refused, and nothing is sent: $name', async ({ given, about }) => {
    const { status, body } = await gateway.query(given, about);
    expect(status).toBe(400);
    expect(body.errors?.map((error) => error.extensions.code)).toEqual([
      'SUBSCRIPTIONS_NOT_SUPPORTED',
    ]);
    expect(gateway.records.map((record) => record.refusal?.reason)).toEqual([
      'limits/subscription',
    ]);
    expect(gateway.requests).toEqual([]);
  });

  it('is not in the schema', async () => {
    const { body } = await gateway.query('{ __schema { subscriptionType { name } } }');
    expect(body.data).toEqual({ __schema: { subscriptionType: null } });
  });

  it('by GET is refused too', async () => {
    const search = new URLSearchParams({ query: subscription }).toString();
    expect((await gateway.send({ method: 'GET', search })).status).toBe(400);
    expect(gateway.requests).toEqual([]);
  });
});
