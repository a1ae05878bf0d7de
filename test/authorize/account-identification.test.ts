/** Accounts that are identified by `Identification`, as Open Banking and ISO 20022 have it. */
import { GraphQLBoolean, GraphQLString } from 'graphql';
import { expect, it } from 'vitest';
import { judgePlace } from '../../gateway/authorize/sensitive/judge-place.ts';

const openBanking =
  'Identification assigned by an institution to identify an account. This identification is known by the account owner.';
const cases: readonly {
  owner: string;
  name: string;
  description?: string;
  expect: string | undefined;
}[] = [
  { owner: 'OBCashAccount5', name: 'Identification', expect: 'medium' },
  { owner: 'DebtorAccount', name: 'SecondaryIdentification', expect: 'medium' },
  { owner: 'Party', name: 'Identification', description: openBanking, expect: 'medium' },
  { owner: 'CreditorAccount', name: 'Identification', description: openBanking, expect: 'high' },
  // Another name, another owner, another account.
  { owner: 'DebtorAccount', name: 'id', expect: undefined },
  { owner: 'DebtorAccount', name: 'accountIdentifier', expect: undefined },
  { owner: 'DebtorAccount', name: 'IdentificationType', expect: undefined },
  { owner: 'Merchant', name: 'Identification', expect: undefined },
  { owner: 'Accounting', name: 'Identification', expect: undefined },
  {
    owner: 'CardInstrument',
    name: 'Identification',
    description: 'Identification of the terminal. It is known by the account owner.',
    expect: undefined,
  },
];
it.each(cases)('$owner.$name: $expect', ({ expect: confidence, ...place }) => {
  const about = { description: undefined, hints: undefined, ...place };
  const judged = judgePlace({ ...about, type: GraphQLString });
  expect([judged?.class, judged?.confidence]).toEqual([confidence && 'banking', confidence]);
  expect(judgePlace({ ...about, type: GraphQLBoolean })).toBeUndefined();
});
